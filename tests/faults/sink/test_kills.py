"""Killed wherever it is, the sink leaves each event in the views exactly once."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

import psutil

from agents.sink import run
from engine.events import PageViewed
from streams.consumer import Reader
from streams.records import Position, Record
from tests.support import processes
from tests.support.clickhouse import ClickHouse
from tests.support.storage import PARTITIONS, Storage, record_of
from tests.support.waiting import eventually

EVENTS: Final = 20_000
WAIT_S: Final = 120

SUMMARY: Final = "SELECT count() AS n, uniqExact(id) AS ids FROM oncue.tracker"
EXACT: Final = [{"n": EVENTS, "ids": EVENTS}]


def events(first: int, last: int) -> list[Record]:
    return [
        record_of(
            PageViewed(id=f"e{number}", occurred_at=1_764_547_200_000 + number),
            key=b"u:c%d" % (number % 100),
        )
        for number in range(first, last)
    ]


async def append_all(store: Storage, records: Sequence[Record]) -> None:
    """In hundreds, so that the sink meets many small blocks."""
    for first in range(0, len(records), 100):
        await store.append(records[first : first + 100])


def stored(store: Storage, count: int) -> Callable[[], bool | Awaitable[bool]]:
    async def check() -> bool:
        return await store.count("tracker") >= count

    return check


async def test_killed_five_times_amid_a_stream(store: Storage, tmp_path: Path) -> None:
    doubled: list[int] = []
    sink = store.sink(tmp_path)
    with processes.running(sink):
        for first in range(0, EVENTS, EVENTS // 5):
            await append_all(store, events(first, first + EVENTS // 5))
            await eventually(stored(store, first + 1), within_s=WAIT_S)
            sink.kill()
            (seen,) = await store.rows(SUMMARY)
            doubled.append(seen["n"] - seen["ids"])
            sink.start()
        await eventually(stored(store, EVENTS), within_s=WAIT_S)

    assert await store.rows(SUMMARY) == EXACT
    assert doubled == [0] * 5


async def test_killed_between_insert_and_commit(store: Storage, tmp_path: Path) -> None:
    """The worst case of it: everything was inserted, nothing committed."""
    await store.writer.command("SYSTEM STOP MERGES oncue.events_log")
    await append_all(store, events(0, EVENTS))
    sink = store.sink(tmp_path)
    with processes.running(sink):
        await eventually(stored(store, EVENTS), within_s=WAIT_S)
        sink.kill()
        await forget_commits(store)

        sink.start()
        await append_all(store, [record_of(PageViewed(id="last", occurred_at=1))])
        await eventually(stored(store, EVENTS + 1), within_s=WAIT_S)

    assert await store.count("events_log") > EVENTS + 1
    assert await store.rows(SUMMARY) == [{"n": EVENTS + 1, "ids": EVENTS + 1}]


async def forget_commits(store: Storage) -> None:
    """Set the group back to the beginning."""
    async with Reader(brokers=store.broker, group=run.GROUP) as reader:
        await reader.commit(
            [Position(topic="events", partition=number, offset=0) for number in range(PARTITIONS)]
        )


async def test_killed_between_read_and_insert(
    store: Storage, own_clickhouse: ClickHouse, tmp_path: Path
) -> None:
    """It holds what nobody stored yet: nothing of that may be committed."""
    sink = store.sink(tmp_path)
    with processes.running(sink):
        await append_all(store, events(0, 100))
        await eventually(stored(store, 100), within_s=WAIT_S)
        own_clickhouse.kill()
        await append_all(store, events(100, EVENTS))
        await eventually(lambda: "clickhouse_away" in sink.said, within_s=WAIT_S)
        sink.kill()

        own_clickhouse.start()
        sink.start()

        await eventually(stored(store, EVENTS), within_s=WAIT_S)

    assert await store.rows(SUMMARY) == EXACT


async def test_two_sinks_at_once_store_each_event_once(store: Storage, tmp_path: Path) -> None:
    with processes.running(store.sink(tmp_path)), processes.running(store.sink(tmp_path)):
        await append_all(store, events(0, EVENTS))
        await eventually(stored(store, EVENTS), within_s=WAIT_S)

    assert await store.rows(SUMMARY) == EXACT


async def test_clickhouse_killed_amid_inserts_and_started_again(
    store: Storage, own_clickhouse: ClickHouse, tmp_path: Path
) -> None:
    sink = store.sink(tmp_path)
    with processes.running(sink):
        await append_all(store, events(0, EVENTS // 2))
        await eventually(stored(store, 1), within_s=WAIT_S)
        own_clickhouse.kill()
        await append_all(store, events(EVENTS // 2, EVENTS))
        await eventually(lambda: "clickhouse_away" in sink.said, within_s=WAIT_S)

        own_clickhouse.start()

        await eventually(stored(store, EVENTS), within_s=WAIT_S)

    assert await store.rows(SUMMARY) == EXACT


async def test_memory_does_not_grow_while_clickhouse_is_away(
    store: Storage, own_clickhouse: ClickHouse, tmp_path: Path
) -> None:
    sink = store.sink(tmp_path)
    with processes.running(sink):
        await append_all(store, events(0, 1_000))
        await eventually(stored(store, 1_000), within_s=WAIT_S)
        own_clickhouse.kill()
        await append_all(store, events(1_000, 2_000))
        await eventually(lambda: "clickhouse_away" in sink.said, within_s=WAIT_S)
        process = psutil.Process(sink.pid)
        before_bytes = process.memory_info().rss

        large = [Record(topic="events", key=b"u:c1", value=b"x" * 500_000) for _ in range(200)]
        await append_all(store, large)
        grown_bytes = process.memory_info().rss - before_bytes

    assert grown_bytes < 80 * 1024 * 1024


async def test_frozen_while_another_went_on_it_does_no_harm(store: Storage, tmp_path: Path) -> None:
    """A zombie: it inserts and commits what others stored long ago."""
    zombie, heir = store.sink(tmp_path), store.sink(tmp_path)
    await append_all(store, events(0, EVENTS // 2))
    with processes.running(zombie), processes.running(heir):
        await eventually(stored(store, 1), within_s=WAIT_S)
        psutil.Process(zombie.pid).suspend()
        await append_all(store, events(EVENTS // 2, EVENTS))
        await eventually(stored(store, EVENTS), within_s=WAIT_S)
        psutil.Process(zombie.pid).resume()
        await append_all(store, [record_of(PageViewed(id="last", occurred_at=1))])
        await eventually(stored(store, EVENTS + 1), within_s=WAIT_S)

    (found,) = await store.rows(SUMMARY)
    assert found == {"n": EVENTS + 1, "ids": EVENTS + 1}
