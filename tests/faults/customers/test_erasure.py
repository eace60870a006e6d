"""Erased amid a stream and crashes: gone from every store, and the others are whole (X50)."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any, Final

import httpx
import msgspec
import pytest

from api import app, services
from clickhouse.erasing import CUSTOMERS, PERSONAL
from settings import Settings
from streams.records import Record
from tables import connections
from tests.faults.customers import stream
from tests.support.processes import Part
from tests.support.storage import PARTITIONS, Storage
from tests.support.valkey import Valkey
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(400)

WITHIN_S: Final = 150
SLICE: Final = 100
ERASED: Final = (3, 7, 11)
KEPT: Final = 5
ADMIN: Final = "test-admin"


@pytest.fixture
async def api(store: Storage, own_valkey: Valkey) -> AsyncIterator[httpx.AsyncClient]:
    config = Settings(
        broker=store.broker,
        redis=own_valkey.url,
        clickhouse=store.clickhouse,
        partitions=PARTITIONS,
        admin_token=ADMIN,
    )
    async with services.opened(config) as opened:
        transport = httpx.ASGITransport(app.build(opened))
        headers = {"authorization": f"Bearer {ADMIN}"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1:8080", headers=headers
        ) as client:
            yield client


async def append(store: Storage, records: list[Record]) -> None:
    for first in range(0, len(records), SLICE):
        await store.append(records[first : first + SLICE])
        await asyncio.sleep(0.2)


async def rows_of(store: Storage, customer: int) -> int:
    """In every table, under either identity."""
    count = 0
    for table, column in {**PERSONAL, **CUSTOMERS}.items():
        stub = " AND NOT is_erased" if table in CUSTOMERS else ""
        [found] = await store.rows(
            f"SELECT count() AS n FROM oncue.{table}"  # noqa: S608  constants
            f" WHERE {column} IN ('c{customer}', 'anonymous:c{customer}'){stub}"
        )
        count += found["n"]
    return count


async def leaks(store: Storage, valkey: Valkey, customer: int) -> list[str]:
    """Where the address of a customer is still found, whatever the row is about."""
    found = []
    for table in (*PERSONAL, *CUSTOMERS):
        [row] = await store.rows(
            f"SELECT countIf(position(toString(tuple(*)), '{stream.address(customer)}') > 0) AS n"  # noqa: S608
            f" FROM oncue.{table}"
        )
        found += [table] * row["n"]
    redis = connections.connect(valkey.url)
    async for key in redis.scan_iter():
        if await redis.type(key) == b"string":
            value = await redis.get(key)
            assert isinstance(value, bytes)
            found += [str(key)] * (stream.address(customer).encode() in key + value)
    await redis.aclose()
    return found


def ids_of(records: list[Record], customer: int) -> set[str]:
    keys = {f"u:c{customer}".encode(), f"a:c{customer}".encode()}
    return {
        msgspec.json.decode(record.value or b"")["id"] for record in records if record.key in keys
    }


async def test_an_erased_customer_is_found_nowhere_and_the_others_are_whole(
    store: Storage, own_valkey: Valkey, parts: dict[str, Part], api: httpx.AsyncClient
) -> None:
    records = stream.records(seed=2)
    middle = len(records) * 2 // 3

    async def is_known(customer: int) -> bool:
        answer = await api.get(f"/api/customers/c{customer}")
        return answer.status_code == 200 and answer.json()["events_count"] > 10

    await append(store, records[:middle])
    receipts = []
    for customer in ERASED:
        await eventually(partial(is_known, customer), within_s=WITHIN_S)
        answer = await api.delete(f"/api/customers/c{customer}")
        assert answer.status_code == 202
        receipts.append(answer.json()["url"])
        victim = parts[("sink", "mirror", "worker")[len(receipts) - 1]]
        victim.kill()
        victim.start()
    await append(store, records[middle:])

    async def said(url: str) -> dict[str, Any]:
        found: dict[str, Any] = (await api.get(url)).json()
        return found

    async def is_done() -> bool:
        return all([(await said(url))["status"] == "done" for url in receipts])

    async def is_whole() -> bool:
        answer = await api.get(f"/api/customers/c{KEPT}/export")
        return {event["id"] for event in answer.json()["events"]} >= ids_of(records, KEPT)

    try:
        await eventually(is_done, within_s=WITHIN_S)
    except AssertionError as error:
        raise AssertionError([await said(url) for url in receipts]) from error
    await eventually(is_whole, within_s=WITHIN_S)
    for customer in ERASED:
        assert (await api.get(f"/api/customers/c{customer}")).status_code == 410
        assert (await api.get(f"/api/customers/anonymous:c{customer}")).status_code == 410
        assert await rows_of(store, customer) == 0
        assert await leaks(store, own_valkey, customer) == []
    assert await leaks(store, own_valkey, KEPT) != []
