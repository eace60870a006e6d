"""Killed wherever it is, the mirror leaves the highest write of each customer in both stores."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from streams.records import Record
from tables.profiles import Profiles
from tests.support import changelog, processes
from tests.support.processes import Part
from tests.support.storage import Storage
from tests.support.valkey import Valkey
from tests.support.waiting import eventually

CUSTOMERS: Final = 200
VERSIONS: Final = 50
WAIT_S: Final = 120


def history() -> list[Record]:
    """Every customer's writes, with a zombie's old one after every tenth."""
    records = []
    for version in range(1, VERSIONS + 1):
        for number in range(CUSTOMERS):
            records.append(write(number, version))
            if version % 10 == 0:
                records.append(write(number, version - 5))
    return records


def write(number: int, version: int) -> Record:
    return changelog.written(f"u:c{number}", version=version, events_count=version)


def both_show_the_highest(
    store: Storage, profiles: Profiles
) -> Callable[[], bool | Awaitable[bool]]:
    async def check() -> bool:
        ids = [f"c{number}" for number in range(CUSTOMERS)]
        copies = await profiles.get_many(ids)
        rows = await store.rows(
            "SELECT events_count AS n, count() AS c FROM oncue.customers GROUP BY n"
        )
        return rows == [{"n": VERSIONS, "c": CUSTOMERS}] and all(
            copy is not None and copy.events_count == VERSIONS for copy in copies
        )

    return check


async def test_killed_amid_a_stream_with_zombies(
    store: Storage, own_valkey: Valkey, profiles: Profiles, tmp_path: Path
) -> None:
    mirror = Part(
        "agents.mirror.run",
        log=tmp_path / "mirror.log",
        broker=store.broker,
        clickhouse=store.clickhouse,
        redis=own_valkey.url,
    )
    records = history()
    with processes.running(mirror):
        for first in range(0, len(records), 500):
            await store.append(records[first : first + 500])
            if first % 3_000 == 0:
                await eventually(profiles.positions, within_s=WAIT_S)
                mirror.kill()
                mirror.start()
        await eventually(both_show_the_highest(store, profiles), within_s=WAIT_S)
