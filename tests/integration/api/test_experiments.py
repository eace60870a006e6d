"""A/B tests over HTTP: results from ClickHouse, the verdict in its time, a winner by hand (X03)."""

import itertools
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest

from api.judging import Judge
from api.services import Services, now_ms
from clickhouse.client import Writer
from clickhouse.tables import EventRow, FactRow, MessageRow
from tests.support import log_rows

HOUR = 60 * 60 * 1000
DAY = 24 * HOUR

OF_ARM = 20

OFFSETS: Iterator[int] = itertools.count(7_000_000)


def campaign(template: str, **fields: object) -> dict[str, object]:
    arms = {"a": {"weight": 1, "next": "mail"}, "b": {"weight": 1, "next": "mail"}}
    test = {
        "type": "ab_test",
        "arms": arms,
        "metric": "click",
        "sample_size": 2 * OF_ARM,
        "wait": "2d",
        **fields,
    }
    return {
        "triggers": [{"id": "idle", "type": "T01", "params": {"idle": "30m"}}],
        "start": "test",
        "steps": {
            "test": test,
            "mail": {"type": "send", "channel": "email", "template": template},
        },
    }


@pytest.fixture
def name() -> str:
    """An id that no other test uses."""
    return f"ab-{uuid4().hex[:12]}"


async def publish(editor: httpx.AsyncClient, name: str, **fields: object) -> None:
    template = {"channel": "email", "subject": "Still there?", "text": "Hello"}
    await editor.put(f"/api/templates/{name}", json=template)
    saved = await editor.put(f"/api/campaigns/{name}", json=campaign(name, **fields))
    assert saved.status_code == 200, saved.text
    published = await editor.post(f"/api/campaigns/{name}/publish")
    assert published.status_code == 200, published.text


def assigned(name: str, who: str, arm: str, *, at: int, origin: str = "sample") -> FactRow:
    fact = log_rows.fact(f"f-{name}-{who}", offset=next(OFFSETS), kind="arm_assigned")
    return fact._replace(
        customer=f"{name}-{who}",
        at=at,
        logged_at=at,
        campaign=name,
        name=f"{name}/test",
        after=arm,
        origin=origin,
    )


def message(name: str, who: str, *, at: int) -> MessageRow:
    row = log_rows.message(f"m-{name}-{who}-{at}", offset=next(OFFSETS))
    return row._replace(customer=f"{name}-{who}", campaign=name, at=at, logged_at=at)


def click(of: MessageRow, *, at: int, machine: bool = False) -> EventRow:
    row = log_rows.event(f"c-{of.id}", offset=next(OFFSETS), kind="response", at=at)
    return row._replace(
        type="responded",
        customer=of.customer,
        message_id=of.id,
        campaign=of.campaign,
        channel="email",
        response="clicked",
        is_machine=machine,
    )


def ordered(name: str, who: str, total: int, *, at: int) -> EventRow:
    row = log_rows.event(f"o-{name}-{who}", offset=next(OFFSETS), at=at)
    return row._replace(
        type="order_completed",
        customer=f"{name}-{who}",
        order_id=f"o-{name}-{who}",
        total=Decimal(total),
    )


async def sampled(writer: Writer, name: str, *, at: int) -> list[MessageRow]:
    """Twenty of each arm, with a message each: `a0`, `b0`, ..."""
    people = [(f"{arm}{number}", arm) for arm in "ab" for number in range(OF_ARM)]
    sent = [message(name, who, at=at) for who, _ in people]
    await writer.insert([assigned(name, who, arm, at=at) for who, arm in people])
    await writer.insert(sent)
    return sent


async def shown(editor: httpx.AsyncClient, name: str) -> dict[str, Any]:
    answer = await editor.get(f"/api/campaigns/{name}/experiments")
    assert answer.status_code == 200, answer.text
    [item] = answer.json()["items"]
    return dict(item)


async def test_nobody_is_in_it_at_first(editor: httpx.AsyncClient, name: str) -> None:
    await publish(editor, name)

    item = await shown(editor, name)

    assert (item["state"], item["sample_count"], item["verdict"]) == ("sampling", 0, None)
    assert [(arm["arm"], arm["customers"], arm["value"]) for arm in item["arms"]] == [
        ("a", 0, None),
        ("b", 0, None),
    ]


async def test_people_win_and_machines_do_not(
    editor: httpx.AsyncClient, opened: Services, writer: Writer, name: str
) -> None:
    """M090: of arm a 18 of 20 click; of b two people, and a scanner on every mail of the others."""
    await publish(editor, name)
    at = now_ms() - 3 * DAY
    sent = await sampled(writer, name, at=at)
    people = [*sent[:18], *sent[OF_ARM : OF_ARM + 2]]
    clicks = [click(one, at=at + HOUR) for one in people]
    machines = [click(one, at=at + HOUR, machine=True) for one in sent[OF_ARM + 2 :]]
    await writer.insert([*clicks, *machines])

    before = await shown(editor, name)
    given = await opened.judge.decide()
    after = await shown(editor, name)

    assert [arm["reached"] for arm in before["arms"]] == [18, 2]
    assert before["so_far"]["winner"] == "a"
    assert [one.winner for one in given if one.id == f"{name}/test"] == ["a"]
    assert (after["state"], after["verdict"]["by"]) == ("decided", "statistics")
    assert opened.definitions.current.experiments[f"{name}/test"].verdict.weights == {"a": 1}


async def test_what_was_before_or_too_late_does_not_count(
    editor: httpx.AsyncClient, writer: Writer, name: str
) -> None:
    await publish(editor, name)
    at = now_ms() - 5 * DAY
    sent = await sampled(writer, name, at=at)
    early = message(name, "a1", at=at - HOUR)
    await writer.insert([early])
    await writer.insert([click(early, at=at + HOUR), click(sent[0], at=at + 2 * DAY + HOUR)])

    item = await shown(editor, name)

    assert [arm["reached"] for arm in item["arms"]] == [0, 0]


async def test_a_verdict_is_not_given_before_its_time(
    editor: httpx.AsyncClient, opened: Services, writer: Writer, name: str
) -> None:
    await publish(editor, name)
    at = now_ms() - DAY
    sent = await sampled(writer, name, at=at)
    await writer.insert([click(one, at=at + HOUR) for one in sent[:OF_ARM]])

    given = await opened.judge.decide()

    assert f"{name}/test" not in [one.id for one in given]
    assert (await shown(editor, name))["state"] == "waiting"


async def test_a_tie_is_a_verdict_too_and_who_came_by_it_is_not_counted(
    editor: httpx.AsyncClient, opened: Services, writer: Writer, name: str
) -> None:
    await publish(editor, name, tie="b")
    at = now_ms() - 3 * DAY
    await sampled(writer, name, at=at)
    await writer.insert([assigned(name, "late", "b", at=at + DAY, origin="tie")])

    given = await opened.judge.decide()

    verdict = next(one for one in given if one.id == f"{name}/test")
    assert (verdict.winner, verdict.weights) == (None, {"b": 1})
    assert [arm["customers"] for arm in (await shown(editor, name))["arms"]] == [OF_ARM, OF_ARM]


async def test_revenue_is_added_up_by_customer(
    editor: httpx.AsyncClient, writer: Writer, name: str
) -> None:
    await publish(editor, name, metric="revenue")
    at = now_ms() - 3 * DAY
    await sampled(writer, name, at=at)
    orders = [("a0", 30, at + HOUR), ("a1", 50, at + HOUR), ("b0", 20, at + 2 * DAY + HOUR)]
    await writer.insert([ordered(name, who, total, at=when) for who, total, when in orders])

    [a, b] = (await shown(editor, name))["arms"]

    assert (a["reached"], Decimal(a["total"])) == (2, Decimal(80))
    assert (b["reached"], Decimal(b["total"])) == (0, Decimal(0))


async def test_a_winner_is_declared_by_hand_and_stands(
    editor: httpx.AsyncClient, opened: Services, writer: Writer, name: str
) -> None:
    await publish(editor, name)
    await sampled(writer, name, at=now_ms() - 3 * DAY)
    path = f"/api/campaigns/{name}/experiments/test"

    declared = await editor.put(path, json={"winner": "b", "why": "it is ours"})
    again = await editor.put(path, json={"winner": "a"})
    stale = await editor.put(path, json={"winner": "a"}, headers={"if-match": '"7"'})
    given = await opened.judge.decide()
    other = {"if-match": declared.headers["etag"]}
    replaced = await editor.put(path, json={"weights": {"a": 3, "b": 1}}, headers=other)

    assert (declared.status_code, declared.json()["by"]) == (200, "operator")
    assert (again.status_code, stale.status_code) == (409, 409)
    assert f"{name}/test" not in [one.id for one in given]
    assert replaced.json()["weights"] == {"a": 3, "b": 1}


@pytest.mark.parametrize(
    "body",
    [{}, {"winner": "c"}, {"winner": "a", "weights": {"a": 1}}, {"weights": {"a": 0}}],
)
async def test_a_verdict_that_is_none_is_refused(
    editor: httpx.AsyncClient, name: str, body: dict[str, object]
) -> None:
    await publish(editor, name)

    answer = await editor.put(f"/api/campaigns/{name}/experiments/test", json=body)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_verdict")


async def test_only_a_test_has_a_verdict(editor: httpx.AsyncClient, name: str) -> None:
    await publish(editor, name)

    answer = await editor.put(f"/api/campaigns/{name}/experiments/mail", json={"winner": "a"})

    assert answer.status_code == 404


async def test_of_two_processes_one_gives_the_verdict(
    editor: httpx.AsyncClient, opened: Services, writer: Writer, name: str
) -> None:
    await publish(editor, name)
    await sampled(writer, name, at=now_ms() - 3 * DAY)
    other = Judge(reader=opened.reader, log=opened.definitions, clock=now_ms)

    given = [*await opened.judge.decide(), *await other.decide()]

    assert [one.id for one in given].count(f"{name}/test") == 1
    assert opened.definitions.current.experiments[f"{name}/test"].revision == 1
