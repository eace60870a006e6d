"""Segments over HTTP: nested, in use, and what is refused with its node."""

from uuid import uuid4

import httpx
import pytest

ADULTS = {"op": "attr", "path": "age", "is": ">=", "value": 30}


def needs(segment: str) -> dict[str, object]:
    return {"rule": {"op": "all", "of": [{"op": "in_segment", "segment": segment}]}}


@pytest.fixture
def name() -> str:
    """An id that no other test uses."""
    return f"test-{uuid4().hex[:12]}"


async def test_a_segment_that_others_name_is_kept_and_circles_are_refused(
    editor: httpx.AsyncClient, name: str
) -> None:
    outer = f"{name}-outer"
    saved = await editor.put(f"/api/segments/{name}", json={"rule": ADULTS})
    await editor.put(f"/api/segments/{outer}", json=needs(name))

    circle = await editor.put(
        f"/api/segments/{name}", json=needs(outer), headers={"if-match": '"1"'}
    )
    unknown = await editor.put(f"/api/segments/{name}-more", json=needs(f"{name}-nobody"))
    in_use = await editor.delete(f"/api/segments/{name}")

    assert saved.json()["mode"] == "live"
    assert (circle.status_code, circle.json()["errors"][0]["node"]) == (400, "n2")
    assert (unknown.status_code, unknown.json()["errors"][0]["path"]) == (400, "rule.of[0].segment")
    assert (in_use.status_code, in_use.json()["code"]) == (409, "segment_in_use")
    assert [one["path"] for one in in_use.json()["errors"]] == [f"segments.{outer}"]
    for one in (outer, name):
        assert (await editor.delete(f"/api/segments/{one}")).status_code == 204
    assert (await editor.get(f"/api/segments/{name}")).status_code == 404
    versions = (await editor.get(f"/api/segments/{name}/versions")).json()["items"]
    assert [one["version"] for one in versions] == [1]
