"""One unmerge from the request to its end, as docs/decisions/0024 draws it.

Whatever ends this process on the way, the row goes on by itself: its freeze has a bound.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, Literal, NamedTuple, TypeVar

import msgspec
import structlog

from api.unmerging import replaying
from api.unmerging.replaying import History
from clickhouse.client import Reader
from clickhouse.queries import histories
from clickhouse.queries.histories import Mark
from engine import ids, keys, splitting
from engine.definitions import pasts
from engine.emissions import EFFECT_MAX_BYTES
from engine.links import UNDER_WAY, Unmerge
from engine.mergers import Unmerged, UnmergeRequested
from engine.merges import unmerging
from engine.rows import Row
from streams import wire
from streams.producer import Producer

T = TypeVar("T")

STEP_S: Final = 10.0
"""For the worker to freeze the row and have the marks back, and for ClickHouse to hold them."""

END_S: Final = 5.0
"""For the worker to take the answer, and for the copy to show it."""

POLL_S: Final = 0.05

LARGEST_BYTES: Final = EFFECT_MAX_BYTES - 1_024
"""Of the identity's state in base64, beside the record's other fields."""

log = structlog.get_logger(__name__)


class Ended(NamedTuple):
    """How it ended, as far as it is known in time."""

    state: Literal["done", "given_up", "refused", "turned_away", "pending", "too_large"]
    id: str
    reason: str
    row: Row | None
    along: tuple[str, ...] = ()
    """Row keys that were split off."""


class Unmerger:
    """Asks the worker, reads ClickHouse, answers the worker."""

    def __init__(
        self,
        *,
        find: Callable[[str], Awaitable[Row | None]],
        reader: Reader,
        producer: Producer,
        history: Callable[[], History],
        clock: Callable[[], int],
    ) -> None:
        """`find` gives the row of a public id, of a merged one its survivor's."""
        self._find = find
        self._reader = reader
        self._producer = producer
        self._history = history
        self._clock = clock

    async def run(self, row: Row, identity: str) -> Ended:
        """Split the identity off; returns when it ended, or when that is not known in time.

        Raises:
            ClickHouseError: it cannot be asked; the row goes on as it was.
            ProduceError: Kafka did not acknowledge.
        """
        now, own = self._clock(), keys.from_public_id(row.customer.id)
        request = UnmergeRequested(
            id=ids.derived("unmerge", own, identity, now, time.monotonic_ns()),
            occurred_at=now,
            source="admin",
            identity=identity,
        )
        await self._producer.deliver([wire.record_of(own, request)])
        log.info("unmerge_requested", customer_id=row.customer.id, unmerge_id=request.id)
        ready = await _until(lambda: self._ready(own, request.id), within_s=STEP_S)
        if ready is None:
            return Ended("pending", request.id, "worker_behind", None)
        unmerge = ready.unmerge
        if unmerge is None or unmerge.id != request.id:
            return Ended("turned_away", request.id, "under_way", ready)
        if unmerge.state not in UNDER_WAY:
            return _ended(unmerge, ready)
        return await self._answer(ready, unmerge)

    async def _answer(self, row: Row, unmerge: Unmerge) -> Ended:
        marks = await _until(lambda: self._marked(row, unmerge.id), within_s=STEP_S)
        if marks is None:
            return Ended("given_up", unmerge.id, "clickhouse_behind", row)
        split, newest = await replaying.split(self._reader, row, marks, self._history())
        if pasts.warming(newest):
            return Ended("given_up", unmerge.id, "warming", row)
        answer = Unmerged(
            id=ids.derived("unmerged", unmerge.id),
            occurred_at=self._clock(),
            source="admin",
            unmerge_id=unmerge.id,
            survivor=msgspec.msgpack.encode(split.survivor),
            identity=msgspec.msgpack.encode(split.identity),
            definitions=newest.offset,
        )
        if len(answer.identity) * 4 // 3 > LARGEST_BYTES:
            return Ended("too_large", unmerge.id, "too_large", row)
        own = keys.from_public_id(row.customer.id)
        await self._producer.deliver([wire.record_of(own, answer)])
        after = await _until(lambda: self._over(own, unmerge.id), within_s=END_S)
        if after is None or after.unmerge is None:
            return Ended("pending", unmerge.id, "worker_behind", None)
        return _ended(after.unmerge, after, along=unmerge.along)

    async def _ready(self, own: str, unmerge_id: str) -> Row | None:
        """The row once it waits for the replay, or has said no."""
        row = await self._find(keys.public_id(own))
        unmerge = None if row is None else row.unmerge
        if row is None or unmerge is None:
            return None
        is_ours = unmerge.id == unmerge_id and unmerge.state != "waiting"
        return row if is_ours or unmerge.turned_away == unmerge_id else None

    async def _marked(self, row: Row, unmerge_id: str) -> dict[str, Mark] | None:
        """Every mark, once ClickHouse holds them all."""
        expected = unmerging.marked_identities(row)
        mark_ids = [unmerging.mark_id(unmerge_id, key) for key in expected]
        found = await histories.marks(self._reader, mark_ids)
        return found if len(found) == len(expected) else None

    async def _over(self, own: str, unmerge_id: str) -> Row | None:
        row = await self._find(keys.public_id(own))
        if row is None or splitting.is_ready(row.unmerge, unmerge_id):
            return None
        return row


async def _until(look: Callable[[], Awaitable[T | None]], *, within_s: float) -> T | None:
    """What it gives once it gives anything; None when it does not in time."""
    try:
        async with asyncio.timeout(within_s):
            while True:
                found = await look()
                if found is not None:
                    return found
                await asyncio.sleep(POLL_S)
    except TimeoutError:
        return None


def _ended(unmerge: Unmerge, row: Row, along: tuple[str, ...] = ()) -> Ended:
    match unmerge.state:
        case "done" | "given_up" | "refused":
            return Ended(unmerge.state, unmerge.id, unmerge.reason, row, along)
        case _:
            return Ended("pending", unmerge.id, "worker_behind", row)
