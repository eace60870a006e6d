"""A collector on loopback for other makers' trackers, and what they bring to the log."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from engine.events import Identified, PageViewed, SourceEvent
from streams.admin import Admin
from streams.consumer import Reader
from streams.positions import End
from tests.integration.collector import serving
from tests.integration.collector.serving import Log
from tests.support.brokers import Broker
from tests.support.moods import Moody
from tests.support.waiting import eventually


class Collecting:
    """The address, the collector's bad days, and the events so far."""

    def __init__(self, *, url: str, moody: Moody, log: Log) -> None:
        self.url = url
        self.moody = moody
        self.repeated: list[str] = []
        """Ids that came again: the same event, since the worker knows them by it."""
        self._log = log
        self._found: dict[str, SourceEvent] = {}

    async def told(self, count: int, *, within_s: float = 10) -> list[SourceEvent]:
        """Wait until the log has so many events since the beginning; then all of them."""
        try:
            await eventually(lambda: self._has(count), within_s=within_s)
        except AssertionError as error:
            error.add_note(f"only {[shown(event) for event in self._found.values()]}")
            raise
        return list(self._found.values())

    async def _has(self, count: int) -> bool:
        for event in await self._log.events():
            assert isinstance(event, SourceEvent)
            if event.id in self._found:
                self.repeated.append(event.id)
            self._found.setdefault(event.id, event)
        return len(self._found) >= count


@asynccontextmanager
async def started(broker: Broker) -> AsyncIterator[Collecting]:
    """Serve a collector whose log is this broker."""
    address = broker.address
    await Admin(brokers=address).ensure_topics(partition_count=4)
    async with Reader(brokers=address) as reader, serving.collector(brokers=address) as served:
        await reader.assign_topics(["events", "dead-letters"], start=End())
        moody = Moody(served.app)
        async with serving.listening(moody) as port:
            yield Collecting(url=f"http://127.0.0.1:{port}", moody=moody, log=Log(reader))


def shown(event: SourceEvent) -> str:
    """An event as tests compare it: its name, or the title of the page."""
    if isinstance(event, Identified):
        return "identify"
    if isinstance(event, PageViewed) and not event.name:
        return f"page {msgspec.json.decode(event.properties).get('title', '')}".strip()
    return event.name
