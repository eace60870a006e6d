"""Quick actions and audiences: jobs that tag, enrol and export, each customer once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from api.admin import choosing
from api.jobs.running import SILENT_MS, Runner
from api.services import Services, now_ms
from clickhouse.client import Writer
from engine.commands import Enrolled
from engine.customer import Customer
from engine.events import Event, TagsChanged
from engine.holdings import Tag
from streams import wire
from streams.consumer import Reader
from streams.positions import Beginning
from streams.records import CAUSE_HEADER, Received
from tests.support import changelog, log_rows
from tests.support.logged import NOON
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

SIZE: Final = 5
TEMPLATE: Final = {"channel": "email", "subject": "Hello", "text": "Hello {{ customer.id }}"}


@asynccontextmanager
async def kept(runner: Runner) -> AsyncIterator[None]:
    """Jobs are carried out as long as the block runs."""
    task = asyncio.create_task(runner.keep())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest_asyncio.fixture(loop_scope="session")
async def keeping(opened: Services) -> AsyncIterator[None]:
    """The process's own runner."""
    async with kept(opened.runner):
        yield


@pytest_asyncio.fixture(loop_scope="session")
async def crowd(writer: Writer) -> str:
    """A tag that five customers have."""
    tag = f"j-{uuid4().hex[:8]}"
    await joins(writer, tag, *(f"{tag}-{number}" for number in range(SIZE)))
    return tag


async def joins(writer: Writer, tag: str, *names: str) -> None:
    """Let the customers have the tag."""
    tags = {tag: Tag(NOON, is_assigned=True)}
    known = [Customer(id=name, tags=tags) for name in names]
    await writer.insert([changelog.mirrored(one, now_at=NOON) for one in known])


def having(tag: str) -> dict[str, object]:
    return {"op": "in_audience", "tag": tag}


async def done(editor: httpx.AsyncClient, job_id: str, state: str = "done") -> dict[str, Any]:
    """The job once it is in this state."""

    async def look() -> dict[str, Any] | None:
        answer = await editor.get(f"/api/jobs/{job_id}")
        found: dict[str, Any] = answer.json() if answer.status_code == 200 else {}
        return found if found.get("state") == state else None

    return await eventually(look, within_s=60) or {}


async def acted(editor: httpx.AsyncClient, **body: object) -> dict[str, Any]:
    answer = await editor.post("/api/customers/actions", json=body)
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/api/jobs/{found['id']}"
    return found


async def events(opened: Services, prefix: str) -> list[tuple[str, Event]]:
    """Customer and event of every record of whoever has this prefix."""
    found: list[Received] = []
    async with Reader(brokers=opened.settings.broker) as reader:
        await reader.assign_topics(["events"], start=Beginning())
        async for records in reader.read_to_end():
            found += [
                one for one in records if (one.key or b"").startswith(f"u:{prefix}-".encode())
            ]
    return [
        (
            (one.key or b"").decode().removeprefix("u:"),
            wire.decode_event(one.value, one.headers.get(CAUSE_HEADER)).event,
        )
        for one in found
    ]


def tagged(found: list[tuple[str, Event]], tag: str) -> list[str]:
    """Who was given the tag, as often as it is in the log."""
    return sorted(
        name for name, event in found if isinstance(event, TagsChanged) and tag in event.added
    )


@pytest.mark.usefixtures("keeping")
async def test_everybody_who_is_selected_is_tagged_and_the_counts_close(
    editor: httpx.AsyncClient, opened: Services, crowd: str
) -> None:
    """M126: tag."""
    job = await acted(editor, action="tag", rule=having(crowd), params={"tag": "vip"})

    ended = await done(editor, job["id"])

    assert (ended["total"], ended["done"], ended["left"], ended["skipped"]) == (SIZE, SIZE, 0, {})
    members = [f"{crowd}-{number}" for number in range(SIZE)]
    assert tagged(await events(opened, crowd), "vip") == members
    listed = (await editor.get(f"/api/jobs/{job['id']}/members")).json()["items"]
    assert [one["id"] for one in listed] == members


@pytest.mark.usefixtures("keeping")
async def test_the_same_key_is_the_same_job_and_for_another_request_refused(
    editor: httpx.AsyncClient, opened: Services, crowd: str
) -> None:
    body = {"action": "untag", "ids": [f"{crowd}-0", f"{crowd}-nobody"], "params": {"tag": "old"}}
    key = uuid4().hex

    one = await acted(editor, **body, idempotencyKey=key)
    ended = await done(editor, one["id"])
    again = await acted(editor, **body, idempotencyKey=key)
    other = await editor.post(
        "/api/customers/actions", json={**body, "action": "tag", "idempotencyKey": key}
    )

    assert again["id"] == one["id"]
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert (ended["total"], ended["done"], ended["skipped"]) == (2, 1, {"unknown": 1})
    told = [event for _, event in await events(opened, crowd) if isinstance(event, TagsChanged)]
    assert [event.removed for event in told] == [("old",)]


async def test_a_job_goes_on_where_a_process_died(
    editor: httpx.AsyncClient, opened: Services, writer: Writer, crowd: str
) -> None:
    """M126: resumable; whoever joined meanwhile is not among those who were chosen."""
    job = await acted(editor, action="tag", rule=having(crowd), params={"tag": "slow"})
    slow = runner(opened, rate=2)
    async with kept(slow):
        await eventually(lambda: begun(editor, job["id"]), within_s=60)
    died = (await editor.get(f"/api/jobs/{job['id']}")).json()
    await joins(writer, crowd, f"{crowd}-late")

    async with kept(runner(opened, rate=0, ahead_ms=SILENT_MS)):
        ended = await done(editor, job["id"])

    assert 0 < died["done"] < SIZE
    assert (ended["total"], ended["done"], ended["left"]) == (SIZE, SIZE, 0)
    said = await events(opened, crowd)
    assert sorted(set(tagged(said, "slow"))) == [f"{crowd}-{number}" for number in range(SIZE)]
    assert len({event.id for _, event in said}) == SIZE


async def begun(editor: httpx.AsyncClient, job_id: str) -> bool:
    found = (await editor.get(f"/api/jobs/{job_id}")).json()
    return bool(found["done"] > 0)


def runner(opened: Services, *, rate: int, ahead_ms: int = 0) -> Runner:
    """One of another process, whose clock may be ahead."""
    current = opened.definitions
    return Runner(
        reader=opened.reader,
        writer=opened.runner.writer,
        producer=opened.producer,
        definitions=lambda: current.current,
        context=lambda now: choosing.context(current.current, now=now),
        clock=lambda: now_ms() + ahead_ms,
        rate=rate,
    )


async def test_a_cancelled_job_ends_where_it_is(
    editor: httpx.AsyncClient, opened: Services, crowd: str
) -> None:
    job = await acted(editor, action="tag", rule=having(crowd), params={"tag": "never"})
    cancelled = await editor.post(f"/api/jobs/{job['id']}/cancel")
    async with kept(opened.runner):
        ended = await done(editor, job["id"], "cancelled")

    again = await editor.post(f"/api/jobs/{job['id']}/cancel")

    assert cancelled.json()["state"] == "cancelling"
    assert (ended["done"], ended["skipped"], ended["left"]) == (0, {"cancelled": SIZE}, 0)
    assert (again.status_code, again.json()["code"]) == (409, "job_ended")
    assert tagged(await events(opened, crowd), "never") == []


@pytest.mark.usefixtures("keeping")
async def test_a_message_is_a_campaign_of_one_step_and_its_balance_closes(
    editor: httpx.AsyncClient, opened: Services, writer: Writer, crowd: str
) -> None:
    """T49, M054, g02: eligible = entered + each reason; consent and the rest hold as always."""
    await editor.put(f"/api/templates/{crowd}", json=TEMPLATE)
    job = await acted(
        editor,
        action="message",
        rule=having(crowd),
        params={
            "template": crowd,
            "category": "promo",
            "rate": 100,
            "waves": 2,
            "wave_every": "1s",
        },
    )
    await done(editor, job["id"])
    campaign = (await editor.get(f"/api/campaigns/{job['campaign']}")).json()
    told = [event for _, event in await events(opened, crowd) if isinstance(event, Enrolled)]

    for number, (kind, reason) in enumerate([("entered", ""), ("not_sent", "expired")] * 2):
        fact = log_rows.fact(f"{crowd}-{number}", kind="fired")._replace(
            campaign=job["campaign"], cause=job["id"], instance=f"{crowd}-{number}", step=""
        )
        entry = fact._replace(id=f"{fact.id}-e", kind=kind, reason=reason, cause="")
        await writer.insert([fact, entry])
    open_ = (await editor.get(f"/api/jobs/{job['id']}")).json()["balance"]

    assert (campaign["status"], campaign["triggers"][0]["type"]) == ("live", "T49")
    assert len({event.id for event in told}) == SIZE
    assert {(event.campaign, event.job) for event in told} == {(job["campaign"], job["id"])}
    assert open_ == {
        "eligible": SIZE,
        "entered": 2,
        "not_entered": {"expired": 2},
        "pending": 1,
        "is_closed": False,
        "messages": {"sent": 0, "not_sent": {}, "deferred": {}},
    }


@pytest.mark.usefixtures("keeping")
async def test_a_campaign_is_started_for_those_its_trigger_names(
    editor: httpx.AsyncClient, opened: Services, crowd: str
) -> None:
    """M126, M058: a campaign that runs by itself may be entered by hand, too."""
    await editor.put(f"/api/templates/{crowd}", json=TEMPLATE)
    body = {
        "triggers": [
            {"id": "idle", "type": "T01"},
            {"id": "hand", "type": "T49", "params": {"tag": crowd}},
        ],
        "start": "s1",
        "steps": {"s1": {"type": "send", "channel": "email", "template": crowd}},
    }
    await editor.put(f"/api/campaigns/{crowd}", json=body)
    asked = {"action": "start_campaign", "params": {"campaign": crowd}}
    early = await editor.post("/api/customers/actions", json=asked)
    await editor.post(f"/api/campaigns/{crowd}/publish")

    await done(editor, (await acted(editor, **asked))["id"])

    assert (early.status_code, early.json()["code"]) == (409, "wrong_status")
    said = await events(opened, crowd)
    assert len([event for _, event in said if isinstance(event, Enrolled)]) == SIZE


@pytest.mark.usefixtures("keeping")
async def test_an_export_holds_the_selected_and_nobody_else(
    editor: httpx.AsyncClient, crowd: str
) -> None:
    """M126: export."""
    job = await acted(editor, action="export", rule=having(crowd))
    await done(editor, job["id"])

    table = await editor.get(f"/api/jobs/{job['id']}/export")
    lines = await editor.get(f"/api/jobs/{job['id']}/export", params={"format": "ndjson"})

    assert table.headers["content-type"].startswith("text/csv")
    assert len(table.text.splitlines()) == SIZE + 1
    assert len(lines.text.splitlines()) == SIZE
    assert f"{crowd}-0" in table.text


@pytest.mark.usefixtures("keeping")
async def test_an_audience_is_frozen_when_it_is_made(
    editor: httpx.AsyncClient, opened: Services, writer: Writer, crowd: str
) -> None:
    """M050, M051, M053: later matches are not added; its tag is a rule's `in_audience`."""
    name, url = f"aud-{crowd}", f"/api/audiences/aud-{crowd}"
    made = await editor.put(url, json={"name": "Buyers", "rule": having(crowd)})
    assert made.status_code == 200, made.text
    await done(editor, made.json()["job"])
    await joins(writer, crowd, f"{crowd}-late")
    rule = made.json()["rule"]

    renamed = await editor.put(
        url, json={"name": "Bought", "rule": rule}, headers={"if-match": '"1"'}
    )
    other = await editor.put(
        url, json={"name": "Bought", "rule": having("x")}, headers={"if-match": '"2"'}
    )

    assert (renamed.status_code, renamed.json()["job"]) == (200, made.json()["job"])
    assert (other.status_code, other.json()["code"]) == (409, "frozen")
    first = [f"{crowd}-{number}" for number in range(SIZE)]
    assert tagged(await events(opened, crowd), name) == first
    shown = (await editor.get(url)).json()
    assert (shown["name"], shown["job"]["total"]) == ("Bought", SIZE)
    versions = (await editor.get(f"{url}/versions")).json()["items"]
    assert [one["name"] for one in versions] == ["Bought", "Buyers"]


@pytest.mark.usefixtures("keeping")
async def test_a_deleted_audience_takes_its_tag_away_again(
    editor: httpx.AsyncClient, opened: Services, crowd: str
) -> None:
    url = f"/api/audiences/gone-{crowd}"
    made = await editor.put(url, json={"rule": having(crowd), "tag": f"gone-{crowd}"})
    await done(editor, made.json()["job"])

    deleted = await editor.delete(url)

    assert deleted.status_code == 204
    newest = (await editor.get("/api/jobs", params={"limit": 1})).json()["items"][0]
    ended = await done(editor, newest["id"])
    assert (ended["action"], ended["done"]) == ("untag", SIZE)
    said = [event for _, event in await events(opened, crowd) if isinstance(event, TagsChanged)]
    assert sum(event.removed == (f"gone-{crowd}",) for event in said) == SIZE


@pytest.mark.usefixtures("keeping")
async def test_an_audience_is_a_quick_action_too(editor: httpx.AsyncClient, crowd: str) -> None:
    """M126: audience."""
    params = {"id": f"quick-{crowd}", "name": "Quick"}
    job = await acted(editor, action="audience", rule=having(crowd), params=params)
    await done(editor, job["id"])

    made = (await editor.get(f"/api/audiences/quick-{crowd}")).json()
    twice = await editor.post(
        "/api/customers/actions",
        json={
            "action": "audience",
            "rule": having(crowd),
            "params": {"id": f"other-{crowd}", "tag": f"quick-{crowd}"},
        },
    )

    assert (made["name"], made["tag"]) == ("Quick", f"quick-{crowd}")
    assert made["job"]["id"] == job["id"]
    assert (twice.status_code, twice.json()["code"]) == (409, "tag_in_use")


@pytest.mark.parametrize(
    ("body", "status", "path"),
    [
        ({"action": "tag", "ids": ["a"]}, 400, "params.tag"),
        ({"action": "tag", "params": {"tag": "x"}}, 400, "rule"),
        ({"action": "tag", "ids": ["a"], "params": {"tag": "x", "rate": 1}}, 400, "params.rate"),
        (
            {"action": "message", "ids": ["a"], "params": {"template": "no"}},
            422,
            "steps.send.template",
        ),
        ({"action": "start_campaign", "ids": ["a"], "params": {"campaign": "no"}}, 404, None),
        ({"action": "shout", "ids": ["a"]}, 400, "action"),
        ({"action": "export", "ids": ["a"], "idempotencyKey": ""}, 400, "idempotencyKey"),
        (
            {"action": "message", "ids": ["a"], "params": {"template": "no", "waves": 101}},
            400,
            "params.waves",
        ),
    ],
    ids=str,
)
async def test_an_action_that_is_none_is_refused_at_its_place(
    editor: httpx.AsyncClient, body: dict[str, object], status: int, path: str | None
) -> None:
    answer = await editor.post("/api/customers/actions", json=body)

    assert answer.status_code == status, answer.text
    if path is not None:
        assert [flaw["path"] for flaw in answer.json()["errors"]] == [path]
