"""Metrics of the shop's own over HTTP: saved, refused, versioned, shown with the customer."""

from uuid import uuid4

import httpx
import pytest

from api.services import Services
from clickhouse.client import Writer
from engine.aggregates.tallies import Cell, Tally
from engine.customer import Customer
from engine.rows import Row
from tables import rows as stored
from tables.profiles import Copy
from tests.support import log_rows
from tests.support.log_rows import MONDAY

METRIC = {"event": "Product Viewed", "aggregate": "count", "window": "30d"}


@pytest.fixture
def name() -> str:
    """An id that no other test uses."""
    return f"test-{uuid4().hex[:12]}"


async def test_a_metric_is_read_as_it_was_saved_until_it_is_deleted(
    editor: httpx.AsyncClient, name: str
) -> None:
    put = await editor.put(f"/api/metrics/{name}", json=METRIC)
    got = await editor.get(f"/api/metrics/{name}")
    again = await editor.put(
        f"/api/metrics/{name}", json=got.json() | {"name": "Views"}, headers={"if-match": '"1"'}
    )
    gone = await editor.delete(f"/api/metrics/{name}")
    versions = await editor.get(f"/api/metrics/{name}/versions")

    assert (put.status_code, got.json(), got.headers["etag"]) == (200, put.json(), '"1"')
    assert (again.status_code, again.json()["since"]) == (200, put.json()["since"])
    assert (gone.status_code, (await editor.get(f"/api/metrics/{name}")).status_code) == (204, 404)
    assert [item["version"] for item in versions.json()["items"]] == [2, 1]


async def test_two_editors_cannot_overwrite_each_other_unseen(
    editor: httpx.AsyncClient, name: str
) -> None:
    await editor.put(f"/api/metrics/{name}", json=METRIC)

    unseen = await editor.put(f"/api/metrics/{name}", json=METRIC)
    stale = await editor.put(f"/api/metrics/{name}", json=METRIC, headers={"if-match": '"7"'})

    assert [(answer.status_code, answer.json()["code"]) for answer in (unseen, stale)] == [
        (409, "exists"),
        (409, "stale_revision"),
    ]


async def test_what_is_wrong_with_a_filter_is_told_at_its_node(
    editor: httpx.AsyncClient, name: str
) -> None:
    wrong = {"op": "prop", "path": "properties.price", "is": "<", "value": "cheap"}
    tree = {"op": "all", "of": [wrong]}

    answer = await editor.put(f"/api/metrics/{name}", json={**METRIC, "filter": tree})

    assert answer.status_code == 400
    assert [error["path"] for error in answer.json()["errors"]] == ["filter.of[0].value"]


async def test_the_history_of_a_metric_is_read_page_by_page_newest_first(
    editor: httpx.AsyncClient, writer: Writer, name: str
) -> None:
    facts = [
        log_rows.fact(f"{name}-{n}", kind="metric_changed")._replace(
            customer=name,
            at=MONDAY + n,
            name="orders_count" if n else "orders_total",
            before=str(n),
            after=str(n + 1),
            cause=f"e{n}",
        )
        for n in range(3)
    ]
    await writer.insert([*facts, log_rows.fact(f"{name}-f")._replace(customer=name)])
    path = f"/api/customers/{name}/metrics/history"

    first = (await editor.get(path, params={"limit": "2"})).json()
    rest = (await editor.get(path, params={"cursor": first["cursor"]})).json()
    one = (await editor.get(path, params={"name": "orders_total"})).json()

    assert [item["id"] for item in (*first["items"], *rest["items"])] == [
        f"{name}-{n}" for n in (2, 1, 0)
    ]
    assert rest["cursor"] is None
    assert one["items"] == [
        {
            "id": f"{name}-0",
            "at": "2025-12-01T00:00:00.000Z",
            "name": "orders_total",
            "before": "0",
            "after": "1",
            "cause": "e0",
            "origin": None,
        }
    ]


async def test_a_customer_is_shown_with_every_metric_that_is_defined(
    editor: httpx.AsyncClient, opened: Services, name: str
) -> None:
    defined = (await editor.put(f"/api/metrics/{name}", json={"aggregate": "count"})).json()
    tally = Tally(defined["version"], "count", (Cell(0, 3),))
    row = Row(customer=Customer(id=name, tallies={name: tally}))
    value = stored.encode(row, epoch=1, version=1, offset=1)
    await opened.profiles.write([Copy(name, 0, value)])

    shown = (await editor.get(f"/api/customers/{name}")).json()

    assert shown["metrics"]["custom"][name] == {
        "value": 3,
        "since": defined["since"],
        "exact": True,
    }
    await editor.delete(f"/api/metrics/{name}")
