"""Segments over HTTP: nested, in use, and what is refused with its node."""

from decimal import Decimal
from uuid import uuid4

import httpx
import pytest

from api.services import Services
from clickhouse.client import Writer
from tests.support import log_rows

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


async def stored(writer: Writer, name: str) -> None:
    """Two who bought, one of them in another currency, and one who did not."""
    amounts = (("a", 2, "30.00", "EUR"), ("b", 1, "15.00", "EUR"), ("c", 1, "9", "USD"))
    bought = [
        log_rows.customer(f"{name}-{who}")._replace(
            receipts_count=count,
            receipts_total=Decimal(total),
            ltv=Decimal(total),
            currency=currency,
            segments=[name],
            attributes=f'{{"company": {{"plan": "{name}"}}}}',
        )
        for who, count, total, currency in amounts
    ]
    await writer.insert(bought)


@pytest.mark.parametrize("mode", ["live", "computed"])
async def test_m044_m045_what_a_segment_comes_to_is_kept_with_its_time(
    editor: httpx.AsyncClient, writer: Writer, name: str, mode: str
) -> None:
    await stored(writer, name)
    rule = {"op": "attr", "path": "company.plan", "value": name}
    await editor.put(f"/api/segments/{name}", json={"rule": rule, "mode": mode})

    listed = (await editor.post("/api/customers/search", json={"segment": name})).json()["items"]
    short = await editor.get("/api/customers", params={"segment": name})
    empty = (await editor.get(f"/api/segments/{name}/metrics")).json()
    await editor.post(f"/api/segments/{name}/metrics/recompute")
    await editor.post(f"/api/segments/{name}/metrics/recompute")
    kept = (await editor.get(f"/api/segments/{name}/metrics", params={"limit": 1})).json()
    second = (
        await editor.get(f"/api/segments/{name}/metrics", params={"cursor": kept["cursor"]})
    ).json()

    assert [one["id"] for one in listed] == [f"{name}-{who}" for who in "abc"]
    if mode == "live":
        assert short.json()["items"] == listed
    else:
        assert (short.status_code, short.json()["code"]) == (400, "invalid_query")
    assert empty == {"items": [], "cursor": None}
    [newest], [older] = kept["items"], second["items"]
    assert newest["computed_at"] > older["computed_at"]
    assert (newest["profiles"], newest["version"]) == (3, 1)
    euros, dollars = newest["currencies"]
    assert euros == {
        "currency": "EUR",
        "customers": 2,
        "receipts": 3,
        "revenue": "45.00",
        "average_check": "15.00",
        "ltv": "22.50",
    }
    assert (dollars["currency"], dollars["revenue"]) == ("USD", "9.00")
    assert (await editor.get(f"/api/segments/{name}-none/metrics")).status_code == 404


async def test_m045_a_segment_is_due_when_it_is_new_changed_or_old(
    editor: httpx.AsyncClient, opened: Services, name: str
) -> None:
    await editor.put(f"/api/segments/{name}", json={"rule": ADULTS})
    assert name in await opened.scales.due()

    await opened.scales.weigh(name)
    assert name not in await opened.scales.due()

    await editor.put(f"/api/segments/{name}", json={"rule": ADULTS}, headers={"if-match": '"1"'})
    assert name in await opened.scales.due()
