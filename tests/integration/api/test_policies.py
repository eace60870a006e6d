"""Policies over HTTP: who uses them keeps them."""

from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

TEMPLATE = {"channel": "email", "subject": "Still there?", "text": "Hello {{ customer.id }}"}
POLICY = {"quiet_hours": {"windows": [{"start": "21:00", "end": "09:00"}]}}


def campaign(template: str) -> dict[str, object]:
    return {
        "name": "Cart",
        "triggers": [{"id": "idle", "type": "T01", "params": {"idle": "30m"}}],
        "start": "s1",
        "steps": {"s1": {"type": "send", "channel": "email", "template": template}},
    }


@pytest.fixture
def name() -> str:
    """An id that no other test uses."""
    return f"test-{uuid4().hex[:12]}"


@pytest_asyncio.fixture(loop_scope="session")
async def live(editor: httpx.AsyncClient, name: str) -> str:
    """A campaign that runs, and its template under the same id."""
    await editor.put(f"/api/templates/{name}", json=TEMPLATE)
    await editor.put(f"/api/campaigns/{name}", json=campaign(name))
    answer = await editor.post(f"/api/campaigns/{name}/publish")
    assert answer.status_code == 200, answer.text
    return name


async def test_a_policy_is_used_by_campaigns_that_name_it(
    editor: httpx.AsyncClient, live: str
) -> None:
    body = {**campaign(live), "policy": live}
    await editor.put(f"/api/campaigns/{live}", json=body, headers={"if-match": '"2"'})
    missing = await editor.post(f"/api/campaigns/{live}/publish")
    await editor.put(f"/api/policies/{live}", json=POLICY)
    published = await editor.post(f"/api/campaigns/{live}/publish")

    in_use = await editor.delete(f"/api/policies/{live}")
    await editor.post(f"/api/campaigns/{live}/stop")
    deleted = await editor.delete(f"/api/policies/{live}")

    assert (missing.status_code, missing.json()["code"]) == (422, "policy_missing")
    assert missing.json()["errors"][0]["path"] == "policy"
    assert published.status_code == 200
    assert (in_use.status_code, in_use.json()["code"]) == (409, "policy_in_use")
    assert deleted.status_code == 204
    assert (await editor.get(f"/api/policies/{live}")).status_code == 404
    versions = (await editor.get(f"/api/policies/{live}/versions")).json()["items"]
    assert [one["version"] for one in versions] == [1]
    listed = (await editor.get("/api/policies", params={"limit": 500})).json()["items"]
    assert live not in [one["id"] for one in listed]
