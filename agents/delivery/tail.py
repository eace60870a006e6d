"""The ledger, followed: whoever appended to `sends` can wait until its record came back."""

import asyncio
import heapq
from collections import defaultdict
from collections.abc import Sequence
from types import TracebackType
from typing import Final, Self

import msgspec
import structlog

from agents.delivery.ledger import KEPT_MS, Ledger
from engine.sends import Send
from streams import topics, wire
from streams.consumer import Reader
from streams.errors import BrokerAwayError
from streams.positions import Since
from streams.records import Position, Received

AWAY_PAUSE_S: Final = 0.5
"""Between two tries while no broker answers; the reader reconnects by itself."""

_decode: Final = msgspec.json.Decoder(Send).decode

log = structlog.get_logger(__name__)


class Tail:
    """Opened, the ledger knows the last 7 days; `follow` keeps it up to the end of the log."""

    def __init__(self, *, brokers: str, ledger: Ledger, now: int) -> None:
        self._ledger = ledger
        self._reader = Reader(brokers=brokers)
        self._start = Since(logged_at=now - KEPT_MS)
        self._folded: dict[int, int] = {}
        self._waiting: defaultdict[int, list[tuple[int, int, asyncio.Future[None]]]]
        self._waiting = defaultdict(list)
        self._ticket = 0

    async def __aenter__(self) -> Self:
        try:
            await self._reader.assign_topics([topics.SENDS.name], start=self._start)
            async for records in self._reader.read_to_end():
                self._fold(records)
        except BaseException:
            await self._reader.close()
            raise
        log.info("ledger_read_back", messages=len(self._ledger.entries))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._reader.close()

    async def follow(self) -> None:
        """Fold what comes, until cancelled.

        Raises:
            CrashError: the ledger is gone, or was made anew.
        """
        while True:
            try:
                self._fold(await self._reader.read())
            except BrokerAwayError as error:
                log.warning("waiting", what="sends", code=error.code, reason=str(error))
                await asyncio.sleep(AWAY_PAUSE_S)

    async def reached(self, place: Position) -> None:
        """Wait until the record there, and all before it, is folded."""
        if self._folded.get(place.partition, -1) >= place.offset:
            return
        future = asyncio.get_running_loop().create_future()
        # The ticket keeps the heap from comparing futures.
        self._ticket += 1
        heapq.heappush(self._waiting[place.partition], (place.offset, self._ticket, future))
        await future

    def _fold(self, records: Sequence[Received]) -> None:
        for record in records:
            self._folded[record.partition] = record.offset
            try:
                send = _decode(record.value or b"")
            except wire.UNDECODABLE:
                # The sink makes a dead letter of it; to the ledger it says nothing.
                log.warning("undecodable", topic=record.topic, offset=record.offset)
                continue
            self._ledger.apply(send, logged_at=record.logged_at)
        for partition, waiting in self._waiting.items():
            while waiting and waiting[0][0] <= self._folded.get(partition, -1):
                future = heapq.heappop(waiting)[2]
                if not future.done():
                    future.set_result(None)
