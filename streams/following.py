"""A topic of one partition, folded from its beginning and then followed, for as long as one runs.

Definitions and the catalogue are kept like that: every process holds the whole fold, and two folds
that have come to one offset are equal.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from streams.consumer import Reader
from streams.errors import BrokerAwayError, RetryError
from streams.positions import Beginning
from streams.records import Received

IDLE_READ_MS: Final = 500
"""A read that nothing answers ends after this; a record is seen as soon as it is there."""

FETCH_WAIT_MS: Final = 100
"""A change of a definition can wait that long; every process follows, and what asks more often
costs the embedded broker more."""

AWAY_PAUSE_S: Final = 1.0
"""Between two tries while no broker answers: what is folded so far stays in use."""

TURN_RECORDS: Final = 500
"""Folded at a time, some 5 ms: an import of a whole catalogue must not stop everything else."""


class NotFoldedError(RetryError):
    """The fold did not reach the offset in time; what was appended may hold nevertheless."""

    def __init__(self, *, topic: str, offset: int, reached: int) -> None:
        super().__init__(f"{topic}: folded up to {reached}, not yet to {offset}")
        self.code = f"{topic}_behind"
        self.topic = topic
        self.offset = offset
        self.reached = reached


class Follower:
    """Reads for a fold, which takes each record once and in order, unreadable ones too."""

    def __init__(
        self,
        *,
        brokers: str,
        topic: str,
        fold: Callable[[Received], None],
        between: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Take `fold`, and what is to happen `between` two reads."""
        self._topic = topic
        self._fold = fold
        self._between = between
        self._reached = -1
        self._reader = Reader(brokers=brokers, fetch_wait_ms=FETCH_WAIT_MS)
        self._moved = asyncio.Condition()
        self._following: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Fold what stands in the topic now, then follow what comes after.

        Raises:
            BrokerAwayError: the end was not reached.
            CrashError: there is no such topic.
        """
        try:
            await self._reader.assign_topics([self._topic], start=Beginning())
            async for records in self._reader.read_to_end(max_records=TURN_RECORDS):
                self._take(records)
                await asyncio.sleep(0)
        except BaseException:
            await self._reader.close()
            raise
        self._following = asyncio.create_task(self._follow(), name=self._topic)

    async def close(self) -> None:
        """Stop; the fold stays as it is."""
        if self._following is not None:
            self._following.cancel()
            await asyncio.wait([self._following])
        await self._reader.close()

    async def failed(self) -> None:
        """Wait for the follower to fail, which is for good: an entry point awaits this and dies.

        Raises:
            CrashError: the topic is gone, or was made anew.
        """
        if self._following is None:
            raise RuntimeError(f"nobody follows {self._topic}")
        await asyncio.shield(self._following)

    async def reach(self, offset: int, *, timeout_ms: int) -> None:
        """Wait until the record at `offset` is folded.

        Raises:
            NotFoldedError: not in time.
        """
        try:
            async with asyncio.timeout(timeout_ms / 1000), self._moved:
                await self._moved.wait_for(lambda: self._reached >= offset)
        except TimeoutError as error:
            raise NotFoldedError(topic=self._topic, offset=offset, reached=self._reached) from error

    async def _follow(self) -> None:
        while True:
            if self._between is not None:
                await self._between()
            try:
                records = await self._reader.read(max_records=TURN_RECORDS, timeout_ms=IDLE_READ_MS)
            except BrokerAwayError:
                await asyncio.sleep(AWAY_PAUSE_S)
                continue
            if not records:
                continue
            async with self._moved:
                self._take(records)
                self._moved.notify_all()

    def _take(self, records: list[Received]) -> None:
        for record in records:
            self._fold(record)
            self._reached = record.offset
