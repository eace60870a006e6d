"""Fills in the past of new definitions: what stands before the `switch` that brings them in.

    warming definitions ──▶ definition `fanouts`: a backfill for each change that brought some in
    every partition's `switch` is in ClickHouse ──▶ the log before it, replayed with them counted
                                                ──▶ `backfilled`, one command an identity, paced
    all told ──▶ the backfill is done: they are known from the next `switch` on

The commands stand in the log before that `switch`. How far they got is kept in the definition, so
that another process goes on after a crash: it replays once more and tells whoever comes after; who
is told twice is filled in once.
"""

import asyncio
import uuid
from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import structlog

from api.backtesting.reading import Known
from api.refilling import replaying
from clickhouse.client import Reader
from clickhouse.errors import ClickHouseError
from clickhouse.queries import logs
from engine.commands import Backfilled
from engine.definitions import fanouts, pasts
from engine.definitions.changes import Change
from engine.definitions.fanouts import Fanout, FanoutEntry
from streams import wire
from streams.definitions import Applied, DefinitionsLog
from streams.errors import RetryError
from streams.producer import Producer

EVERY_S: Final = 1.0

SILENT_MS: Final = 60_000
"""After which a process that was at it counts as gone."""

SAID_MS: Final = 15_000
"""Between two words of how far it got."""

PAGE: Final = 500
"""Commands appended together."""

log = structlog.get_logger(__name__)


class TakenOverError(Exception):
    """Another process said the newest word: it goes on with the backfill."""


class Backfiller:
    """The one who fills in."""

    def __init__(
        self,
        *,
        definitions: DefinitionsLog,
        known: Callable[[], Known],
        reader: Reader,
        producer: Producer,
        clock: Callable[[], int],
        per_s: int,
        partitions: int,
        page: int = PAGE,
    ) -> None:
        """Tell `per_s` commands a second at most, `page` of them together; 0 is no bound."""
        self._log = definitions
        self._known = known
        self._reader = reader
        self._producer = producer
        self._clock = clock
        self._per_s = per_s
        self._partitions = partitions
        self._page = page
        self._me = uuid.uuid4().hex
        self._said_at = 0

    async def keep(self) -> None:
        """Look each second, until cancelled; what is away now is there later."""
        while True:
            try:
                await self.turn()
            except (ClickHouseError, RetryError) as error:
                log.warning("backfills_wait", code=error.code)
            await asyncio.sleep(EVERY_S)

    async def turn(self) -> None:
        """Begin what is to be filled in, and fill in what is begun.

        Raises:
            ClickHouseError: as the reader says.
            RetryError: Kafka did not take it in time.
        """
        wanted = {one.offset for one in pasts.warming(self._log.current).values()}
        for known in list(self._log.current.fanouts.values()):
            if 0 <= known.fanout.seam not in wanted and known.fanout.state == "running":
                # Withdrawn before it was filled in.
                await self._put(msgspec.structs.replace(known.fanout, state="done"))
        for seam in sorted(wanted):
            found = self._log.current.fanouts.get(fanouts.backfill_id(seam))
            if found is None:
                begun = Fanout(id=fanouts.backfill_id(seam), seam=seam, begun_at=self._clock())
                await self._put(begun)
            elif self._is_mine(found):
                await self._try(found.fanout)

    def _is_mine(self, entry: FanoutEntry) -> bool:
        if entry.fanout.state != "running":
            return False
        return entry.fanout.by in {"", self._me} or self._clock() - entry.at > SILENT_MS

    async def _try(self, fanout: Fanout) -> None:
        try:
            await self._run(fanout)
        except TakenOverError:
            log.info("backfill_taken_over", backfill=fanout.id)

    async def _run(self, fanout: Fanout) -> None:
        """Count the past and tell it, from whoever comes after the last one who was told.

        Raises:
            TakenOverError: another process is at it.
        """
        seams = await self._seams(fanout.seam)
        if seams is None:
            return
        fanout = msgspec.structs.replace(
            fanout, by=self._me, records_count=await logs.count_before(self._reader, seams)
        )
        self._said_at = self._clock()
        if not await self._put(fanout):
            raise TakenOverError(fanout.id)
        asked = replaying.Asked(
            entries={
                name: one
                for name, one in pasts.warming(self._log.current).items()
                if one.offset == fanout.seam
            },
            seams=seams,
            begun_at=fanout.begun_at,
            after=fanout.after,
        )

        async def replayed(count: int) -> None:
            if self._clock() - self._said_at >= SAID_MS:
                await self._say(msgspec.structs.replace(fanout, replayed_count=count))

        found = replaying.run(self._reader, self._known(), asked, progress=replayed)
        page: list[Backfilled] = []
        async for command in found:
            page.append(command)
            if len(page) >= self._page:
                fanout, page = await self._told(fanout, page), []
        fanout = await self._told(fanout, page)
        await self._say(msgspec.structs.replace(fanout, state="done"))
        log.info("backfill_done", backfill=fanout.id, identities=fanout.told_count)

    async def _seams(self, seam: int) -> dict[int, int] | None:
        """Where each partition began to count, by its number; None: not every one is there yet.

        A partition is stored in its order, so what stands before a `switch` that is found is there.
        """
        found: dict[int, int] = {}
        for switch in await logs.switches(self._reader):
            if switch.definitions >= seam:
                known = found.get(switch.log_partition, switch.log_offset)
                found[switch.log_partition] = min(known, switch.log_offset)
        return found if len(found) >= self._partitions else None

    async def _told(self, fanout: Fanout, page: Sequence[Backfilled]) -> Fanout:
        if not page:
            return fanout
        await self._producer.deliver([wire.record_of(one.origin, one) for one in page])
        fanout = msgspec.structs.replace(
            fanout,
            after=page[-1].origin,
            told_count=fanout.told_count + len(page),
            replayed_count=fanout.records_count,
        )
        if self._clock() - self._said_at >= SAID_MS:
            await self._say(fanout)
        if self._per_s:
            await asyncio.sleep(len(page) / self._per_s)
        return fanout

    async def _say(self, fanout: Fanout) -> None:
        """Tell how far it is.

        Raises:
            TakenOverError: another process is at it.
        """
        self._said_at = self._clock()
        known = self._log.current.fanouts[fanout.id].fanout
        if known.by != self._me or not await self._put(fanout):
            raise TakenOverError(fanout.id)

    async def _put(self, fanout: Fanout) -> bool:
        """Whether this word is the newest one."""
        known = self._log.current.fanouts.get(fanout.id)
        change = Change(
            change_id=uuid.uuid4().hex,
            kind="fanouts",
            id=fanout.id,
            action="put",
            based_on=0 if known is None else known.revision,
            body=msgspec.Raw(msgspec.json.encode(fanout)),
            at=self._clock(),
            by="oncue",
        )
        return isinstance(await self._log.change(change), Applied)
