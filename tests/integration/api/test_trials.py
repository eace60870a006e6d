"""Drafts tried out over HTTP: their own tests, and one customer's story."""

from uuid import uuid4

import httpx
import pytest

from api.services import Services
from engine.customer import Customer
from engine.rows import Row
from tables import rows
from tables.profiles import Copy

TEMPLATE = {"channel": "email", "subject": "Still there?", "text": "Hello {{ customer.id }}"}


def campaign(template: str) -> dict[str, object]:
    return {
        "triggers": [{"id": "idle", "type": "T01", "params": {"idle": "30m"}}],
        "start": "s1",
        "steps": {"s1": {"type": "send", "channel": "email", "template": template}},
    }


@pytest.fixture
def name() -> str:
    """An id that no other test uses."""
    return f"test-{uuid4().hex[:12]}"


async def test_only_a_draft_whose_tests_pass_is_published_where_it_says_so(
    editor: httpx.AsyncClient, name: str
) -> None:
    """X55: refused with what was expected and what came; nothing is changed by it."""
    await editor.put(f"/api/templates/{name}", json=TEMPLATE)
    fails = {
        "test": "nobody gets anything",
        "customers": {
            "ada": {
                "traits": {"email": "ada@shop.example"},
                "subscriptions": {"email": True},
            }
        },
        "when": [{"at": "0m", "event": "Product Added", "properties": {"product_id": "k"}}],
        "then": [{"sends": []}],
    }
    body = {**campaign(name), "require_tests": True, "tests": [fails]}
    draft = await editor.put(f"/api/campaigns/{name}", json=body)

    refused = await editor.post(f"/api/campaigns/{name}/publish")
    tried = await editor.post(f"/api/campaigns/{name}/test")
    other = {"tests": [{**fails, "then": [{"sends": [name]}]}]}
    passed = await editor.post(f"/api/campaigns/{name}/test", json=other)
    after = await editor.get(f"/api/campaigns/{name}")

    assert (draft.status_code, refused.status_code) == (200, 422), draft.text
    assert refused.json()["code"] == "tests_failed"
    assert refused.json()["errors"][0]["path"] == "tests[0].then[0]"
    assert f"sends: ['{name}']" in refused.json()["errors"][0]["message"]
    assert (tried.json()["passed"], passed.json()["passed"]) == (False, True)
    assert after.json()["status"] == "draft"


async def test_a_draft_is_tried_out_for_a_customer_who_stays_as_they_are(
    editor: httpx.AsyncClient, opened: Services, name: str
) -> None:
    """X55: the answer says what would be decided and sent; nothing reaches the log."""
    await editor.put(f"/api/templates/{name}", json=TEMPLATE)
    await editor.put(f"/api/campaigns/{name}", json=campaign(name))
    said = Customer(id=name, email="ada@shop.example", subscriptions={"email": True})
    value = rows.encode(Row(customer=said, now_at=1), epoch=1, version=1, offset=1)
    await opened.profiles.write([Copy(name, 1, value)])
    body = {
        "customer": name,
        "when": [{"at": "1m", "event": "Product Added", "properties": {"product_id": "k"}}],
    }

    tried = await editor.post(f"/api/campaigns/{name}/test", json=body)
    wrong = await editor.post(
        f"/api/campaigns/{name}/test", json={"customer": name, "when": [{"at": "1m"}]}
    )

    assert [line["kind"] for line in tried.json()["timeline"]] == [
        "fired",
        "entered",
        "sent",
        "exited",
    ]
    assert tried.json()["timeline"][2]["to"] == "ada@shop.example"
    assert (wrong.status_code, wrong.json()["errors"][0]["path"]) == (400, "when[0]")
