"""The outbox, rejections and reports over HTTP."""

import csv
from uuid import uuid4

import httpx
import pytest

from clickhouse.client import Writer
from tests.support import log_rows
from tests.support.log_rows import MONDAY


@pytest.fixture
def name() -> str:
    """An id that no other test uses."""
    return f"t-{uuid4().hex[:12]}"


async def test_the_outbox_shows_each_message_once_as_it_was_rendered(
    editor: httpx.AsyncClient, writer: Writer, name: str
) -> None:
    sent = [
        log_rows.send(name, state=state, attempt=attempt, is_rendered=state == "accepted")
        for state, attempt in (("reserved", 1), ("accepted", 1), ("accepted", 2))
    ]
    await writer.insert([send._replace(customer=name) for send in sent])

    answer = await editor.get("/api/outbox", params={"customer": name})

    assert answer.json() == {
        "items": [
            {
                "id": name,
                "customer": name,
                "channel": "email",
                "to": "c1@example.com",
                "campaign": "cart",
                "version": 1,
                "step": "s1",
                "template": "t1",
                "subject": "Your cart",
                "text": "waits",
                "html": "<p>waits</p>",
                "headers": {"List-Unsubscribe": "<x>"},
                "at": "2025-12-01T00:00:00.000Z",
            }
        ],
        "cursor": None,
    }


@pytest.mark.parametrize(
    ("since", "count"),
    [
        ("2025-12-01T00:00:00.000Z", 1),
        ("2025-12-01T00:00:00.001Z", 0),
        ("2025-12-01T01:00:00+01:00", 1),
        ("2025-11-30T20:00:00.001-04:00", 0),
        ("0001-01-01T00:00:00Z", 1),
        ("9999-01-01T00:00:00Z", 0),
    ],
)
async def test_the_outbox_is_asked_since_a_time_of_any_offset(
    editor: httpx.AsyncClient, writer: Writer, since: str, count: int
) -> None:
    name = f"t-{uuid4().hex}"
    send = log_rows.send(name, state="accepted", is_rendered=True)
    await writer.insert([send._replace(customer=name)])

    answer = await editor.get("/api/outbox", params={"customer": name, "since": since})

    assert len(answer.json()["items"]) == count


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/api/outbox", {"since": "yesterday"}),
        ("/api/outbox", {"since": "2025-12-01T00:00:00"}),
        ("/api/outbox", {"limit": "0"}),
        ("/api/outbox", {"limit": "501"}),
        ("/api/outbox", {"limit": "-1"}),
        ("/api/outbox", {"limit": "ten"}),
        ("/api/outbox", {"cursor": "%%%"}),
        ("/api/outbox", {"cursor": "WzEsMl0"}),
        ("/api/outbox", {"cursor": "Wzk5OTk5OTk5OTk5OTk5OTk5OTk5OSwiYSJd"}),
        ("/api/outbox", {"cursor": "ü"}),
        ("/api/outbox", {"custmer": "c1"}),
        ("/api/customers", {"segment": "s1"}),
        ("/api/customers/c1/activity", {"category": "sports"}),
        ("/api/reports/events", {"until": "x"}),
        ("/api/reports/events", {"format": "xlsx"}),
    ],
)
async def test_a_query_that_means_nothing_is_refused(
    editor: httpx.AsyncClient, path: str, query: dict[str, str]
) -> None:
    answer = await editor.get(path, params=query)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_query")
    assert [error["path"] for error in answer.json()["errors"]] == list(query)


@pytest.mark.parametrize("text", ["'; DROP VIEW oncue.outbox; --", "\\", "{id:String}", "%", "'"])
async def test_what_is_asked_for_is_data(editor: httpx.AsyncClient, text: str) -> None:
    outbox = await editor.get("/api/outbox", params={"customer": text})
    customers = await editor.get("/api/customers", params={"q": text + "nobody"})

    assert outbox.json() == {"items": [], "cursor": None}
    assert customers.json() == {"items": [], "cursor": None}


async def test_rejections_are_those_of_the_collector(
    editor: httpx.AsyncClient, writer: Writer, name: str
) -> None:
    refused = log_rows.dead_letter(f"{name}-c", payload=b'{"a": "\xff"}')._replace(code=name)
    elsewhere = log_rows.dead_letter(f"{name}-w")._replace(code=name, place="worker")
    await writer.insert([refused, elsewhere])

    [rejection] = (await editor.get("/api/rejections", params={"code": name})).json()["items"]
    letters = (await editor.get("/api/dead-letters", params={"code": name})).json()["items"]

    assert (rejection["id"], rejection["path"], rejection["source"]) == (f"{name}-c", "", "demo")
    assert rejection["payload"] == '{"a": "\ufffd"}'
    assert rejection["payload_base64"] == "eyJhIjogIv8ifQ=="
    assert {item["place"] for item in letters} == {"collector", "worker"}


async def test_events_are_counted_by_name_and_type(
    editor: httpx.AsyncClient, writer: Writer, name: str
) -> None:
    rows = [log_rows.event(f"{name}-{n}", name=name, at=MONDAY + n) for n in range(3)]
    await writer.insert([rows[0], rows[1], rows[2]._replace(customer="somebody else")])
    await writer.insert([rows[0]])

    items = (await editor.get("/api/reports/events")).json()["items"]

    assert [item for item in items if item["name"] == name] == [
        {
            "name": name,
            "type": "tracked",
            "count": 3,
            "customers": 2,
            "first_at": "2025-12-01T00:00:00.000Z",
            "last_at": "2025-12-01T00:00:00.002Z",
        }
    ]


async def test_messages_are_counted_by_campaign_and_reason(
    editor: httpx.AsyncClient, writer: Writer, name: str
) -> None:
    decided = [("fired", "")] * 3 + [("sent", "admitted"), ("not_sent", "no_consent")]
    await writer.insert(
        [
            log_rows.fact(f"{name}-{number}", kind=kind)._replace(campaign=name, reason=reason)
            for number, (kind, reason) in enumerate([*decided, ("not_sent", "no_address")])
        ]
    )
    opened = log_rows.event(f"{name}-r", kind="response")._replace(
        campaign=name, message_id="m", response="opened"
    )
    scanned = opened._replace(id=f"{name}-s", message_id="n", is_machine=True)
    await writer.insert([opened, scanned])

    items = (await editor.get("/api/reports/messages")).json()["items"]

    assert [item for item in items if item["campaign"] == name] == [
        {
            "campaign": name,
            "fired": 3,
            "entered": 0,
            "sent": 1,
            "not_sent": 2,
            "not_sent_reasons": {"no_address": 1, "no_consent": 1},
            "responses": {"opened": 1},
        }
    ]


async def test_goals_are_counted_by_campaign_goal_and_group(
    editor: httpx.AsyncClient, writer: Writer, name: str
) -> None:
    """X35: the control group beside those treated, and each run once."""
    told = [("r1", "treated", "19.90"), ("r2", "treated", None), ("r3", "holdout", "5")]
    reached = [
        log_rows.fact(f"{name}-{run}", kind="goal_reached")._replace(
            campaign=name, instance=run, name="bought", origin=group, after=worth
        )
        for run, group, worth in told
    ]
    await writer.insert([*reached, reached[0]])

    items = (await editor.get("/api/reports/goals")).json()["items"]

    assert [
        (item["goal"], item["group"], item["reached"], float(item["value"]))
        for item in items
        if item["campaign"] == name
    ] == [("bought", "holdout", 1, 5.0), ("bought", "treated", 2, 19.9)]


async def test_reports_are_tables_too_and_no_cell_is_a_formula(
    editor: httpx.AsyncClient, writer: Writer, name: str
) -> None:
    hostile = f"=cmd|'{name}', \"x\""
    await writer.insert([log_rows.event(f"{name}-e", name=hostile)])
    await writer.insert([log_rows.fact(f"{name}-f")._replace(campaign=name)])

    events = await editor.get("/api/reports/events", params={"format": "csv"})
    messages = await editor.get("/api/reports/messages", params={"format": "csv"})

    assert events.headers["content-type"].startswith("text/csv")
    [line] = [row for row in csv.reader(events.text.splitlines()) if name in row[0]]
    assert line[:4] == [f"'{hostile}", "tracked", "1", "1"]
    assert f"{name},fired,,1,1" in messages.text.splitlines()
