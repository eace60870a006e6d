"""Promise 6: timers wait for what was logged before them; promise 7: one switch for a change."""

from collections.abc import Mapping, Sequence

import msgspec
import pytest

from agents.worker.clock import LAG_MAX_COUNT, Clock, Switcher
from agents.worker.partition import Partition
from agents.worker.recovery import Recovery
from engine.events import Switched, TimerFired
from streams.records import Record
from tables.rows import Switch
from tests.unit.agents.worker.test_partition import DUE, added, carried_out, identified, owner


class Inputs:
    """One partition of ours, so many records behind."""

    def __init__(self, lag: int | None) -> None:
        self._lag = lag

    def owned(self, _topic: str) -> frozenset[int]:
        """The one."""
        return frozenset({0})

    def lag(self, _topic: str) -> Mapping[int, int | None]:
        """As told."""
        return {0: self._lag}


class Log:
    """What was appended."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    async def deliver(self, records: Sequence[Record]) -> None:
        """Keep them."""
        self.records += records


def waiting() -> Partition:
    """A partition with one timer, due at `DUE`."""
    partition = owner()
    carried_out(partition, [identified(0), added(1)])
    return partition


async def appended(*, lag: int | None, now: int) -> list[Record]:
    log = Log()
    clock = Clock(
        inputs=Inputs(lag), partitions={0: waiting()}, deliver=log.deliver, clock=lambda: now
    )
    await clock.tick()
    return log.records


async def test_a_due_timer_is_appended_with_the_clocks_own_time() -> None:
    [record] = await appended(lag=0, now=DUE + 7)

    event = msgspec.json.decode(record.value or b"", type=TimerFired)
    assert (event.occurred_at, record.timestamp_at, record.partition) == (DUE, DUE + 7, 0)


async def test_a_timer_is_never_appended_before_its_time() -> None:
    assert await appended(lag=0, now=DUE - 1) == []


@pytest.mark.parametrize(("lag", "count"), [(LAG_MAX_COUNT, 1), (LAG_MAX_COUNT + 1, 0), (None, 0)])
async def test_timers_wait_for_a_long_backlog(lag: int | None, count: int) -> None:
    assert len(await appended(lag=lag, now=DUE)) == count


def switcher(partition: Partition, log: Log, *, newest: Switch) -> Switcher:
    return Switcher(
        inputs=Inputs(0),
        partitions={0: partition},
        deliver=log.deliver,
        newest=lambda: newest,
        clock=lambda: 5,
    )


async def test_a_partition_behind_the_definitions_gets_one_switch() -> None:
    log = Log()
    looking = switcher(Partition(epoch=1, restored=Recovery()), log, newest=Switch(3, 5))

    await looking.look()
    await looking.look()

    [record] = log.records
    switched = msgspec.json.decode(record.value or b"", type=Switched)
    assert (switched.definitions_offset, switched.catalogue_offset) == (3, 5)
    assert (record.partition, record.key) == (0, None)


@pytest.mark.parametrize("newest", [Switch(3), Switch(-1, 5)])
async def test_either_of_the_two_logs_is_reason_enough(newest: Switch) -> None:
    log = Log()

    await switcher(Partition(epoch=1, restored=Recovery()), log, newest=newest).look()

    assert len(log.records) == 1


async def test_a_partition_that_decides_by_the_newest_gets_none() -> None:
    log = Log()

    await switcher(Partition(epoch=1, restored=Recovery()), log, newest=Switch(-1)).look()

    assert log.records == []
