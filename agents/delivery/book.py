"""The ledger as a courier uses it: ask, write, and know that it is written."""

from collections.abc import Callable
from typing import Final

import msgspec
import structlog

from agents import telemetry
from agents.delivery.decisions import Close, Decision
from agents.delivery.jobs import Job
from agents.delivery.ledger import Ledger
from agents.delivery.tail import Tail
from engine.sends import Rendered, Send, SendState
from streams import topics
from streams.producer import Producer
from streams.records import Record

REASON_MAX_CHARS: Final = 500
"""Of what a provider said; some answer with a page."""

_encode: Final = msgspec.json.Encoder().encode

log = structlog.get_logger(__name__)


class Book:
    """One process's way to `sends`, and to the topics that hear of it."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        tail: Tail,
        producer: Producer,
        clock: Callable[[], int],
        writer: str,
    ) -> None:
        self._ledger = ledger
        self._tail = tail
        self._producer = producer
        self._clock = clock
        self._writer = writer

    def decision(self, job: Job, *, is_certain: bool) -> Decision:
        """Ask what may happen next."""
        return self._ledger.decide(
            job.message, logged_at=job.logged_at, now=self._clock(), is_certain=is_certain
        )

    async def enter(
        self,
        job: Job,
        state: SendState,
        *,
        attempt: int,
        provider: str,
        code: str | None = None,
        reason: str | None = None,
        rendered: Rendered | None = None,
    ) -> None:
        """Append an entry, and wait until the ledger has it with all before it.

        Raises:
            ProduceError: it may stand in the log or not: the process must end.
            FatalProduceError: the same, for good.
        """
        message = job.message
        send = Send(
            id=message.id,
            attempt=attempt,
            state=state,
            at=self._clock(),
            customer=message.customer,
            channel=message.channel,
            campaign=message.campaign,
            version=message.version,
            step=message.step,
            template=message.template,
            writer=self._writer,
            provider=provider,
            code=code,
            reason=None if reason is None else reason[:REASON_MAX_CHARS],
            rendered=rendered,
        )
        record = Record(topic=topics.SENDS.name, key=job.key, value=_encode(send))
        [place] = await self._producer.deliver([record])
        telemetry.SENDS.labels(provider, state).inc()
        if state in {"failed", "in_doubt"}:
            log.warning("message_not_sent", message_id=message.id, state=state, code=code)
        await self._tail.reached(place)

    async def close(self, job: Job, close: Close, *, provider: str) -> None:
        """Append the end of an attempt that nothing was sent for; errors as `enter`."""
        await self.enter(
            job,
            close.state,
            attempt=close.attempt,
            provider=provider,
            code=close.code,
            reason=close.reason,
        )

    async def append(self, *records: Record) -> None:
        """Tell others; errors as `enter`."""
        await self._producer.deliver(records)
