"""The catalogue, followed: the whole log folded from its beginning, as `streams.definitions` is.

Whoever opens it with a producer also keeps the log true. The newest word of a product by its own
time stands, while compaction keeps the last one of the log: where these differ, the true one is
appended again.
"""

import asyncio
from types import TracebackType
from typing import Final, Self

import msgspec

from engine.catalogue import items
from engine.catalogue.shelf import Catalogue, Shelf
from engine.events import CategoryListed, Listed
from streams import topics, wire
from streams.consumer import Reader
from streams.definitions import AWAY_PAUSE_S, IDLE_READ_MS, NotFoldedError
from streams.errors import BrokerAwayError, ProduceError
from streams.positions import Beginning
from streams.producer import Producer
from streams.records import Received, Record

TURN_RECORDS: Final = 500
"""Folded at a time, some 5 ms: an import of a whole catalogue must not stop everything else."""


class CatalogueLog:
    """Opened, it holds everything that stood in the log then, and follows what comes after."""

    def __init__(
        self,
        *,
        brokers: str,
        producer: Producer | None = None,
        timeout_ms: int = 5_000,
        topic: str = topics.CATALOGUE.name,
    ) -> None:
        self.undecodable_count = 0
        self._shelf = Shelf()
        self._producer = producer
        self._topic = topic
        self._timeout_ms = timeout_ms
        self._reader = Reader(brokers=brokers)
        self._moved = asyncio.Condition()
        self._following: asyncio.Task[None] | None = None

    @property
    def current(self) -> Catalogue:
        """The newest fold."""
        return self._shelf.at(self._shelf.offset)

    async def __aenter__(self) -> Self:
        try:
            await self._reader.assign_topics([self._topic], start=Beginning())
            async for records in self._reader.read_to_end():
                self._fold(records)
                await asyncio.sleep(0)
        except BaseException:
            await self._reader.close()
            raise
        self._following = asyncio.create_task(self._follow(), name="catalogue")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
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
            raise RuntimeError("the catalogue's log is not open")
        await asyncio.shield(self._following)

    async def folded_to(self, offset: int, *, timeout_ms: int | None = None) -> Catalogue:
        """Wait until the fold has reached `offset`, and give it as it stood there.

        Raises:
            NotFoldedError: not in time.
        """
        timeout_s = (self._timeout_ms if timeout_ms is None else timeout_ms) / 1000
        try:
            async with asyncio.timeout(timeout_s), self._moved:
                await self._moved.wait_for(lambda: self._shelf.offset >= offset)
        except TimeoutError as error:
            raise NotFoldedError(offset=offset, reached=self._shelf.offset) from error
        return self._shelf.at(offset)

    async def _follow(self) -> None:
        while True:
            await self._keep_true()
            try:
                records = await self._reader.read(max_records=TURN_RECORDS, timeout_ms=IDLE_READ_MS)
            except BrokerAwayError:
                await asyncio.sleep(AWAY_PAUSE_S)
                continue
            if not records:
                continue
            async with self._moved:
                self._fold(records)
                self._moved.notify_all()

    def _fold(self, records: list[Received]) -> None:
        for record in records:
            listed = wire.decode_listed(record.value)
            if listed is None:
                self.undecodable_count += 1
            self._shelf.apply(listed, offset=record.offset)

    async def _keep_true(self) -> None:
        """Append again what compaction would lose; not acknowledged, it is tried with the next."""
        if self._producer is None:
            return
        outvoted = self._shelf.outvoted()
        if not outvoted:
            return
        try:
            await self._producer.deliver([self._record_of(listed) for listed in outvoted])
        except ProduceError:
            await asyncio.sleep(AWAY_PAUSE_S)

    def _record_of(self, listed: Listed) -> Record:
        if isinstance(listed, CategoryListed):
            key = items.category_key(listed.category_id)
        else:
            key = items.product_key(listed.product_id)
        return msgspec.structs.replace(wire.record_of(key, listed), topic=self._topic)
