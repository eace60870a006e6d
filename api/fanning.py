"""Tells many customers one thing: that a campaign began, or what another system calls out.

    definition `fanouts` ──▶ ids from ClickHouse, page by page ──▶ commands in `events`
            ▲                                                          │
            └────────────── how far it got, every now and then ────────┘

Every API process looks; the one whose word is newest goes on, another takes over when it has been
silent for a while. What is told twice is known by the row, so nothing here has to be exact.
"""

import asyncio
import uuid
from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import structlog

from clickhouse.client import Reader
from clickhouse.errors import ClickHouseError
from clickhouse.queries import fanouts as queries
from clickhouse.rules.selecting import Context
from engine import ids, keys
from engine.baseevent import BaseEvent
from engine.commands import Activated, Called
from engine.definitions import fanouts, nesting
from engine.definitions.changes import Change
from engine.definitions.entries import RESTING, CampaignEntry
from engine.definitions.fanouts import Fanout, FanoutEntry
from engine.definitions.folded import Definitions
from engine.definitions.triggers import base
from streams import wire
from streams.definitions import Applied, DefinitionsLog
from streams.errors import RetryError
from streams.producer import Producer

EVERY_S: Final = 1.0

SETTLE_MS: Final = 30_000
"""From the publishing until ClickHouse has whoever was there then; who comes later is met by
their own events."""

SILENT_MS: Final = 60_000
"""After which a process that was at it counts as gone."""

PAGE: Final = 1_000

SAVE_EVERY: Final = 10_000
"""Customers between two words of how far it got: a change of definitions each."""

DAY_MS: Final = 24 * 60 * 60 * 1000

log = structlog.get_logger(__name__)


class Fanning:
    """The one who tells."""

    def __init__(
        self,
        *,
        definitions: DefinitionsLog,
        reader: Reader,
        producer: Producer,
        clock: Callable[[], int],
        per_s: int,
        settle_ms: int = SETTLE_MS,
    ) -> None:
        """`per_s`: how many customers a second at most; 0 is no bound."""
        self._log = definitions
        self._reader = reader
        self._producer = producer
        self._clock = clock
        self._per_s = per_s
        self._settle_ms = settle_ms
        self._me = uuid.uuid4().hex

    async def keep(self) -> None:
        """Look each second, until cancelled; what is away now is there later."""
        while True:
            try:
                await self.turn()
            except RetryError as error:
                log.warning("fanouts_wait", code=error.code)
            await asyncio.sleep(EVERY_S)

    async def turn(self) -> None:
        """Begin what is to be told, and tell what is due.

        Raises:
            RetryError: Kafka did not take what begins in time.
        """
        for entry in self._log.current.campaigns.values():
            if _is_unknown(self._log.current, entry):
                await self._put(_activation(entry, begun_at=self._clock()))
        for known in list(self._log.current.fanouts.values()):
            if self._is_mine(known):
                await self._try(known.fanout)

    async def begin(self, fanout: Fanout) -> Fanout:
        """Keep one for whoever tells it; the one that is known, if this was said before."""
        known = self._log.current.fanouts.get(fanout.id)
        if known is not None:
            return known.fanout
        await self._put(fanout)
        return self._log.current.fanouts[fanout.id].fanout

    def _is_mine(self, entry: FanoutEntry) -> bool:
        fanout, now = entry.fanout, self._clock()
        if fanout.state != "running" or fanout.seam >= 0:
            return False
        if fanout.campaign and self._log.current.status(fanout.campaign) in RESTING:
            return False
        if fanout.campaign and now - fanout.begun_at < self._settle_ms:
            return False
        return fanout.by in {"", self._me} or now - entry.at > SILENT_MS

    async def _try(self, fanout: Fanout) -> None:
        """What cannot be told now goes on at the next turn; the others do not wait for it."""
        try:
            await self._run(fanout)
        except (ClickHouseError, RetryError) as error:
            log.warning("fanout_waits", fanout=fanout.id, code=error.code)

    async def _run(self, fanout: Fanout) -> None:
        """Go on from where it stands, to the end or until another process is at it."""
        fanout = msgspec.structs.replace(fanout, by=self._me)
        if not await self._put(fanout):
            return
        saved_count = fanout.told_count
        while page := await self._page(fanout):
            records = [
                wire.record_of(keys.from_public_id(one), _command(fanout, one)) for one in page
            ]
            await self._producer.deliver(records)
            fanout = msgspec.structs.replace(
                fanout, after=page[-1], told_count=fanout.told_count + len(page)
            )
            if fanout.told_count - saved_count >= SAVE_EVERY:
                saved_count = fanout.told_count
                if not await self._put(fanout):
                    return
            if self._per_s:
                await asyncio.sleep(len(page) / self._per_s)
        await self._put(msgspec.structs.replace(fanout, state="done"))
        log.info("fanout_done", fanout=fanout.id, customers=fanout.told_count)

    async def _page(self, fanout: Fanout) -> Sequence[str]:
        if fanout.rule is None:
            return await queries.everybody(self._reader, after=fanout.after, limit=PAGE)
        return await queries.of_rule(
            self._reader,
            fanout.rule,
            context(self._log.current, now=fanout.begun_at),
            after=fanout.after,
            limit=PAGE,
        )

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


def context(definitions: Definitions, *, now: int) -> Context:
    """What a rule is asked under, as the definitions stand."""
    settings = definitions.settings
    days = settings.interest_days if settings.features.category_interest else None
    return Context(
        now=now,
        zone=settings.timezone,
        segments=nesting.rules(definitions.segments),
        metrics={
            name: entry.latest for name, entry in definitions.metrics.items() if not entry.deleted
        },
        interest_ms=None if days is None else days * DAY_MS,
    )


def called(name: str, key: str, payload: bytes, *, customer: str, at: int) -> Called:
    """The event that a call is for one customer."""
    return Called(
        id=ids.derived("called", name, key, customer),
        occurred_at=at,
        name=name,
        source="api",
        key=key,
        payload=msgspec.Raw(payload),
    )


def _command(fanout: Fanout, customer: str) -> BaseEvent:
    call = fanout.call
    if call is not None:
        payload = msgspec.json.encode(call.payload)
        return called(call.name, call.key, payload, customer=customer, at=fanout.begun_at)
    return Activated(
        id=ids.derived("activated", fanout.campaign, fanout.version, customer),
        occurred_at=fanout.begun_at,
        source="api",
        campaign=fanout.campaign,
        version=fanout.version,
    )


def _is_unknown(definitions: Definitions, entry: CampaignEntry) -> bool:
    """Whether a version runs of which those who were there before have to hear."""
    if entry.status != "live" or entry.published is None:
        return False
    if not any(base.is_activated(one) for one in entry.published.triggers if one.enabled):
        return False
    known = definitions.fanouts.get(fanouts.activation_id(entry.published.id))
    return known is None or known.fanout.version != entry.published_version


def _activation(entry: CampaignEntry, *, begun_at: int) -> Fanout:
    campaign = entry.draft.id
    return Fanout(
        id=fanouts.activation_id(campaign),
        campaign=campaign,
        version=entry.published_version,
        begun_at=begun_at,
    )
