"""How the sink's process starts and ends."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from engine.events import PageViewed
from streams.records import Record
from tests.support import processes
from tests.support.processes import Part
from tests.support.storage import Storage, record_of
from tests.support.waiting import eventually

START_S = 60
"""On a machine that is busy with other tests."""


def page(name: str) -> Record:
    return record_of(PageViewed(id=name, occurred_at=1_764_547_200_000))


def shows(store: Storage, *names: str) -> Callable[[], bool | Awaitable[bool]]:
    async def check() -> bool:
        found = await store.rows("SELECT id FROM oncue.tracker ORDER BY id")
        return [row["id"] for row in found] == list(names)

    return check


def has(store: Storage, name: str) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        return any(row["id"] == name for row in await store.rows("SELECT id FROM oncue.tracker"))

    return check


async def test_a_polite_end_commits_and_leaves_with_zero(
    store: Storage, sink_process: Part
) -> None:
    await store.append([page("e1")])
    await eventually(shows(store, "e1"), within_s=START_S)

    assert sink_process.stop() == 0
    assert "Traceback" not in sink_process.said


async def test_it_goes_on_where_it_had_committed(store: Storage, sink_process: Part) -> None:
    await store.append([page("e1")])
    await eventually(shows(store, "e1"), within_s=START_S)
    await store.append([page("e2")])
    # e1 is committed before e2 is inserted; whether e2 is, nobody knows.
    await eventually(shows(store, "e1", "e2"), within_s=START_S)
    sink_process.stop()
    await store.writer.command("TRUNCATE TABLE oncue.events_log")
    await store.append([page("e3")])

    sink_process.start()

    await eventually(has(store, "e3"), within_s=START_S)
    assert not await has(store, "e1")()


async def test_without_tables_it_says_what_to_do(store: Storage, tmp_path: Path) -> None:
    await store.writer.command("DROP DATABASE oncue")

    with processes.running(store.sink(tmp_path)) as sink:
        status = sink.wait()

    assert status == 1
    assert "run `oncue migrate`" in sink.said
    assert "Traceback" not in sink.said
