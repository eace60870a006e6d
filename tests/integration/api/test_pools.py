"""Pools of promo codes over HTTP (X16, T46)."""

import itertools
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from clickhouse.client import Writer
from tests.support import log_rows

OFFSETS: Iterator[int] = itertools.count(8_000_000)


@pytest.fixture
def name() -> str:
    """An id that no other test uses."""
    return f"pool-{uuid4().hex[:12]}"


async def put(editor: httpx.AsyncClient, name: str, *codes: str, **headers: str) -> httpx.Response:
    body = {"codes": list(codes), "low": 1}
    return await editor.put(f"/api/pools/{name}", json=body, headers=headers)


async def test_a_pool_is_saved_and_read(editor: httpx.AsyncClient, name: str) -> None:
    saved = await put(editor, name, "A", "B")
    found = await editor.get(f"/api/pools/{name}")

    assert (saved.status_code, found.status_code) == (200, 200)
    assert (found.json()["codes"], found.json()["status"]) == (["A", "B"], "saved")
    assert found.headers["etag"] == saved.headers["etag"]


async def test_codes_that_are_there_stay_where_they_are(
    editor: httpx.AsyncClient, name: str
) -> None:
    etag = (await put(editor, name, "A", "B")).headers["etag"]

    refused = await put(editor, name, "B", "A", **{"if-match": etag})
    added = await put(editor, name, "A", "B", "C", **{"if-match": etag})

    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (400, "codes")
    assert added.json()["codes"] == ["A", "B", "C"]


async def test_the_stock_is_what_was_not_issued(
    editor: httpx.AsyncClient, writer: Writer, name: str
) -> None:
    await put(editor, name, "A", "B", "C")
    path = f"/api/pools/{name}/stock"
    before = (await editor.get(path)).json()
    issued = [
        log_rows.fact(f"{name}-{n}", offset=next(OFFSETS), kind="promo_code_issued") for n in "ab"
    ]
    await writer.insert([fact._replace(name=name) for fact in issued])

    after = (await editor.get(path)).json()

    assert before == {"id": name, "count": 3, "issued": 0, "left": 3, "is_low": False}
    assert after == {"id": name, "count": 3, "issued": 2, "left": 1, "is_low": True}


async def test_a_pool_whose_codes_are_issued_is_not_deleted(
    editor: httpx.AsyncClient, name: str
) -> None:
    await put(editor, name, "A", "B")
    body = {
        "triggers": [{"id": "idle", "type": "T01"}],
        "start": "code",
        "steps": {"code": {"type": "promo_code", "pool": name}},
    }
    saved = await editor.put(f"/api/campaigns/{name}", json=body)
    assert saved.status_code == 200, saved.text

    refused = await editor.delete(f"/api/pools/{name}")
    await editor.delete(f"/api/campaigns/{name}")
    deleted = await editor.delete(f"/api/pools/{name}")

    assert (refused.status_code, refused.json()["code"]) == (409, "pool_in_use")
    assert deleted.status_code == 204
    assert (await editor.get(f"/api/pools/{name}")).status_code == 404


async def test_a_step_names_a_pool_that_is_there(editor: httpx.AsyncClient, name: str) -> None:
    body = {
        "triggers": [{"id": "idle", "type": "T01"}],
        "start": "code",
        "steps": {"code": {"type": "promo_code", "pool": name}},
    }

    refused = await editor.put(f"/api/campaigns/{name}", json=body)

    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (400, "steps.code.pool")
