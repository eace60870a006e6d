"""What holds of a partition's rows and effects, however its log is cut and read again."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from agents.worker.batches import Emitted, LogRecord
from agents.worker.cache import DecodedRows
from agents.worker.partition import Partition
from agents.worker.recovery import Recovery
from engine.baseevent import BaseEvent
from engine.events import KINDS, Event, PageViewed, TimerFired
from tables import rows
from tests.support import histories
from tests.support.story import one_campaign

KEYS = (b"u:anna", b"u:ben")
CLOCK = 2**62
"""Nothing in the log is ahead of it."""

IDLE_MS = 2 * 60 * histories.MINUTE
"""After it every cart has been idle for long enough."""

happenings = st.lists(st.tuples(st.sampled_from(KEYS), histories.events), min_size=1, max_size=25)


class Outcome(NamedTuple):
    """What a log led to: rows without epoch, version and outbox, and every effect once."""

    rows: dict[bytes, bytes]
    effects: set[Emitted]


@given(happenings)
def test_a_replay_of_the_whole_log_gives_the_same(happened: list[tuple[bytes, Event]]) -> None:
    log = logged(happened)

    assert outcome(log, [len(log)]) == outcome(log, [len(log)])


@given(happenings, st.data())
def test_rows_and_effects_do_not_depend_on_how_a_log_is_cut(
    happened: list[tuple[bytes, Event]], data: st.DataObject
) -> None:
    log = logged(happened)
    cuts = data.draw(st.lists(st.integers(1, len(log)), max_size=8))

    assert outcome(log, [*sorted(cuts), len(log)]) == outcome(log, [len(log)])


@given(happenings, st.data())
def test_an_owner_that_reads_a_part_again_changes_and_adds_nothing(
    happened: list[tuple[bytes, Event]], data: st.DataObject
) -> None:
    log = logged(happened)
    steps = data.draw(st.lists(st.tuples(st.integers(0, len(log)), st.booleans()), max_size=6))

    assert crashing(log, steps) == outcome(log, [len(log)])


def logged(happened: Sequence[tuple[bytes, Event]]) -> list[LogRecord]:
    """The log a worker leaves: each event, and the timers that came due before the next."""
    partition, now = owner(), 0
    log: list[LogRecord] = []
    for key, event in happened:
        now = max(now, event.occurred_at)
        _append(partition, log, key, event, at=now)
    end = PageViewed(id="end", occurred_at=now)
    _append(partition, log, KEYS[0], end, at=now + IDLE_MS)
    return log


def _append(
    partition: Partition, log: list[LogRecord], key: bytes, event: BaseEvent, *, at: int
) -> None:
    for due in partition.due(at, at_most=100):
        fired = TimerFired(
            id="t",
            occurred_at=due.timer.due_at,
            timer_id=due.timer_id,
            generation=due.timer.generation,
        )
        _fold(partition, log, record(due.key, fired, offset=len(log), at=at))
    _fold(partition, log, record(key, event, offset=len(log), at=at))


def _fold(partition: Partition, log: list[LogRecord], appended: LogRecord) -> None:
    log.append(appended)
    partition.settled(partition.fold([appended], now=CLOCK))


def record(key: bytes, event: BaseEvent, *, offset: int, at: int) -> LogRecord:
    return LogRecord(
        key=key,
        value=msgspec.json.encode(event),
        kind=KINDS[type(event)].encode(),
        cause=None,
        offset=offset,
        logged_at=at,
    )


def owner(restored: Recovery | None = None, *, epoch: int = 1) -> Partition:
    partition = Partition(
        epoch=epoch, restored=restored or Recovery(), decoded=DecodedRows(at_most=1)
    )
    partition.definitions = one_campaign()
    return partition


def outcome(log: Sequence[LogRecord], cuts: Sequence[int]) -> Outcome:
    """One owner, batch after batch."""
    partition, changelog, effects = owner(), Recovery(), set()
    start = 0
    for end in cuts:
        if end > start:
            batch = partition.fold(log[start:end], now=CLOCK)
            changelog.read(batch.rows)
            effects.update(batch.effects)
            partition.settled(batch)
            start = end
    return Outcome(_bare(changelog), effects)


def crashing(log: Sequence[LogRecord], steps: Sequence[tuple[int, bool]]) -> Outcome:
    """Owners that die after their rows are durable, some before their effects are.

    The next one begins where the last whole batch of the one before it ended, or earlier.
    """
    changelog, effects, committed = Recovery(), set(), 0
    for epoch, (end, is_whole) in enumerate([*steps, (len(log), True)]):
        partition = owner(_copy(changelog), epoch=epoch)
        if end <= committed:
            committed = end
            continue
        batch = partition.fold(log[committed:end], now=CLOCK)
        changelog.read(batch.rows)
        if is_whole:
            effects.update(batch.effects)
            committed = end
    return Outcome(_bare(changelog), effects)


def _copy(changelog: Recovery) -> Recovery:
    copy = Recovery()
    copy.read(changelog.rows.items())
    return copy


def _bare(changelog: Recovery) -> dict[bytes, bytes]:
    bare = {}
    for key, value in changelog.rows.items():
        header, row = rows.decode(value)
        row.outbox = []
        bare[key] = rows.encode(row, epoch=0, version=0, offset=header.offset)
    return bare
