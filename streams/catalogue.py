"""The catalogue, followed: the whole log folded from its beginning, as `streams.definitions` is.

Whoever opens it with a producer also keeps the log true. The newest word of a product by its own
time stands, while compaction keeps the last one of the log: where these differ, the true one is
appended again.
"""

import asyncio
from types import TracebackType
from typing import Self

import msgspec

from engine.catalogue import items
from engine.catalogue.shelf import Catalogue, Shelf
from engine.events import CategoryListed, Listed
from streams import topics, wire
from streams.errors import ProduceError
from streams.following import AWAY_PAUSE_S, Follower
from streams.producer import Producer
from streams.records import Received, Record


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
        self._follower = Follower(
            brokers=brokers, topic=topic, fold=self._fold, between=self._keep_true
        )

    @property
    def current(self) -> Catalogue:
        """The newest fold."""
        return self._shelf.at(self._shelf.offset)

    async def __aenter__(self) -> Self:
        await self._follower.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._follower.close()

    async def failed(self) -> None:
        """Wait for the follower to fail; see `Follower.failed`."""
        await self._follower.failed()

    async def folded_to(self, offset: int, *, timeout_ms: int | None = None) -> Catalogue:
        """Wait until the fold has reached `offset`, and give it as it stood there.

        Raises:
            NotFoldedError: not in time.
        """
        waited_ms = self._timeout_ms if timeout_ms is None else timeout_ms
        await self._follower.reach(offset, timeout_ms=waited_ms)
        return self._shelf.at(offset)

    def _fold(self, record: Received) -> None:
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
