"""What publishing and resuming would come to, before they do (c.2 rules 8 and 9)."""

import time
from typing import Final
from uuid import uuid4

import httpx
import msgspec
import pytest_asyncio

from api.services import Services
from clickhouse.client import Writer
from engine.definitions.changes import Change
from engine.definitions.failures import Failure
from streams.definitions import Applied
from tests.integration.api.test_definitions import TEMPLATE
from tests.support import log_rows

HOUR_MS: Final = 3_600_000


def campaign(name: str, *sends: str) -> dict[str, object]:
    """One send after the other, a day apart."""
    steps: dict[str, object] = {}
    for place, send in enumerate(sends):
        after = f"{send}-day" if place + 1 < len(sends) else None
        steps[send] = {"type": "send", "channel": "email", "template": name, "next": after}
        if after is not None:
            steps[after] = {"type": "delay", "for": "1d", "next": sends[place + 1]}
    return {
        "triggers": [{"id": "idle", "type": "T01", "params": {}}],
        "start": sends[0],
        "steps": steps,
    }


@pytest_asyncio.fixture(loop_scope="session")
async def live(editor: httpx.AsyncClient, writer: Writer) -> str:
    """A campaign of two sends with four customers inside, and a draft without its first send."""
    name = f"p-{uuid4().hex[:8]}"
    await editor.put(f"/api/templates/{name}", json=TEMPLATE)
    await editor.put(f"/api/campaigns/{name}", json=campaign(name, "one", "two"))
    published = await editor.post(f"/api/campaigns/{name}/publish")
    assert published.status_code == 200, published.text
    now = round(time.time() * 1000)
    for number, (step, age) in enumerate([("one", 1), ("one", 30), ("two", 2), ("one-day", 5)]):
        runs = {"runs": [(name, 1, step, now - age * HOUR_MS), ("other", 1, "one", now)]}
        row = log_rows.customer(f"{name}-{number}")
        await writer.insert([row._replace(standing=msgspec.json.encode(runs).decode())])
    saved = await editor.put(
        f"/api/campaigns/{name}", json=campaign(name, "two"), headers={"if-match": '"2"'}
    )
    assert saved.status_code == 200, saved.text
    return name


async def test_a_preview_says_who_stands_where_and_changes_nothing(
    editor: httpx.AsyncClient, live: str
) -> None:
    """X60."""
    path = f"/api/campaigns/{live}/publish"

    stay = (await editor.post(path, json={"preview": True})).json()
    choice = {"running": "migrate", "map": {"one": "two", "one-day": None}, "preview": True}
    migrate = (await editor.post(path, json=choice)).json()

    assert stay["runs"] == 4
    assert {(one["step"], one["runs"], one["then"]) for one in stay["items"]} == {
        ("one", 2, "stays"),
        ("one-day", 1, "stays"),
        ("two", 1, "stays"),
    }
    assert {(one["step"], one["then"], one["to"]) for one in migrate["items"]} == {
        ("one", "migrates", "two"),
        ("one-day", "leaves", None),
        ("two", "migrates", "two"),
    }
    shown = (await editor.get(f"/api/campaigns/{live}")).json()
    assert (shown["revision"], shown["published_version"]) == (3, 1)


async def test_a_map_that_leads_nowhere_is_refused_with_its_places(
    editor: httpx.AsyncClient, live: str
) -> None:
    """X60."""
    answer = await editor.post(f"/api/campaigns/{live}/publish", json={"running": "migrate"})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_map")
    assert [flaw["path"] for flaw in answer.json()["errors"]] == ["map.one", "map.one-day"]


async def test_a_map_is_published(editor: httpx.AsyncClient, live: str) -> None:
    """X60."""
    choice = {"running": "migrate", "map": {"one": "two", "one-day": None}}

    answer = await editor.post(f"/api/campaigns/{live}/publish", json=choice)

    assert (answer.status_code, answer.json()["published_version"]) == (200, 3)


async def test_a_campaign_that_failed_says_why_until_a_version_is_published_again(
    editor: httpx.AsyncClient, opened: Services, live: str
) -> None:
    failure = Failure(version=1, place="steps.one", code="not_computable", event="e1", at=0)
    change = Change(
        change_id=f"{live}-fail",
        kind="campaigns",
        id=live,
        action="fail",
        based_on=3,
        body=msgspec.Raw(msgspec.json.encode(failure)),
        at=0,
    )
    assert isinstance(await opened.definitions.change(change), Applied)

    shown = (await editor.get(f"/api/campaigns/{live}")).json()
    resumed = await editor.post(f"/api/campaigns/{live}/resume")
    published = await editor.post(f"/api/campaigns/{live}/publish", json={"running": "finish"})

    assert (shown["status"], shown["failure"]) == (
        "failed",
        {
            "version": 1,
            "place": "steps.one",
            "code": "not_computable",
            "event": "e1",
            "at": "1970-01-01T00:00:00.000Z",
            "message": "a number could not be computed: too large, too small, or none at all",
        },
    )
    assert (resumed.status_code, resumed.json()["code"]) == (409, "wrong_status")
    assert (published.json()["status"], published.json()["failure"]) == ("live", None)


async def test_resuming_says_what_would_leave(editor: httpx.AsyncClient, live: str) -> None:
    """X61: of three at a send one waited for longer than its mail lives."""
    paused = await editor.post(f"/api/campaigns/{live}/pause", json={"clocks": "freeze"})
    path = f"/api/campaigns/{live}/resume"

    foreseen = (await editor.post(path, json={"over": "1h", "preview": True})).json()
    resumed = await editor.post(path, json={"over": "1h"})

    assert (paused.status_code, resumed.status_code) == (200, 200)
    assert (foreseen["waiting"], foreseen["expired"], foreseen["leave"]) == (3, 1, 2)
    assert foreseen["over_minutes"] == 60
    assert resumed.json()["status"] == "live"


async def test_how_a_campaign_goes_on_is_checked(editor: httpx.AsyncClient, live: str) -> None:
    answer = await editor.post(f"/api/campaigns/{live}/resume", json={"over": "soon"})

    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (400, "over")
