"""`/api/settings` over HTTP: defaults, flaws at their field, editors that do not overwrite."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio


@pytest_asyncio.fixture(loop_scope="session")
async def seen(editor: httpx.AsyncClient) -> AsyncIterator[str]:
    """The revision as it stands; afterwards the defaults go again."""
    yield (await editor.get("/api/settings")).headers["etag"]
    current = await editor.get("/api/settings")
    await editor.put("/api/settings", json={}, headers={"if-match": current.headers["etag"]})


async def test_every_default_is_shown_before_anybody_saved(editor: httpx.AsyncClient) -> None:
    answer = (await editor.get("/api/settings")).json()

    assert answer["features"] == {
        "orders": False,
        "favourite_stores": False,
        "category_interest": False,
    }
    assert (answer["interest_days"], answer["timezone"], answer["loyalty"]) == (None, "UTC", None)
    assert answer["anonymous_history_days"] == 60


async def test_what_was_read_can_be_changed_and_sent_again(
    editor: httpx.AsyncClient, seen: str
) -> None:
    body = (await editor.get("/api/settings")).json()
    body |= {"currency": "EUR", "region": "DE", "timezone": "Europe/Berlin"}

    put = await editor.put("/api/settings", json=body, headers={"if-match": seen})

    assert put.status_code == 200, put.text
    got = await editor.get("/api/settings")
    assert got.json() == put.json()
    assert got.headers["etag"] == f'"{int(seen.strip(chr(34))) + 1}"'
    assert got.json()["currency"] == "EUR"


async def test_a_stale_editor_hears_of_it(editor: httpx.AsyncClient, seen: str) -> None:
    await editor.put("/api/settings", json={"region": "DE"}, headers={"if-match": seen})

    late = await editor.put("/api/settings", json={"region": "FR"}, headers={"if-match": seen})
    blind = await editor.put("/api/settings", json={"region": "FR"})

    assert (late.status_code, late.json()["code"]) == (409, "stale_revision")
    assert (blind.status_code, blind.json()["code"]) == (409, "exists")


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"features": {"category_interest": True}}, "interest_days"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"columns": {"orders": ["colour"]}}, "columns.orders[0]"),
        ({"interest_days": "many"}, "interest_days"),
    ],
)
async def test_a_flaw_is_told_at_its_field(
    editor: httpx.AsyncClient, seen: str, body: object, path: str
) -> None:
    answer = await editor.put("/api/settings", json=body, headers={"if-match": seen})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_definition")
    assert [flaw["path"] for flaw in answer.json()["errors"]] == [path]


async def test_every_version_stays_readable(editor: httpx.AsyncClient, seen: str) -> None:
    await editor.put("/api/settings", json={"region": "DE"}, headers={"if-match": seen})

    answer = (await editor.get("/api/settings/versions")).json()

    assert answer["items"][0]["region"] == "DE"
    assert answer["items"][0]["version"] == int(seen.strip('"')) + 1
