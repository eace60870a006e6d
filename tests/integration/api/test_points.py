"""Points over HTTP: the ledger of a customer, and giving or taking by hand (X07, M011)."""

from uuid import uuid4

import httpx
import msgspec
import pytest
import pytest_asyncio

from api.services import Services, now_ms
from engine import keys
from engine.customer import Customer
from engine.points import PointsChanged, PointsEntry
from engine.rows import Row
from streams.consumer import Reader
from streams.positions import Beginning
from tables import rows as stored
from tables.profiles import Copy
from tests.support.log_rows import MONDAY

HOUR_MS = 3_600_000


@pytest.fixture
def name() -> str:
    """A customer that no other test uses."""
    return f"p-{uuid4().hex[:12]}"


@pytest_asyncio.fixture(loop_scope="session")
async def known(opened: Services, name: str) -> str:
    """A customer with thirty points for good, five for an hour more, and nine that are over."""
    now = now_ms()

    def entry(amount: int, at: int, expires_at: int | None, **said: str) -> PointsEntry:
        found = PointsEntry(
            id=f"e{at}", at=at, amount=amount, left=amount, expires_at=expires_at, origin="operator"
        )
        return msgspec.structs.replace(found, **said)

    points = (
        entry(30, MONDAY, None, reason="Welcome", campaign="hello", origin="campaign"),
        entry(9, MONDAY + 1, now - 1),
        entry(5, MONDAY + 2, now + HOUR_MS),
    )
    row = Row(customer=Customer(id=name, points=points), now_at=now)
    value = stored.encode(row, epoch=1, version=1, offset=1)
    await opened.profiles.write([Copy(name, 0, value)])
    return name


async def given(opened: Services, name: str) -> list[PointsChanged]:
    """What the customer's log says of points."""
    async with Reader(brokers=opened.settings.broker) as reader:
        await reader.assign_topics(["events"], start=Beginning())
        records = [record async for batch in reader.read_to_end() for record in batch]
    mine = [record for record in records if record.key == keys.user(name).encode()]
    return [msgspec.json.decode(record.value or b"", type=PointsChanged) for record in mine]


async def test_the_ledger_is_that_of_this_moment(editor: httpx.AsyncClient, known: str) -> None:
    """What has expired is gone, without any event."""
    found = (await editor.get(f"/api/customers/{known}/points")).json()

    assert (found["balance"], found["next_expiry_amount"]) == (35, 5)
    assert found["next_expiry_at"] == found["items"][0]["expires_at"]
    assert [(one["amount"], one["left"]) for one in found["items"]] == [(5, 5), (9, 0), (30, 30)]
    last = found["items"][-1]
    assert (last["reason"], last["origin"], last["expires_at"]) == ("Welcome", "campaign", None)
    assert last["campaign"] == {"id": "hello", "href": "/api/campaigns/hello"}


async def test_the_balance_is_a_metric_of_the_customer(
    editor: httpx.AsyncClient, known: str
) -> None:
    assert (await editor.get(f"/api/customers/{known}")).json()["metrics"]["points_balance"] == 35


async def test_points_by_hand_go_through_the_customers_log(
    editor: httpx.AsyncClient, opened: Services, name: str
) -> None:
    body = {"amount": 50, "reason": "Sorry", "expires_at": "2999-01-01T02:00:00+02:00"}

    answer = await editor.post(f"/api/customers/{name}/points", json=body)

    assert answer.status_code == 200, answer.text
    [event] = await given(opened, name)
    assert (event.id, event.amount, event.reason) == (answer.json()["id"], 50, "Sorry")
    assert event.expires_at == 32_472_144_000_000


async def test_the_same_key_is_the_same_entry(
    editor: httpx.AsyncClient, opened: Services, name: str
) -> None:
    path, body = f"/api/customers/{name}/points", {"amount": 1, "idempotency_key": "order-7"}

    answers = [(await editor.post(path, json=body)).json() for _ in range(2)]

    first, second = await given(opened, name)
    assert {first.id, second.id} == {answers[0]["id"]} == {answers[1]["id"]}


async def test_what_is_not_there_cannot_be_taken(
    editor: httpx.AsyncClient, opened: Services, known: str
) -> None:
    path = f"/api/customers/{known}/points"

    refused = await editor.post(path, json={"amount": -36})
    taken = await editor.post(path, json={"amount": -35})

    assert (refused.status_code, refused.json()["code"]) == (409, "not_enough_points")
    assert "35" in refused.json()["message"]
    assert taken.status_code == 200
    assert [event.amount for event in await given(opened, known)] == [-35]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"amount": 0}, "amount"),
        ({"amount": 1.5}, "amount"),
        ({"amount": 10**9 + 1}, "amount"),
        ({"amount": 1, "reason": "x" * 101}, "reason"),
        ({"amount": 1, "expires_at": "2999-01-01T00:00:00"}, "expires_at"),
        ({"amount": 1, "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"amount": -1, "expires_at": "2999-01-01T00:00:00Z"}, "expires_at"),
    ],
)
async def test_points_that_mean_nothing_are_refused_with_their_place(
    editor: httpx.AsyncClient, name: str, body: dict[str, object], path: str
) -> None:
    answer = await editor.post(f"/api/customers/{name}/points", json=body)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_body")
    assert [flaw["path"] for flaw in answer.json()["errors"]] == [path]


async def test_nobody_has_no_ledger(editor: httpx.AsyncClient, name: str) -> None:
    answer = await editor.get(f"/api/customers/{name}/points")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
