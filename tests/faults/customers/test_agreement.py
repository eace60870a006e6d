"""After a random stream with crashes the three that hold a customer agree, field by field."""

import asyncio
from typing import Final

import pytest

from agents.mirror import customers
from agents.worker.recovery import Recovery
from clickhouse.queries import customers as queries
from engine.rows import Row
from streams.consumer import Reader
from streams.positions import Beginning
from streams.records import Received
from tables import rows
from tables.profiles import Profiles
from tests.faults.customers import stream
from tests.support.processes import Part
from tests.support.storage import Storage
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(400)

WITHIN_S: Final = 150
COLUMNS: Final = (
    "email",
    "orders_count",
    "orders_total",
    "currency",
    "events_count",
    "attributes",
    "subscriptions",
    "search",
    "is_erased",
)
SLICE: Final = 60
PAUSE_S: Final = 0.4


async def true_rows(store: Storage) -> dict[str, Received]:
    """What the changelog says, by public id: the highest record of each key."""
    recovery = Recovery()
    last: dict[bytes, Received] = {}
    async with Reader(brokers=store.broker) as reader:
        await reader.assign_topics(["customers-changelog"], start=Beginning())
        async for records in reader.read_to_end():
            recovery.read((record.key, record.value) for record in records)
            for record in records:
                if recovery.rows.get(record.key or b"") == record.value:
                    last[record.key or b""] = record
    return {rows.decode(r.value or b"").row.customer.id: r for r in last.values()}


def known(found: dict[str, Received]) -> dict[str, Row]:
    decoded = {name: rows.decode(record.value or b"").row for name, record in found.items()}
    return {name: row for name, row in decoded.items() if not row.forward}


async def disagreements(store: Storage, profiles: Profiles) -> list[str]:
    """Where Redis or ClickHouse say something else than the changelog."""
    found = await true_rows(store)
    wrong = []
    redis = await profiles.get_rows(list(known(found)))
    for (name, row), copy in zip(known(found).items(), redis, strict=True):
        wrong += [f"redis {name} {field}" for field in differing(row, copy)]
    stored = await queries.rows(store.reader, list(found))
    for name, row in known(found).items():
        copy = rows.decode(stored[name]).row if name in stored else None
        wrong += [f"clickhouse {name} {field}" for field in differing(row, copy)]
    columns = {
        row["id"]: row for row in await store.rows("SELECT * FROM oncue.customers_log FINAL")
    }
    for name in known(found):
        expected = customers.row_of(found[name])._asdict()
        wrong += [
            f"column {name} {field}"
            for field in COLUMNS
            if columns.get(name, {}).get(field) != expected[field]
        ]
    return wrong


def differing(row: Row, copy: Row | None) -> list[str]:
    if copy is None:
        return ["absent"]
    fields = [name for name in Row.__struct_fields__ if name != "customer"]
    found = [name for name in fields if getattr(row, name) != getattr(copy, name)]
    return found + [
        f"customer.{name}"
        for name in row.customer.__struct_fields__
        if getattr(row.customer, name) != getattr(copy.customer, name)
    ]


async def test_rows_redis_and_clickhouse_agree_after_crashes(
    store: Storage, profiles: Profiles, parts: dict[str, Part]
) -> None:
    records = stream.records(seed=1)
    victims = ["worker", "mirror", "sink", "mirror", "worker"]
    slices = [records[first : first + SLICE] for first in range(0, len(records), SLICE)]
    for number, part in enumerate(slices):
        await store.append(part)
        if number % 4 == 2 and victims:
            victim = parts[victims.pop()]
            victim.kill()
            victim.start()
        await asyncio.sleep(PAUSE_S)

    expected = stream.counted(records)

    async def counts() -> dict[str, int]:
        return {
            name: row.customer.events_count for name, row in known(await true_rows(store)).items()
        }

    async def is_counted() -> bool:
        return await counts() == expected

    async def is_agreed() -> bool:
        return await disagreements(store, profiles) == []

    try:
        await eventually(is_counted, within_s=WITHIN_S)
        await eventually(is_agreed, within_s=WITHIN_S)
    except AssertionError:
        assert await counts() == expected
        assert await disagreements(store, profiles) == []
        raise
