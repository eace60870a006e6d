"""Erasing over HTTP: the command, what is answered then, the receipt."""

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import msgspec
import pytest
import pytest_asyncio

from api import app, services
from api.admin import receipts
from api.services import Services
from clickhouse.client import Writer
from clickhouse.tables import ErasureRow
from engine.customer import Customer
from engine.erasures import Erasure
from engine.events import ErasureRequested
from engine.rows import Row
from settings import Settings
from streams.consumer import Reader
from streams.positions import Beginning
from tables import rows
from tables.profiles import Copy, Profiles
from tests.integration.api.conftest import ADMIN, BASE
from tests.support import changelog, log_rows
from tests.support.log_rows import MONDAY

pytestmark = pytest.mark.asyncio(loop_scope="session")

LATER = 4_102_444_800_000
ONE = "/api/customers/{id}"
EVERY_FEATURE = {"orders": True, "favourite_stores": True, "category_interest": True}
BODIES = {
    "tags": {"add": ["vip"]},
    "subscriptions": {"email": True},
    "points": {"amount": 10},
}
"""Of writes, by the tab."""


@pytest.fixture
def name() -> str:
    """A customer that no other test uses."""
    return f"c-{uuid4().hex[:12]}"


async def remember(profiles: Profiles, name: str, erasure: Erasure | None = None) -> None:
    """Do what worker and mirror do."""
    row = Row(customer=Customer(id=name), now_at=MONDAY, erasure=erasure)
    version = 1 if erasure is None else 2
    value = rows.encode(row, epoch=1, version=version, offset=version)
    await profiles.write([Copy(name, version, value)])


async def events_of(config: Settings, name: str) -> list[tuple[bytes, ErasureRequested]]:
    async with Reader(brokers=config.broker) as reader:
        await reader.assign_topics(["events"], start=Beginning())
        return [
            (
                record.headers["kind"],
                msgspec.json.decode(record.value or b"", type=ErasureRequested),
            )
            async for records in reader.read_to_end()
            for record in records
            if record.key == f"u:{name}".encode()
        ]


async def test_an_erasure_is_a_command_in_the_customers_log(
    editor: httpx.AsyncClient, opened: Services, config: Settings, name: str
) -> None:
    await remember(opened.profiles, name)

    answer = await editor.delete(f"/api/customers/{name}")

    said = answer.json()
    assert (answer.status_code, said["customer"], said["status"]) == (202, name, "pending")
    assert said["url"] == f"/api/erasures/{said['id']}"
    [(kind, event)] = await events_of(config, name)
    assert (kind, event.id) == (b"command", said["id"])


async def test_who_is_not_known_cannot_be_erased(editor: httpx.AsyncClient, name: str) -> None:
    """A slip of the pen would keep away somebody who is still to come."""
    answer = await editor.delete(f"/api/customers/{name}")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_erasing_again_is_accepted_again(
    editor: httpx.AsyncClient, opened: Services, name: str
) -> None:
    await remember(opened.profiles, name, Erasure("x", MONDAY, (name,)))

    answer = await editor.delete(f"/api/customers/{name}")

    assert answer.status_code == 202


@pytest_asyncio.fixture(loop_scope="session")
async def switched_on(editor: httpx.AsyncClient) -> AsyncIterator[None]:
    """Every optional feature: a tab that is off says so before anything else."""
    seen = (await editor.get("/api/settings")).headers["etag"]
    body = {"features": EVERY_FEATURE, "interest_days": 30}
    put = await editor.put("/api/settings", json=body, headers={"if-match": seen})
    yield
    await editor.put("/api/settings", json={}, headers={"if-match": put.headers["etag"]})


@pytest.mark.usefixtures("switched_on")
async def test_an_erased_customer_is_gone_from_every_tab(
    editor: httpx.AsyncClient, opened: Services, config: Settings, name: str
) -> None:
    """X50: reads and writes alike; what a write said is nowhere."""
    await remember(opened.profiles, name, Erasure("x", MONDAY, (name,)))
    paths = (await editor.get("/api/openapi.json")).json()["paths"]
    asked = [
        (method, path.replace("{id}", name))
        for path, methods in paths.items()
        if path.startswith(ONE)
        for method in methods.keys() - {"parameters"}
        if (method, path) != ("delete", ONE)
    ]

    answers = {
        (method, path): await editor.request(
            method.upper(), path, json=BODIES.get(path.rpartition("/")[2])
        )
        for method, path in asked
    }

    assert {(answer.status_code, answer.json()["code"]) for answer in answers.values()} == {
        (410, "erased")
    }
    assert len({answer.text for answer in answers.values()}) == 1
    assert {"get", "put"} <= {method for method, _ in answers}
    assert await events_of(config, name) == []


async def test_an_erased_customer_is_gone_from_clickhouse_too(
    config: Settings, editor: httpx.AsyncClient, writer: Writer, name: str
) -> None:
    await writer.insert([changelog.mirrored_stub(name)])
    listed = await editor.get("/api/customers", params={"q": name})
    away = msgspec.structs.replace(config, redis="redis://127.0.0.1:1/0")
    async with services.opened(away) as without:
        transport = httpx.ASGITransport(app.build(without))
        headers = {"authorization": f"Bearer {ADMIN}"}
        async with httpx.AsyncClient(transport=transport, base_url=BASE, headers=headers) as client:
            answer = await client.get(f"/api/customers/{name}")

    assert listed.json()["items"] == []
    assert (answer.status_code, answer.json()["code"]) == (410, "erased")


def statuses(receipt: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    return {store["store"]: store["status"] for store in receipt["stores"]}


async def test_the_receipt_says_store_by_store_what_is_done(
    editor: httpx.AsyncClient, opened: Services, writer: Writer, name: str
) -> None:
    await remember(opened.profiles, name)
    said = (await editor.delete(f"/api/customers/{name}")).json()

    first = (await editor.get(said["url"])).json()
    await remember(opened.profiles, name, Erasure(said["id"], LATER, (name, f"anonymous:{name}")))
    half = (await editor.get(said["url"])).json()
    await writer.insert(
        [
            ErasureRow(id=said["id"], erased=identity, store=table, at=LATER)
            for table in receipts.TABLES
            for identity in (name, f"anonymous:{name}")
        ]
    )
    whole = (await editor.get(said["url"])).json()

    tables = {f"clickhouse.{table}" for table in receipts.TABLES}
    assert first["status"] == half["status"] == "pending"
    assert statuses(first) == {
        **dict.fromkeys(("row", "redis", *tables), "pending"),
        "kafka": "expires",
    }
    assert statuses(half) == statuses(first) | {"row": "done", "redis": "done"}
    assert whole["status"] == "done"
    assert whole["identities"] == [name, f"anonymous:{name}"]
    assert {store["at"] for store in whole["stores"][:-1]} == {"2100-01-01T00:00:00.000Z"}


async def test_a_table_is_done_with_the_last_identity(
    editor: httpx.AsyncClient, opened: Services, writer: Writer, name: str
) -> None:
    erasure_id = receipts.token(name, MONDAY)
    await remember(opened.profiles, name, Erasure(erasure_id, MONDAY, (name, "anonymous:x")))
    row = ErasureRow(id=erasure_id, erased=name, store="events_log", at=MONDAY)
    await writer.insert([row])

    receipt = (await editor.get(f"/api/erasures/{erasure_id}")).json()

    assert statuses(receipt)["clickhouse.events_log"] == "pending"


async def test_erasures_are_listed_the_last_first_with_their_receipts(
    editor: httpx.AsyncClient, opened: Services, writer: Writer, name: str
) -> None:
    """Two that ClickHouse carried out, and one that so far only stands in the log."""
    ids = {at: receipts.token(f"{name}-{at}", LATER - 1_000 + at) for at in range(3)}
    for at, erasure_id in ids.items():
        customer = f"{name}-{at}"
        await remember(opened.profiles, customer, Erasure(erasure_id, LATER, (customer,)))
    waiting = log_rows.event(ids[2], kind="command")
    await writer.insert([waiting._replace(type="erasure_requested", customer=f"{name}-2")])
    await writer.insert(
        [
            ErasureRow(id=ids[at], erased=f"{name}-{at}", store=table, at=LATER)
            for table in ("", *receipts.TABLES)
            for at in (0, 1)
        ]
    )
    # It follows from an erasure, and nobody asked for it.
    await writer.insert([ErasureRow(id="0af3", erased=name, store="", at=LATER)])

    first = (await editor.get("/api/erasures", params={"limit": 2})).json()
    rest = (
        await editor.get("/api/erasures", params={"limit": 2, "cursor": first["cursor"]})
    ).json()

    listed = [*first["items"], *rest["items"]]
    assert [(item["customer"], item["status"]) for item in listed[:3]] == [
        (f"{name}-2", "pending"),
        (f"{name}-1", "done"),
        (f"{name}-0", "done"),
    ]
    assert listed[1] == (await editor.get(f"/api/erasures/{ids[1]}")).json()
    assert "0af3" not in {item["id"] for item in listed}


@pytest.mark.parametrize("erasure_id", ["x", "e30", "WyIiLDFd", "ä"])
async def test_an_erasure_nobody_asked_for_is_not_found(
    editor: httpx.AsyncClient, erasure_id: str
) -> None:
    answer = await editor.get(f"/api/erasures/{erasure_id}")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
