"""More entries than its author thought of: the campaign pauses itself for a person to confirm."""

from typing import Any

import msgspec
import pytest

from engine.definitions.campaigns import Campaign, flaws
from engine.definitions.publishing import Tripped
from engine.events import Tracked
from tests.support.journeys import MAILS, journey, mail
from tests.support.story import MINUTE, Book
from tests.support.town import Town

HOUR = 60
SHOPPERS = ("ann", "ben", "cleo", "dora", "eve")


def guarded(entries: int = 2, per: str = "1h", **fields: object) -> dict[str, Any]:
    go = {"type": "T31", "params": {"event": "Go"}}
    trigger = {**go, "volume_guard": {"entries": entries, "per": per}}
    return journey({"one": mail("first")}, trigger=trigger, id="guarded", **fields)


def book(body: dict[str, object]) -> Book:
    found = Book()
    for name in MAILS:
        found.change("templates", name, "put", {"id": name, "subject": name, "text": name})
    return found.publish(body)


def town(body: dict[str, object]) -> Town:
    return Town(book(body).definitions).joins(*SHOPPERS).wait(until=1)


def go(found: Town, *who: str, name: str = "Go") -> Town:
    for one in who:
        found.says(one, Tracked(id=found.id(), occurred_at=found.now, name=name))
        found.run_until(found.now + 1)
    return found


def entered(found: Town) -> list[str]:
    return [one.customer for one in found.messages]


def test_as_many_come_in_as_the_guard_lets_in_and_then_the_campaign_is_paused() -> None:
    found = go(town(guarded()), "ann", "ben", "cleo", "dora")

    entry = found.definitions.campaigns["guarded"]
    assert entered(found) == ["ann", "ben"]
    assert found.reasons("cleo", "guarded") == ["fired", "not_sent: volume_guard"]
    assert found.reasons("dora", "guarded") == []
    assert entry.status == "paused"
    assert entry.guard == Tripped(trigger="t", entries=2, per="1h", at=MINUTE + 2)


def test_what_came_longer_ago_counts_no_more() -> None:
    found = go(town(guarded()), "ann", "ben").wait(until=2 * HOUR)

    go(found, "cleo", "dora")

    assert entered(found) == ["ann", "ben", "cleo", "dora"]
    assert found.definitions.status("guarded") == "live"


def test_who_confirms_lets_as_many_in_again() -> None:
    found = go(town(guarded()), "ann", "ben", "cleo").wait(until=2)

    go(found.does("guarded", "resume"), "cleo", "dora", "eve")

    assert entered(found) == ["ann", "ben", "cleo", "dora"]
    assert found.definitions.status("guarded") == "paused"


def test_a_campaign_that_goes_on_says_nothing_of_its_guard() -> None:
    found = go(town(guarded()), "ann", "ben", "cleo").does("guarded", "resume")

    assert found.definitions.campaigns["guarded"].guard is None


def test_a_new_version_counts_anew() -> None:
    found = go(town(guarded()), "ann", "ben")

    found.does("guarded", "put", guarded(category="promo")).does("guarded", "publish")
    go(found, "cleo")

    assert entered(found) == ["ann", "ben", "cleo"]


def test_another_trigger_of_the_campaign_is_not_guarded_by_it() -> None:
    body = guarded(1)
    other = {"id": "other", "type": "T31", "params": {"event": "Else"}}
    found = town({**body, "triggers": [*body["triggers"], other]})

    go(go(found, "ann"), "ben", "cleo", name="Else")

    assert entered(found) == ["ann", "ben", "cleo"]


def test_who_would_not_be_let_in_anyway_counts_for_nothing() -> None:
    rule = {"op": "attr", "path": "plan", "is": "=", "value": "gold"}
    body = guarded(1)
    [trigger] = body["triggers"]
    found = town({**body, "triggers": [{**trigger, "audience": rule}]})

    go(found, "ann", "ben", "cleo")

    assert entered(found) == []
    assert found.definitions.status("guarded") == "live"


def test_a_limit_of_participants_holds_beside_the_guard() -> None:
    found = go(town(guarded(3, limit={"total": 2})), "ann", "ben", "cleo")

    assert entered(found) == ["ann", "ben"]
    assert found.reasons("cleo", "guarded")[-1] == "not_sent: limit_reached"
    assert found.definitions.status("guarded") == "live"
    go(found, "dora")
    assert found.reasons("dora", "guarded")[-1] == "not_sent: volume_guard"
    assert found.definitions.status("guarded") == "paused"


def test_without_an_answer_nobody_comes_in_and_the_campaign_runs_on() -> None:
    found = town(guarded())
    found.is_answering = False

    go(found, "ann").wait(until=HOUR)

    assert found.reasons("ann", "guarded") == ["fired", "not_sent: limit_unanswered"]
    assert found.definitions.status("guarded") == "live"


def test_a_draft_saved_meanwhile_does_not_save_the_campaign_from_its_guard() -> None:
    """The first word is of an older revision, and void; the next one is not."""
    found = go(town(guarded(1)), "ann")
    before = found.definitions
    found.does("guarded", "put", guarded(1, category="promo"))
    drafted, found.definitions = found.definitions, before
    found.is_answering = True
    found.says("ben", Tracked(id=found.id(), occurred_at=found.now, name="Go"))
    assert found.definitions.status("guarded") == "paused"

    found.definitions = drafted
    go(found, "cleo")

    assert found.definitions.status("guarded") == "paused"


@pytest.mark.parametrize(
    ("guard", "path"),
    [
        ({"entries": 0}, "triggers[0].volume_guard.entries"),
        ({"entries": 10**10}, "triggers[0].volume_guard.entries"),
        ({"entries": 1, "per": "soon"}, "triggers[0].volume_guard.per"),
        ({"entries": 1, "per": "400d"}, "triggers[0].volume_guard.per"),
    ],
)
def test_a_guard_that_is_none_is_refused_at_save(guard: dict[str, object], path: str) -> None:
    body = guarded()
    body["triggers"][0]["volume_guard"] = guard

    found = flaws(msgspec.convert(body, Campaign))

    assert [flaw.path for flaw in found] == [path]
