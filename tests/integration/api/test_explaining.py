"""`explain` over HTTP: decisions as ClickHouse has them, and one that is only supposed."""

from uuid import uuid4

import httpx
import msgspec
import pytest
import pytest_asyncio

from api.services import Services
from clickhouse.client import Writer
from engine.customer import Customer
from engine.reasons import SENTENCES
from engine.rows import Row
from engine.why import Asked, Why
from tables import rows as stored
from tables.profiles import Copy
from tests.support import log_rows
from tests.support.log_rows import MONDAY

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def name(writer: Writer) -> str:
    """Somebody of whom four things were decided, a second apart."""
    found = f"x-{uuid4().hex[:12]}"
    why = Why(
        now=MONDAY,
        rules=(Asked("triggers.t.audience", verdict=False, operands={"n1": "basic"}),),
        saw={"counter": "campaign:cart:limit", "limit": 3},
        arms={"test": "a"},
    )
    decided = [
        ("not_sent", "not_in_audience", "", msgspec.json.encode(why).decode()),
        ("entered", "", "", ""),
        ("not_sent", "no_consent", "s1", ""),
        ("exited", "completed", "", ""),
    ]
    facts = [
        log_rows.fact(f"{found}-{place}", kind=kind)._replace(
            customer=found, reason=reason, step=step, why=why_, cause=f"{found}-e",
            at=MONDAY + 1000 * place,
        )
        for place, (kind, reason, step, why_) in enumerate(decided)
    ]  # fmt: skip
    event = log_rows.event(f"{found}-e", at=MONDAY, offset=77)._replace(customer=found)
    await writer.insert([*facts])
    await writer.insert([event])
    return found


async def test_a_decision_comes_with_its_grounds_and_its_place_in_the_log(
    editor: httpx.AsyncClient, name: str
) -> None:
    """X58."""
    items = (await editor.get(f"/api/customers/{name}/explain")).json()["items"]

    assert [item["outcome"] for item in items] == ["exited", "not_sent", "entered", "not_entered"]
    refused = items[-1]
    assert refused["cause"] == {
        "id": f"{name}-e", "kind": "tracker", "partition": 0, "offset": 77,
    }  # fmt: skip
    assert refused["why"]["saw"] == {"counter": "campaign:cart:limit", "limit": 3}
    assert refused["why"]["arms"] == {"test": "a"}
    [rule] = refused["why"]["rules"]
    assert (rule["place"], rule["verdict"]) == ("triggers.t.audience", False)
    assert rule["values"] == {"n1": "basic"}
    assert items[1]["why"] is None


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"outcome": "not_entered"}, ["not_in_audience"]),
        ({"outcome": "not_sent"}, ["no_consent"]),
        ({"reason": "no_consent"}, ["no_consent"]),
        ({"since": "2025-12-01T00:00:02Z"}, ["completed", "no_consent"]),
        ({"until": "2025-12-01T00:00:01Z"}, [None, "not_in_audience"]),
        ({"campaign": "other"}, []),
    ],
)
async def test_decisions_are_filtered(
    editor: httpx.AsyncClient, name: str, asked: dict[str, str], found: list[str | None]
) -> None:
    items = (await editor.get(f"/api/customers/{name}/explain", params=asked)).json()["items"]

    assert [item["reason"] for item in items] == found


async def test_decisions_come_in_pages(editor: httpx.AsyncClient, name: str) -> None:
    path = f"/api/customers/{name}/explain"
    first = (await editor.get(path, params={"limit": 3})).json()
    rest = (await editor.get(path, params={"limit": 3, "cursor": first["cursor"]})).json()

    assert [len(page["items"]) for page in (first, rest)] == [3, 1]
    assert rest["cursor"] is None


@pytest.mark.parametrize("asked", [{"outcome": "lost"}, {"reason": "moon"}])
async def test_a_filter_that_means_nothing_is_refused(
    editor: httpx.AsyncClient, asked: dict[str, str]
) -> None:
    answer = await editor.get("/api/customers/nobody/explain", params=asked)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_query")


async def test_the_view_of_reasons_is_the_closed_list(writer: Writer) -> None:
    rows = await writer.rows("SELECT reason, sentence FROM oncue.reasons")

    assert {row["reason"]: row["sentence"] for row in rows} == SENTENCES


async def test_would_this_person_enter_now(editor: httpx.AsyncClient, opened: Services) -> None:
    """g03: with the reason, over HTTP."""
    name, campaign = (f"{word}-{uuid4().hex[:12]}" for word in ("w", "c"))
    here = {"op": "attr", "path": "city", "is": "=", "value": "Berlin"}
    body = {
        "triggers": [{"id": "t", "type": "T01", "audience": here}],
        "start": "s",
        "steps": {"s": {"type": "exit"}},
    }
    saved = await editor.put(f"/api/campaigns/{campaign}", json=body)
    assert saved.status_code == 200, saved.text
    await editor.post(f"/api/campaigns/{campaign}/publish")
    row = Row(customer=Customer(id=name, attributes={"city": "Leeds"}), now_at=MONDAY)
    await opened.profiles.write([Copy(name, 0, stored.encode(row, epoch=1, version=1, offset=1))])

    path = f"/api/campaigns/{campaign}/explain"
    answer = await editor.post(path, json={"customer": name})
    nobody = await editor.post(path, json={"customer": f"{name}-nobody"})
    nothing = await editor.post("/api/campaigns/none/explain", json={"customer": name})

    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["would_enter"], found["status"]) == (False, "live")
    assert found["triggers"][0]["reason"] == "not_in_audience"
    assert (nobody.status_code, nothing.status_code) == (404, 404)
