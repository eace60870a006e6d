"""Keeps the cut points of RFM: computed from ClickHouse, written as a definition, copied back.

    customers in ClickHouse ──▶ quintiles ──▶ changed? ──▶ definition `rfm` ──▶ row of oncue.rfm

Every API process does it, each hour and when it is asked to: a definition that somebody else wrote
meanwhile is a conflict, and theirs is as good as ours.
"""

import asyncio
import uuid
from collections.abc import Callable
from typing import Final, Literal, NamedTuple, TypeAlias

import msgspec
import structlog

from clickhouse.client import Reader, Writer
from clickhouse.errors import ClickHouseError
from clickhouse.queries import rfm as queries
from clickhouse.tables import RfmRow
from engine.definitions import rfm
from engine.definitions.changes import Change
from engine.definitions.rfm import Cuts, RfmEntry
from streams.definitions import Applied, DefinitionsLog
from streams.errors import RetryError

EVERY_S: Final = 60 * 60
"""Fifths of a base of customers move within days rather than minutes."""

CUSTOMERS_MIN: Final = 5
"""Fewer make no fifths."""

Outcome: TypeAlias = Literal["computed", "unchanged", "too_few_customers"]

log = structlog.get_logger(__name__)


class Recomputed(NamedTuple):
    """What became of it."""

    outcome: Outcome
    entry: RfmEntry | None
    """The cuts that go now."""
    customers: int
    """How many could be compared."""


class Quintiles:
    """The one who computes."""

    def __init__(
        self, *, reader: Reader, writer: Writer, log: DefinitionsLog, clock: Callable[[], int]
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._log = log
        self._clock = clock

    @property
    def current(self) -> RfmEntry | None:
        """The cuts that go now."""
        return self._log.current.rfm

    async def keep(self) -> None:
        """Recompute each hour, until cancelled; what is away now is there in the next."""
        while True:
            try:
                done = await self.recompute()
                log.info("rfm_recomputed", outcome=done.outcome, customers=done.customers)
            except (ClickHouseError, RetryError) as error:
                log.warning("rfm_not_recomputed", code=error.code)
            await asyncio.sleep(EVERY_S)

    async def recompute(self) -> Recomputed:
        """Compute the cuts, and write them where they differ from those that go.

        Raises:
            ClickHouseError: as reader and writer say.
            RetryError: Kafka did not take the change in time.
        """
        now = self._clock()
        found = await queries.quintiles(self._reader, now=now)
        if found.customers < CUSTOMERS_MIN:
            await self._copy()
            return Recomputed("too_few_customers", self.current, found.customers)
        cuts = msgspec.convert(msgspec.structs.asdict(found), Cuts)
        outcome: Outcome = "computed" if await self._written(cuts, at=now) else "unchanged"
        await self._copy()
        return Recomputed(outcome, self.current, found.customers)

    async def _written(self, cuts: Cuts, *, at: int) -> bool:
        """Whether they differed; of how many customers they are does not make them others."""
        known = self.current
        if known is not None and _placed(known.cuts) == _placed(cuts):
            return False
        change = Change(
            change_id=uuid.uuid4().hex,
            kind="rfm",
            id=rfm.ID,
            action="put",
            based_on=0 if known is None else known.revision,
            body=msgspec.Raw(msgspec.json.encode(cuts)),
            at=at,
            by="oncue",
        )
        return isinstance(await self._log.change(change), Applied)

    async def _copy(self) -> None:
        """Let ClickHouse have what goes, for its view of customers."""
        entry = self.current
        if entry is None:
            return
        if await queries.known(self._reader) == (entry.revision, entry.computed_at):
            return
        await self._writer.insert(
            [
                RfmRow(
                    revision=entry.revision,
                    computed_at=entry.computed_at,
                    recency_days=list(entry.cuts.recency_days),
                    frequency=list(entry.cuts.frequency),
                    monetary=list(entry.cuts.monetary),
                    customers=entry.cuts.customers,
                )
            ]
        )


def _placed(cuts: Cuts) -> Cuts:
    return msgspec.structs.replace(cuts, customers=0)
