"""Tells quiet customers of changed segments: whoever does nothing is judged anew by a command.

    definitions changed ──▶ rows of ClickHouse judged by older ones ──▶ `reassessed`, page by page
                                         ▲                                        │
                                         └── mirror ◀── rows judged by the new ◀──┘ worker

Where it stands is in the rows themselves, so a restart goes on, and whoever had an event meanwhile
is passed over. Every API process does it: judged twice, a customer is the same.
"""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from clickhouse.client import Reader
from clickhouse.errors import ClickHouseError
from clickhouse.queries import memberships
from engine import ids, keys
from engine.commands import Reassessed
from engine.definitions.folded import Definitions
from streams import wire
from streams.errors import StreamError
from streams.producer import Producer

LOOK_S: Final = 1.0

SWITCHED_S: Final = 3.0
"""A command must not come before the partition's switch, which takes about a second."""

PAGE_COUNT: Final = 500
"""Appended together."""

AGAIN_S: Final = 60.0
"""Until what was appended is back in ClickHouse: only then who is still behind is told again."""

PASSES_MAX: Final = 3
"""Rows that do not move by then have a worker that is down: they move when it is back."""

log = structlog.get_logger(__name__)


class Reassessor:
    """The one who tells them."""

    def __init__(
        self,
        *,
        reader: Reader,
        producer: Producer,
        definitions: Callable[[], Definitions],
        clock: Callable[[], int],
        rows_per_s: int,
    ) -> None:
        """`clock` gives epoch ms; `rows_per_s` 0: as fast as Kafka takes them."""
        self._reader = reader
        self._producer = producer
        self._definitions = definitions
        self._clock = clock
        self._rows_per_s = rows_per_s
        self._done_to = -1

    async def keep(self) -> None:
        """Look each second until cancelled."""
        while True:
            wanted = self._definitions().watched.changed_at
            if wanted > self._done_to:
                await self._told(wanted)
            await asyncio.sleep(LOOK_S)

    async def sweep(self, wanted: int) -> int:
        """Tell everybody who is behind an offset, once; how many there were.

        Raises:
            ClickHouseError: as the reader says.
            StreamError: Kafka did not take it.
        """
        after, count = "", 0
        while found := await memberships.behind(
            self._reader, offset=wanted, after=after, limit=PAGE_COUNT
        ):
            now = self._clock()
            await self._producer.deliver(
                [
                    wire.record_of(
                        keys.from_public_id(customer),
                        Reassessed(id=ids.derived("reassessed", customer, now), occurred_at=now),
                    )
                    for customer in found
                ]
            )
            after, count = found[-1], count + len(found)
            if self._rows_per_s:
                await asyncio.sleep(len(found) / self._rows_per_s)
        return count

    async def _told(self, wanted: int) -> None:
        await asyncio.sleep(SWITCHED_S)
        for _ in range(PASSES_MAX):
            try:
                count = await self.sweep(wanted)
            except (ClickHouseError, StreamError) as error:
                log.warning("customers_not_reassessed", code=error.code)
                return
            if not count:
                break
            log.info("customers_reassessed", count=count, offset=wanted)
            await asyncio.sleep(AGAIN_S)
        self._done_to = wanted
