"""What is said of a decision, and of one that was not taken yet."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from api.admin import decided, foreseeing, reasons
from api.admin.foreseeing import Foretold
from engine.definitions import places
from engine.journeys.foreseeing import Asking
from engine.why import Why
from tests.support.journeys import journey, mail, opens_lookbook, told
from tests.support.story import MINUTE, Book, Story

ABOUT = {"type": "T31", "params": {"event": "Lookbook Opened"}}

ADULT = {
    "op": "all",
    "of": [
        {"op": "attr", "path": "plan", "is": "=", "value": "vip"},
        {"op": "attr", "path": "level", "is": ">=", "value": 3},
    ],
}


def campaign(**trigger: object) -> dict[str, object]:
    return journey({"one": mail("first")}, trigger={**ABOUT, **trigger})


def said(story: Story, why: Why, *, version: int) -> decided.Grounds:
    known = story.definitions.campaigns["cart-reminder"].versions.get(version)
    return decided.grounds(why, known, story.definitions)


def refused(story: Story) -> Why:
    why = opens_lookbook(story, at=1).facts[-1].why
    assert why is not None
    return why


def test_a_refusal_says_which_question_was_false_and_what_stood_there() -> None:
    story = told(campaign(audience=ADULT))
    found = said(story, refused(story), version=1)

    assert decided.details(found) == (
        '; triggers.t.audience did not hold: attr("plan") = "vip" is false with nothing'
    )
    [rule] = found.rules
    assert rule.tree is not None
    assert (rule.tree.verdict, [one.verdict for one in rule.tree.of]) == (False, [False, None])
    assert [one.says for one in rule.tree.of] == ['attr("plan") = "vip"', 'attr("level") >= 3']


def test_of_a_version_that_is_not_known_any_more_the_values_are_left() -> None:
    story = told(campaign(audience=ADULT))
    [rule] = said(story, refused(story), version=9).rules

    assert (rule.tree, rule.values, rule.verdict) == (None, {"n2": None}, False)


def test_what_was_too_large_to_keep_says_so() -> None:
    story = told(campaign(audience=ADULT))
    why = refused(story)
    cut = msgspec.structs.replace(why.rules[0], operands=None)
    found = said(story, msgspec.structs.replace(why, rules=(cut,)), version=1)

    assert found.rules[0].whole is False
    assert decided.details(found) == (
        "; triggers.t.audience did not hold: what it read was too large to keep"
    )


def test_a_check_is_told_with_what_it_looked_at_times_as_times() -> None:
    story = told(campaign(re_entry={"policy": "never"}))
    why = refused(opens_lookbook(story, at=2))

    assert decided.details(said(story, why, version=1)).startswith(
        " (re_entry never, entered_at 1970-01-01T00:02:00.000Z, runs 0, runs_max 10)"
    )


def test_a_sentence_names_three_questions_and_counts_the_others() -> None:
    many = {"op": "any", "of": [{"op": "attr", "path": f"p{n}", "is": "exists"} for n in range(5)]}
    story = told(campaign(audience=many))

    assert decided.details(said(story, refused(story), version=1)).endswith(
        'attr("p2") exists is false with nothing and 2 more'
    )


def would(story: Story, event: Mapping[str, Any] | None = None) -> Foretold:
    entry = story.definitions.campaigns["cart-reminder"]
    asking = Asking(story.row.customer, story.definitions, 10 * MINUTE)
    return foreseeing.foretold(entry, asking, dict(event or {}))


def test_who_would_enter_is_told_so_and_what_they_would_be_sent() -> None:
    """g03: nothing is changed by the question."""
    story = told(campaign())
    before = story.row.customer
    found = would(story)

    assert (found.would_enter, found.words) == (True, "yes, as soon as a trigger fires: t")
    assert [(one.step, one.would_send) for one in found.messages] == [("one", True)]
    assert story.row.customer == before


def test_who_would_not_enter_is_told_why() -> None:
    found = would(told(campaign(audience=ADULT)))

    assert (found.would_enter, found.triggers[0].reason) == (False, "not_in_audience")
    assert found.words.startswith("no: the customer is not one of those whom the trigger is for;")


def test_who_would_enter_and_be_sent_nothing_is_told_both() -> None:
    story = told(campaign()).says({"email": False}, at=1)
    [message] = would(story).messages

    assert would(story).would_enter
    assert (message.would_send, message.reason) == (False, "no_consent")


def test_the_filter_is_asked_of_the_event_that_is_supposed() -> None:
    only = {"op": "prop", "path": "properties.page", "is": "=", "value": "sale"}
    story = told(campaign(property_filter=only))

    assert would(story).triggers[0].reason == "filtered"
    assert would(story, {"properties": {"page": "sale"}}).would_enter


@pytest.mark.parametrize("action", ["pause", "stop"])
def test_a_campaign_that_is_not_live_lets_nobody_in(action: Any) -> None:  # noqa: ANN401 a literal
    story = told(campaign())
    story.definitions = changed(story, action)
    found = would(story)

    assert not found.would_enter
    assert found.triggers[0].would_enter
    assert found.words == f"no: {foreseeing.NOT_LIVE[found.status]}"


def changed(story: Story, action: Any) -> Any:  # noqa: ANN401 a literal
    book = Book()
    book.definitions = story.definitions
    return book.change("campaigns", "cart-reminder", action).definitions


def test_every_rule_of_a_campaign_has_a_place() -> None:
    vip = {"op": "attr", "path": "plan", "is": "=", "value": "vip"}
    steps = {
        "f": {"type": "filter", "if": vip, "next": "b"},
        "b": {"type": "branch", "branches": [{"id": "x", "if": vip, "next": None}]},
    }
    body = journey(
        steps,
        trigger={"audience": vip, "exclude": vip},
        exit=[{"id": "e", "if": vip}],
    )
    known = told(body).definitions.campaigns["cart-reminder"].draft

    for place in (
        "triggers.t.audience",
        "triggers.t.exclude",
        "steps.f.if",
        "steps.b.branches.x.if",
        "exit.e.if",
    ):
        assert places.found(known, place) is not None, place
    assert places.found(known, "triggers.t.property_filter") is None
    assert reasons.words("not_sent", "filtered").startswith("no message was sent: ")
