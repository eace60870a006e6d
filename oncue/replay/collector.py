"""A collector as its clients see it: one connection, one batch at a time, sent until answered."""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

import httpx
import msgspec

from oncue.replay.errors import CollectorAwayError, WrongKeyError, WrongUrlError
from oncue.replay.tally import Tally

PATIENCE_S: Final = 60.0
"""How long one batch is tried: longer than a restart of the collector, shorter than a coffee."""

TIMEOUT_S: Final = 30.0
"""Of one request. A collector answers 503 after 5 s by itself."""

_BACKOFF_S: Final = (0.1, 0.2, 0.5, 1.0, 2.0)
_WRONG_KEY: Final = frozenset({401, 403})
_WRONG_PLACE: Final = frozenset({301, 302, 303, 307, 308, 404, 405, 410})


class _Answer(msgspec.Struct, frozen=True, kw_only=True):
    success: bool
    rejected: int = 0


class Collector:
    """Batches go in the order they are given, so events of one customer stay in order."""

    def __init__(
        self, url: str, *, key: str, path: str = "/v1/batch", patience_s: float = PATIENCE_S
    ) -> None:
        self._address = url.rstrip("/") + path
        self._patience_s = patience_s
        self._was_reached = False
        # The environment's proxies are none of our business: the collector is usually next door.
        self._client = httpx.AsyncClient(
            auth=(key, ""),
            timeout=TIMEOUT_S,
            limits=httpx.Limits(max_connections=1),
            trust_env=False,
            headers={"content-type": "application/json"},
        )

    async def close(self) -> None:
        """Close the connection."""
        await self._client.aclose()

    async def greet(self, tally: Tally) -> None:
        """Send a batch of nothing: address and key are right, or it is told before anything is.

        Raises:
            ReplayError: they are not.
        """
        await self.post([], tally)

    async def post(self, messages: Sequence[bytes], tally: Tally) -> None:
        """Send a batch until it is answered; again is harmless, since every message has an id.

        Raises:
            ReplayError: it cannot be sent, now or ever.
        """
        body = b'{"batch":[' + b",".join(messages) + b"]}"
        began_s, patience_s, attempt = time.monotonic(), self._patience_s, 0
        while True:
            response = await self._try(body, tally)
            if response is not None and not _is_later(response):
                self._count(response, len(messages), tally)
                return
            asked_s = None if response is None else _retry_after_s(response)
            wait_s = _BACKOFF_S[min(attempt, len(_BACKOFF_S) - 1)] if asked_s is None else asked_s
            # A collector that asks for minutes gets them once, and then one more answer.
            patience_s = max(patience_s, wait_s + 1)
            if time.monotonic() - began_s + wait_s > patience_s:
                reason = f"gave up on {self._address} after {patience_s:.0f} s: {tally.problem}"
                raise CollectorAwayError(reason)
            attempt += 1
            tally.retries_count += 1
            await asyncio.sleep(wait_s)

    async def _try(self, body: bytes, tally: Tally) -> httpx.Response | None:
        """One attempt; None when the connection was lost, which is worth another."""
        try:
            response = await self._client.post(self._address, content=body)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise WrongUrlError(f"{self._address} is no address: {error}") from error
        except httpx.ConnectError as error:
            if not self._was_reached:
                raise CollectorAwayError(f"cannot reach {self._address}: {error}") from error
            tally.problem = f"cannot connect: {error}"
            return None
        except httpx.TransportError as error:
            self._was_reached = True
            tally.problem = f"connection lost: {error or type(error).__name__}"
            return None
        self._was_reached = True
        if _is_later(response):
            tally.problem = f"answered {response.status_code}"
        return response

    def _count(self, response: httpx.Response, messages_count: int, tally: Tally) -> None:
        status = response.status_code
        if status in _WRONG_KEY:
            raise WrongKeyError(f"{self._address} does not know this key ({status})")
        if status in _WRONG_PLACE:
            raise WrongUrlError(f"{self._address} is no collector ({status})")
        if status != httpx.codes.OK:
            tally.refused_count += messages_count
            tally.problem = f"answered {status}: {response.text[:200]}"
            return
        try:
            answer = msgspec.json.decode(response.content, type=_Answer)
        except msgspec.DecodeError as error:
            raise WrongUrlError(f"{self._address} does not answer as a collector does") from error
        tally.sent_count += messages_count
        tally.rejected_count += answer.rejected


def _is_later(response: httpx.Response) -> bool:
    return response.status_code == httpx.codes.TOO_MANY_REQUESTS or response.is_server_error


def _retry_after_s(response: httpx.Response) -> float | None:
    text = response.headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() else None
