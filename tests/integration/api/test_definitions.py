"""Campaigns and templates over HTTP: versions, conflicts, publishing."""

import asyncio
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from api import app, services
from settings import Settings
from streams import topics
from streams.records import Record

TEMPLATE = {"channel": "email", "subject": "Still there?", "text": "Hello {{ customer.id }}"}


def campaign(template: str) -> dict[str, object]:
    return {
        "name": "Cart",
        "triggers": [{"id": "idle", "type": "T01", "params": {"idle": "30m"}}],
        "start": "s1",
        "steps": {"s1": {"type": "send", "channel": "email", "template": template}},
    }


POLICY = {"quiet_hours": {"windows": [{"start": "21:00", "end": "09:00"}]}}
SEGMENT = {"name": "Adults", "rule": {"op": "attr", "path": "age", "is": ">=", "value": 30}}
BODIES = {
    "campaigns": campaign("mail"),
    "templates": TEMPLATE,
    "policies": POLICY,
    "segments": SEGMENT,
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


async def test_what_was_put_can_be_read_with_its_revision(
    editor: httpx.AsyncClient, name: str
) -> None:
    put = await editor.put(f"/api/campaigns/{name}", json=campaign("mail"))
    got = await editor.get(f"/api/campaigns/{name}")

    assert put.status_code == 200
    assert got.json() == put.json()
    assert got.headers["etag"] == '"1"'
    assert {key: got.json()[key] for key in ("id", "version", "status", "revision")} == {
        "id": name,
        "version": 1,
        "status": "draft",
        "revision": 1,
    }


async def test_every_default_is_shown(editor: httpx.AsyncClient, name: str) -> None:
    answer = await editor.put(f"/api/campaigns/{name}", json=campaign("mail"))

    [trigger] = answer.json()["triggers"]
    assert trigger == {
        "id": "idle",
        "type": "T01",
        "params": {
            "container": "cart",
            "idle": "30m",
            "min_items": 1,
            "min_value": None,
            "currency": None,
            "completed_by": "any",
            "match": "any_purchase",
            "reset_on": "add",
        },
        "enabled": True,
        "audience": None,
        "exclude": None,
        "property_filter": None,
        "re_entry": {"policy": "always", "after": None, "key": None},
        "correlation_key": None,
        "max_concurrent": 10,
        "max_lateness": "24h",
        "backfill": {"policy": "none", "since": None},
        "debounce": None,
        "throttle": None,
        "valid_from": None,
        "valid_until": None,
        "volume_guard": None,
    }
    assert answer.json()["class"] == "marketing"
    assert answer.json()["steps"]["s1"]["type"] == "send"


@pytest.mark.parametrize("kind", ["campaigns", "templates", "policies", "segments"])
async def test_what_was_read_can_be_sent_again(
    editor: httpx.AsyncClient, name: str, kind: str
) -> None:
    body = BODIES[kind]
    first = await editor.put(f"/api/{kind}/{name}", json=body)

    second = await editor.put(
        f"/api/{kind}/{name}", json=first.json(), headers={"if-match": first.headers["etag"]}
    )

    assert second.status_code == 200
    assert second.headers["etag"] == '"2"'


@pytest.mark.parametrize("kind", ["campaigns", "templates", "policies", "segments"])
async def test_put_without_if_match_does_not_overwrite(
    editor: httpx.AsyncClient, name: str, kind: str
) -> None:
    body = BODIES[kind]
    await editor.put(f"/api/{kind}/{name}", json=body)

    answer = await editor.put(f"/api/{kind}/{name}", json=body)

    assert (answer.status_code, answer.json()["code"]) == (409, "exists")


async def test_of_two_editors_the_slower_hears_of_it(editor: httpx.AsyncClient, name: str) -> None:
    await editor.put(f"/api/templates/{name}", json=TEMPLATE)

    answers = await asyncio.gather(
        *(
            editor.put(
                f"/api/templates/{name}",
                json={**TEMPLATE, "subject": subject},
                headers={"if-match": '"1"'},
            )
            for subject in ("one", "two")
        )
    )

    now = (await editor.get(f"/api/templates/{name}")).json()
    won = [answer for answer in answers if answer.status_code == 200]
    lost = [answer for answer in answers if answer.status_code == 409]
    assert (len(won), len(lost)) == (1, 1)
    assert lost[0].json()["code"] == "stale_revision"
    assert (now["subject"], now["revision"]) == (won[0].json()["subject"], 2)


@pytest.mark.parametrize("seen", ['"0"', '"2"'])
async def test_a_stale_revision_is_refused_whatever_is_asked(
    editor: httpx.AsyncClient, live: str, seen: str
) -> None:
    headers = {"if-match": seen}

    answers = [
        await editor.put(f"/api/campaigns/{live}", json=campaign(live), headers=headers),
        await editor.post(f"/api/campaigns/{live}/pause", headers={"if-match": '"9"'}),
        await editor.delete(f"/api/templates/{live}", headers={"if-match": '"9"'}),
    ]

    expected = [200 if seen == '"2"' else 409, 409, 409]
    assert [answer.status_code for answer in answers] == expected


async def test_publishing_without_the_template_is_refused_with_its_place(
    editor: httpx.AsyncClient, name: str
) -> None:
    await editor.put(f"/api/campaigns/{name}", json=campaign(f"no-{name}"))

    answer = await editor.post(f"/api/campaigns/{name}/publish")

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"] == [
        {"path": "steps.s1.template", "message": f"there is no template 'no-{name}'"}
    ]
    assert (await editor.get(f"/api/campaigns/{name}")).json()["status"] == "draft"


async def test_a_campaign_runs_pauses_and_stops(editor: httpx.AsyncClient, live: str) -> None:
    statuses = []
    for action in ("pause", "pause", "resume", "resume", "stop", "stop", "publish", "publish"):
        answer = await editor.post(f"/api/campaigns/{live}/{action}")
        statuses.append((answer.status_code, answer.json()["status"], answer.json()["revision"]))

    assert statuses == [
        (200, "paused", 3),
        (200, "paused", 3),
        (200, "live", 4),
        (200, "live", 4),
        (200, "stopped", 5),
        (200, "stopped", 5),
        (200, "live", 6),
        (200, "live", 6),
    ]


async def test_what_makes_no_sense_is_refused(editor: httpx.AsyncClient, name: str) -> None:
    await editor.put(f"/api/campaigns/{name}", json=campaign("mail"))

    answer = await editor.post(f"/api/campaigns/{name}/resume")

    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_status")


async def test_a_draft_changes_nothing_that_runs(editor: httpx.AsyncClient, live: str) -> None:
    edited = {**campaign(live), "name": "Edited"}

    answer = await editor.put(f"/api/campaigns/{live}", json=edited, headers={"if-match": '"2"'})

    assert (answer.json()["version"], answer.json()["published_version"]) == (3, 1)
    versions = (await editor.get(f"/api/campaigns/{live}/versions")).json()["items"]
    assert [(item["version"], item["name"]) for item in versions] == [(3, "Edited"), (1, "Cart")]
    assert [item["published_at"] is None for item in versions] == [True, False]


async def test_a_template_that_is_sent_is_not_deleted(editor: httpx.AsyncClient, live: str) -> None:
    refused = await editor.delete(f"/api/templates/{live}")
    await editor.post(f"/api/campaigns/{live}/stop")
    deleted = await editor.delete(f"/api/templates/{live}")

    assert (refused.status_code, refused.json()["code"]) == (409, "template_in_use")
    assert deleted.status_code == 204
    assert (await editor.get(f"/api/templates/{live}")).status_code == 404


async def test_what_was_deleted_is_gone_from_lists_but_not_its_versions(
    editor: httpx.AsyncClient, live: str
) -> None:
    await editor.delete(f"/api/campaigns/{live}")

    listed = (await editor.get("/api/campaigns", params={"limit": 500})).json()["items"]
    versions = await editor.get(f"/api/campaigns/{live}/versions")
    assert live not in {item["id"] for item in listed}
    assert (await editor.get(f"/api/campaigns/{live}")).status_code == 404
    assert len(versions.json()["items"]) == 1


async def test_lists_are_read_page_by_page(editor: httpx.AsyncClient, name: str) -> None:
    for number in range(5):
        await editor.put(f"/api/templates/{name}-{number}", json=TEMPLATE)

    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await editor.get("/api/templates", params={"limit": 2, "cursor": cursor})).json()
        assert len(page["items"]) <= 2
        found += [item["id"] for item in page["items"]]
        cursor = page["cursor"]

    assert found == sorted(set(found))
    assert {f"{name}-{number}" for number in range(5)} <= set(found)


@pytest.mark.parametrize("definition_id", ["a/b", "ü %2F?#", "C:\\x", "..", "a+b c"])
async def test_an_id_may_hold_anything_printable(
    editor: httpx.AsyncClient, name: str, definition_id: str
) -> None:
    own_id = f"{definition_id}{name}"
    path = httpx.URL("http://127.0.0.1:8080").copy_with(
        raw_path=b"/api/templates/" + _quoted(own_id)
    )

    put = await editor.put(path, json=TEMPLATE)
    got = await editor.get(path)

    assert put.status_code == 200, put.text
    assert got.json()["id"] == own_id


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"triggers": "x"}, "triggers"),
        ({"triggers": []}, "triggers"),
        ({"start": "s9"}, "start"),
        ({"name": 7}, "name"),
        ({"surprise": 1}, ""),
        ({"id": "another"}, "id"),
        ({"triggers": [{"id": "a", "type": "T99"}]}, "triggers[0].type"),
        (
            {"triggers": [{"id": "a", "type": "T01", "params": {"idle": "soon"}}]},
            "triggers[0].params.idle",
        ),
        ({"steps": {"s1": {"type": "send", "channel": "email"}}}, "steps.s1"),
        (
            {"steps": {"s1": {"type": "send", "channel": "smoke", "template": "t"}}},
            "steps.s1.channel",
        ),
    ],
)
async def test_a_body_that_is_no_campaign_says_where(
    editor: httpx.AsyncClient, name: str, body: dict[str, object], path: str
) -> None:
    answer = await editor.put(f"/api/campaigns/{name}", json={**campaign("mail"), **body})

    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_definition"
    assert [error["path"] for error in answer.json()["errors"]] == [path]


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ({"subject": "{{ unclosed"}, "subject"),
        ({"text": "{% for x in y %}"}, "text"),
        ({"subject": "two\nlines"}, "subject"),
        ({"text": ""}, "html"),
    ],
)
async def test_a_template_is_checked_when_it_is_saved(
    editor: httpx.AsyncClient, name: str, template: dict[str, str], path: str
) -> None:
    answer = await editor.put(f"/api/templates/{name}", json={**TEMPLATE, **template})

    assert answer.status_code == 400
    assert [error["path"] for error in answer.json()["errors"]] == [path]


@pytest.mark.parametrize(
    ("content", "kind", "refusal"),
    [
        (b"{", "application/json", (400, "invalid_json")),
        (b"\xff", "application/json", (400, "invalid_json")),
        (b'{"id": "\xff"}', "application/json", (400, "invalid_json")),
        (b"[]", "application/json", (400, "invalid_body")),
        (b"[" * 100_000, "application/json", (400, "invalid_body")),
        (b'{"a":' * 5_000, "application/json", (400, "invalid_json")),
        (b"{}", "text/plain", (415, "unsupported_media_type")),
        (b"a=b", "application/x-www-form-urlencoded", (415, "unsupported_media_type")),
        (b" " * 600_000, "application/json", (413, "body_too_large")),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused(
    editor: httpx.AsyncClient, content: bytes, kind: str, refusal: tuple[int, str]
) -> None:
    answer = await editor.put(
        "/api/templates/unreadable", content=content, headers={"content-type": kind}
    )

    assert (answer.status_code, answer.json()["code"]) == refusal


@pytest.mark.parametrize("seen", ["3", "*", '"x"', "", '"3", "4"'])
async def test_an_if_match_that_is_none_of_ours_is_refused(
    editor: httpx.AsyncClient, name: str, seen: str
) -> None:
    answer = await editor.put(f"/api/templates/{name}", json=TEMPLATE, headers={"if-match": seen})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_etag")


async def test_a_restart_folds_the_same(
    editor: httpx.AsyncClient, live: str, config: Settings, opened: services.Services
) -> None:
    await opened.producer.deliver(
        [Record(topic=topics.DEFINITIONS.name, key=b"x", value=b"no change", partition=0)]
    )
    before = (await editor.post(f"/api/campaigns/{live}/pause")).json()

    async with services.opened(config) as again:
        transport = httpx.ASGITransport(app.build(again))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1:8080", headers=editor.headers
        ) as client:
            after = (await client.get(f"/api/campaigns/{live}")).json()

    assert after == before


def _quoted(text: str) -> bytes:
    return b"".join(b"%%%02X" % byte for byte in text.encode())
