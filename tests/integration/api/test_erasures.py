"""Erasing over HTTP: the command, what is answered then, the receipt."""

from uuid import uuid4

import httpx
import msgspec
import pytest

from api import app, services
from api.admin import erasures
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
from tests.support import changelog
from tests.support.log_rows import MONDAY

pytestmark = pytest.mark.asyncio(loop_scope="session")

LATER = 4_102_444_800_000


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


@pytest.mark.parametrize("tail", ["", "/cart", "/subscriptions"])
async def test_an_erased_customer_is_gone(
    editor: httpx.AsyncClient, opened: Services, name: str, tail: str
) -> None:
    await remember(opened.profiles, name, Erasure("x", MONDAY, (name,)))

    answer = await editor.get(f"/api/customers/{name}{tail}")

    assert (answer.status_code, answer.json()["code"]) == (410, "erased")


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
            for table in erasures.TABLES
            for identity in (name, f"anonymous:{name}")
        ]
    )
    whole = (await editor.get(said["url"])).json()

    tables = {f"clickhouse.{table}" for table in erasures.TABLES}
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
    erasure_id = erasures.token(name, MONDAY)
    await remember(opened.profiles, name, Erasure(erasure_id, MONDAY, (name, "anonymous:x")))
    row = ErasureRow(id=erasure_id, erased=name, store="events_log", at=MONDAY)
    await writer.insert([row])

    receipt = (await editor.get(f"/api/erasures/{erasure_id}")).json()

    assert statuses(receipt)["clickhouse.events_log"] == "pending"


@pytest.mark.parametrize("erasure_id", ["x", "e30", "WyIiLDFd", "ä"])
async def test_an_erasure_nobody_asked_for_is_not_found(
    editor: httpx.AsyncClient, erasure_id: str
) -> None:
    answer = await editor.get(f"/api/erasures/{erasure_id}")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
