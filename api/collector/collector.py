"""The way of a request: key, body, messages, Kafka, answer."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api import telemetry
from api.collector import bodies, credentials, sorting
from api.collector.credentials import Key, Keys
from api.collector.rules import Rules
from api.collector.sorting import Arrive, Refusal, Sorted
from api.collector.submissions import Submission
from api.errors import ProblemError
from engine.errors import Flaw
from engine.intake.arrivals import Origin
from streams.errors import FatalProduceError, ProduceError, QueueFullError
from streams.producer import Producer
from streams.records import Record

RETRY_S: Final = 1
"""After a broker that did not answer or a full queue: both pass quickly, or not at all."""

FULL_RETRY_S: Final = 30
"""After "full": somebody has to make room first."""

FLAWS_MAX: Final = 100
"""Told of a strict request; a client that has more wrong has one thing wrong."""

SUCCESS: Final = b'{"success":true}'

OPEN: Final = Rules()


class Intake(msgspec.Struct, frozen=True, kw_only=True):
    """What one path takes."""

    read: Callable[[bytes], Submission]
    arrive: Arrive
    max_bytes: int
    is_secret: bool = False


class Collector:
    """Answers 200 when Kafka has acknowledged all of a request, and never otherwise."""

    def __init__(
        self,
        *,
        producer: Producer,
        keys: Keys,
        acknowledge_timeout_ms: int,
        now: Callable[[], int],
        is_full: Callable[[], bool],
        public_url: str = "",
        rules: Rules = OPEN,
        region: Callable[[], str | None] = lambda: None,
    ) -> None:
        """Put it together.

        Args:
            producer: Appends to the log.
            keys: Who may send.
            acknowledge_timeout_ms: How long an answer waits for Kafka.
            now: Gives epoch ms.
            is_full: Says that nothing more can be kept at present.
            public_url: Where trackers find us; empty: where they asked.
            rules: What keys may do beyond sending.
            region: Of phone numbers written without a country, as the settings say now.
        """
        self.keys = keys
        self.rules = rules
        self.public_url = public_url
        self._producer = producer
        self._acknowledge_timeout_s = acknowledge_timeout_ms / 1000
        self._now = now
        self._is_full = is_full
        self._region = region

    async def collect(self, request: Request, intake: Intake) -> Response:
        """Take a request.

        Raises:
            ProblemError: 400, 401, 403, 408, 413, 415 or 429, nothing was kept; 503, nothing is
                promised: the same body again is harmless.
        """
        if self._is_full():
            raise ProblemError(
                503, "full", "the log is full at present", headers=_retry_after(FULL_RETRY_S)
            )
        key = self._key_of_headers(request, intake)
        body = await bodies.read(request, max_bytes=intake.max_bytes)
        received_at = self._now()
        submission = intake.read(body)
        if key is None:
            key = self.keys.check(submission.key, is_secret=intake.is_secret)
            self.rules.check_key(request, key, now=received_at)
        origin = _origin(
            submission, key=key, body=body, received_at=received_at, region=self._region()
        )
        found = await sorting.sort(submission, origin=origin, arrive=intake.arrive)
        if found.refusals and request.query_params.get("strict") == "1":
            raise _strict(found)
        await self._append(found.records)
        _count(found)
        return _answer(submission, found)

    def _key_of_headers(self, request: Request, intake: Intake) -> Key | None:
        """Refuse a wrong key, or too many requests, before the body is read."""
        given = credentials.from_headers(request.headers)
        known = None if given is None else self.keys.find(given)
        # A back office is one address, and known; guessing at keys is what addresses are held to.
        if known is None or not known.is_secret:
            self.rules.check_address(request, now=self._now())
        if given is None:
            return None
        key = self.keys.check(given, is_secret=intake.is_secret)
        self.rules.check_key(request, key, now=self._now())
        return key

    async def _append(self, records: Sequence[Record]) -> None:
        try:
            delivery = self._producer.hand_over(records)
            async with asyncio.timeout(self._acknowledge_timeout_s):
                await delivery.acknowledged()
        except QueueFullError as error:
            raise _unavailable(error.code, "too much waits to be written", records) from error
        except (ProduceError, FatalProduceError, TimeoutError) as error:
            raise _unavailable("not_acknowledged", "Kafka did not answer", records) from error


def _origin(
    submission: Submission, *, key: Key, body: bytes, received_at: int, region: str | None
) -> Origin:
    digest = hashlib.sha256(key.value.encode() + b"\0")
    digest.update(body)
    return Origin(
        source=key.name,
        is_trusted=key.is_secret,
        received_at=received_at,
        seed=digest.hexdigest(),
        sent_at=submission.sent_at,
        context=submission.context,
        region=region,
    )


def _strict(found: Sorted) -> ProblemError:
    first = found.refusals[0]
    return ProblemError(
        400,
        first.code,
        f"{len(found.refusals)} of {len(found.records)} messages refused, nothing kept; "
        f"the first: {first.message}",
        flaws=[
            Flaw(path=refusal.path, message=f"{refusal.code}: {refusal.message}")
            for refusal in found.refusals[:FLAWS_MAX]
        ],
    )


def _unavailable(code: str, message: str, records: Sequence[Record]) -> ProblemError:
    telemetry.COLLECTED.labels("unavailable").inc(len(records))
    return ProblemError(503, code, message, headers=_retry_after(RETRY_S))


def _retry_after(seconds: int) -> dict[str, str]:
    return {"retry-after": str(seconds)}


def _count(found: Sorted) -> None:
    refused_count = len(found.refusals)
    telemetry.COLLECTED.labels("accepted").inc(len(found.records) - refused_count)
    if refused_count:
        telemetry.COLLECTED.labels("rejected").inc(refused_count)
        _count_codes(found.refusals)


def _count_codes(refusals: Sequence[Refusal]) -> None:
    for refusal in refusals:
        telemetry.REJECTIONS.labels(refusal.code).inc()


def _answer(submission: Submission, found: Sorted) -> Response:
    """Trackers compare with these words; two of them resend after any other 2xx than 200."""
    body = SUCCESS
    if submission.is_batch and found.refusals:
        body = b'{"success":true,"rejected":%d}' % len(found.refusals)
    return Response(body, media_type="application/json")
