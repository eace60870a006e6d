"""What every kind of definition has alike: a schema, and differences between versions."""

from uuid import uuid4

import httpx
import pytest

pytestmark = pytest.mark.asyncio(loop_scope="session")

RULE = {"op": "metric", "name": "receipts_count", "is": ">=", "value": 1, "id": "n1"}
BODIES: dict[str, tuple[dict[str, object], str]] = {
    "segments": ({"rule": RULE, "mode": "computed"}, "rule.value"),
    "policies": ({"name": "one"}, "name"),
    "templates": ({"channel": "email", "subject": "one", "text": "Hello"}, "subject"),
}


@pytest.mark.parametrize("kind", BODIES)
async def test_two_versions_differ_place_by_place(editor: httpx.AsyncClient, kind: str) -> None:
    """Issue 4, point 9."""
    body, path = BODIES[kind]
    url = f"/api/{kind}/diff-{uuid4().hex[:12]}"
    changed: dict[str, object] = (
        {"rule": {**RULE, "value": 2}} if kind == "segments" else {path: "two"}
    )
    await editor.put(url, json=body)
    second = await editor.put(url, json={**body, **changed}, headers={"if-match": '"1"'})
    assert second.status_code == 200, second.text

    found = (await editor.get(f"{url}/versions/diff")).json()
    same = (await editor.get(f"{url}/versions/diff", params={"from": "2", "to": "2"})).json()
    wrong = await editor.get(f"{url}/versions/diff", params={"from": "7"})

    assert (found["from"], found["to"]) == (1, 2)
    assert [(one["path"], one["what"]) for one in found["items"]] == [(path, "changed")]
    assert same["items"] == []
    assert (wrong.status_code, wrong.json()["errors"][0]["path"]) == (400, "from")


async def test_each_kind_has_a_schema(editor: httpx.AsyncClient) -> None:
    listed = (await editor.get("/api/schemas")).json()["items"]

    kinds = {one["kind"] for one in listed}
    assert {"segments", "campaigns", "templates", "policies", "audiences"} <= kinds
    for one in listed:
        schema = (await editor.get(one["schema"])).json()
        assert schema["title"] == one["kind"]
        assert "$defs" in schema
    assert (await editor.get("/api/schemas/nothing")).status_code == 404
