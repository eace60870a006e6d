"""X58, g06: every decision carries what it rests on, and what it rests on decides it again."""

import msgspec
import pytest

from engine import why
from engine.capping import Count
from engine.conditions import nodes, tracing
from engine.conditions.nodes import Node
from engine.definitions import places
from engine.events import Identified, Tracked
from engine.facts import Fact
from engine.journeys import asking, running
from tests.support.journeys import book, delay, journey, mail, opens_lookbook, told
from tests.support.story import MINUTE, Story

ADULT = {
    "op": "all",
    "of": [
        {"op": "attr", "path": "plan", "is": "=", "value": "vip"},
        {"op": "attr", "path": "level", "is": ">=", "value": 3},
    ],
}

ABOUT = {"event": "Lookbook Opened"}

A_SKU = {"op": "prop", "path": "sku", "is": "exists"}

ABOVE_2 = {"op": "prop", "path": "p", "is": ">", "value": 2}


def calls_himself(story: Story, *, at: int, **traits: object) -> Story:
    return story.event(Identified(id=f"i-{at}", occurred_at=at * MINUTE, traits=traits))


def decided(story: Story, kind: str, reason: str) -> Fact:
    [found] = [fact for fact in story.facts if (fact.kind, fact.reason) == (kind, reason)]
    return found


def asked_again(story: Story, fact: Fact) -> dict[str, bool]:
    """The verdict of each recorded rule from what was recorded, and nothing else."""
    assert fact.why is not None
    campaign = story.definitions.campaigns[fact.campaign].versions[fact.version]
    again = {}
    for asked in fact.why.rules:
        rule, operands = places.found(campaign, asked.place), asked.operands
        assert rule is not None
        assert operands is not None
        if isinstance(rule, Node):
            again[asked.place] = tracing.holds(rule, operands)
        else:
            of_run = places.is_of_run(asked.place)
            compiled = asking.compiled(rule, story.definitions, of_run=of_run)
            again[asked.place] = compiled.asked_again(operands, now=fact.why.now)
    assert again == {asked.place: asked.verdict for asked in fact.why.rules}
    return again


def test_who_is_not_let_in_is_told_by_which_question_and_with_which_value() -> None:
    story = told(journey({"one": mail("first")}, trigger={"audience": ADULT}))
    calls_himself(story, at=0, plan="basic", level=5).adds("shoes", at=1).wait(until=31)

    refused = decided(story, "not_sent", "not_in_audience")
    assert refused.why is not None
    [asked] = refused.why.rules
    assert asked == why.Asked("triggers.t.audience", verdict=False, operands={"n2": "basic"})
    assert asked_again(story, refused) == {"triggers.t.audience": False}


def test_a_message_carries_the_way_that_led_to_it() -> None:
    """Branch, filter and arm, in the order they were taken."""
    vip = {"op": "attr", "path": "plan", "is": "=", "value": "vip"}
    steps = {
        "which": {
            "type": "branch",
            "branches": [
                {"id": "gone", "if": {"op": "attr", "path": "left", "is": "exists"}, "next": None},
                {"id": "vip", "if": vip, "next": "half"},
            ],
        },
        "half": {
            "type": "random_split",
            "salt": "test",
            "arms": {"a": {"weight": 1, "next": "only"}},
        },
        "only": {"type": "filter", "if": ADULT, "next": "one"},
        "one": mail("first"),
    }
    story = told(journey(steps, trigger={"audience": vip}))
    calls_himself(story, at=0, plan="vip", level=3).adds("shoes", at=1).wait(until=31)

    entered, sent = (one for one in story.facts if one.kind in {"entered", "sent"})
    assert asked_again(story, entered) == {"triggers.t.audience": True}
    assert asked_again(story, sent) == {
        "steps.which.branches.gone.if": False,
        "steps.which.branches.vip.if": True,
        "steps.only.if": True,
    }
    assert sent.why is not None
    assert sent.why.arms == {"test": "a"}


def test_every_decision_names_the_event_that_led_to_it() -> None:
    story = told(journey({"one": mail("first")}, trigger={"type": "T31", "params": ABOUT}))
    opens_lookbook(story, at=1)

    assert [fact.cause for fact in story.facts] == ["lookbook-1"] * 4


def test_an_exit_rule_is_explained_only_when_it_ends_a_run() -> None:
    gone = {"id": "gone", "if": {"op": "attr", "path": "plan", "is": "=", "value": "gone"}}
    steps = {"day": delay("1d", "one"), "one": mail("first")}
    story = told(journey(steps, trigger={"type": "T31", "params": ABOUT}, exit=[gone]))
    opens_lookbook(story, at=1)
    calls_himself(story, at=2, plan="here")
    calls_himself(story, at=3, plan="gone")

    left = decided(story, "exited", "exit_rule")
    assert asked_again(story, left) == {"exit.gone.if": True}
    assert [fact.kind for fact in story.facts] == ["fired", "entered", "exited"]


def test_a_refused_message_says_what_consent_was_found() -> None:
    body = journey({"one": mail("first")}, trigger={"type": "T31", "params": ABOUT})
    story = told({**body, "category": "cart"}).says({"email": {"cart": False}}, at=1)
    opens_lookbook(story, at=2)

    refused = decided(story, "not_sent", "no_consent")
    assert refused.why is not None
    assert refused.why.saw == {"channel": "email", "category": "cart", "consent": "no"}


def test_who_may_not_enter_again_is_told_since_when() -> None:
    again = {"type": "T31", "params": ABOUT, "re_entry": {"policy": "never"}}
    story = told(journey({"one": mail("first")}, trigger=again))
    opens_lookbook(opens_lookbook(story, at=1), at=2)

    refused = decided(story, "not_sent", "already_in_campaign")
    assert refused.why is not None
    assert refused.why.saw == {
        "re_entry": "never",
        "entered_at": MINUTE,
        "key": None,
        "runs": 0,
        "runs_max": 10,
    }


def test_an_event_that_the_filter_does_not_let_through_is_a_decision() -> None:
    only = {
        "op": "all",
        "of": [
            {"op": "prop", "path": "properties.page", "is": "=", "value": "sale"},
            {"op": "any_item", "path": "properties.seen", "where": A_SKU},
        ],
    }  # fmt: skip
    story = told(
        journey(
            {"one": mail("first")},
            trigger={"type": "T31", "params": ABOUT, "property_filter": only},
        )
    )
    opens_lookbook(story, at=1, page="home")

    filtered = decided(story, "not_sent", "filtered")
    assert story.reasons == ["not_sent: filtered"]
    assert asked_again(story, filtered) == {"triggers.t.property_filter": False}
    assert filtered.cause == "lookbook-1"


def test_an_event_that_comes_too_late_is_a_decision_with_its_lateness() -> None:
    story = told(journey({"one": mail("first")}, trigger={"type": "T31", "params": ABOUT}))
    day = 24 * 60
    story.event(
        Tracked(id="old", occurred_at=MINUTE, name="Lookbook Opened"),
        logged_at=(day + 2) * MINUTE,
    )

    late = decided(story, "not_sent", "late")
    assert late.why is not None
    assert late.why.saw == {"late_ms": (day + 1) * MINUTE, "max_lateness": "24h"}


PRICED = [{"p": 3}, {"p": 1.5}]


def of_items(op: str, **fields: object) -> dict[str, object]:
    return {"op": op, "path": "properties.l", **fields}


@pytest.mark.parametrize(
    ("where", "items", "holds"),
    [
        ({"op": "not", "of": A_SKU}, [], True),
        (of_items("all_items", where=ABOVE_2), PRICED, False),
        (of_items("all_items", where=ABOVE_2), [{"p": 3}], True),
        (of_items("count_items", value=2), PRICED, True),
        (of_items("sum_items", field="p", **{"is": "=", "value": 4.5}), PRICED, True),
        ({"op": "none", "of": [of_items("any_item", where=ABOVE_2)]}, [], True),
        (of_items("any_item", where=ABOVE_2), PRICED, True),
        (of_items("any_item", where=ABOVE_2), "x", False),
    ],
)
def test_a_condition_on_an_event_is_decided_again_by_what_it_read(
    where: dict[str, object], items: object, *, holds: bool
) -> None:
    node = msgspec.convert(where, nodes.Node)
    document = {"properties": {"l": items}}

    stored = msgspec.json.decode(msgspec.json.encode(tracing.read(node, document)))

    assert tracing.holds(node, stored) is holds


def test_what_is_too_large_leaves_its_verdict() -> None:
    """The bound, met and passed by one byte."""

    def kept(length: int) -> why.Why:
        asked = why.Asked("triggers.t.audience", verdict=True, operands={"n1": "x" * length})
        found = why.of(now=1, rules=(asked,), arms={})
        assert found is not None
        return found

    room = why.WHY_MAX_BYTES - len(msgspec.json.encode(kept(0)))

    assert kept(room).is_whole
    assert len(msgspec.json.encode(kept(room))) == why.WHY_MAX_BYTES
    assert kept(room + 1).rules == (why.Asked("triggers.t.audience", verdict=True, operands=None),)


def test_however_long_its_names_are_it_keeps_within_the_bound() -> None:
    long = "x" * why.WHY_MAX_BYTES
    asked = tuple(why.Asked(f"{long}{n}", n % 2 == 0, {"n1": long}) for n in range(30))
    found = why.of(now=1, rules=asked, saw={"a": long}, arms={long: long})

    assert found == why.Why(now=1)


def test_a_run_remembers_the_last_arms_only() -> None:
    arms: dict[str, str] = {}
    for place in range(why.ARMS_MAX + 2):
        arms = why.with_arm(arms, f"e{place}", "a")

    assert list(arms) == [f"e{place}" for place in range(2, why.ARMS_MAX + 2)]


def test_who_is_in_as_many_runs_as_there_may_be_is_told_so() -> None:
    """Thirty at once; each of these campaigns takes ten, one for each quote."""
    quotes = {
        "type": "T31",
        "params": {"event": "Quote Asked"},
        "correlation_key": "properties.quote",
    }
    known = book(journey({"day": delay("1d", None)}, trigger=quotes))
    for name in ("b", "c", "d"):
        known.publish(journey({"day": delay("1d", None)}, trigger=quotes) | {"id": name})
    story = Story(known.definitions)
    for at in range(1, 9):
        opens_lookbook(story, at=at, name="Quote Asked", quote=f"q{at}")

    refused = [fact for fact in story.facts if fact.reason == "too_many_runs"]
    assert [fact.why and fact.why.saw for fact in refused] == [{"runs": 30, "runs_max": 30}] * 2


def test_a_step_that_ends_the_run_is_its_reason() -> None:
    story = told(journey({"out": {"type": "exit"}}, trigger={"type": "T31", "params": ABOUT}))
    opens_lookbook(story, at=1)

    assert story.reasons[-1] == "exited: exit_step"


def test_the_last_guard_ends_a_run_that_never_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that can be saved meets it, so it is lowered."""
    monkeypatch.setattr(running, "AT_ONCE_MAX", 1)
    steps = {"one": mail("first", "two"), "two": mail("second")}
    story = told(journey(steps, trigger={"type": "T31", "params": ABOUT}))
    opens_lookbook(story, at=1)

    assert story.reasons[-1] == "exited: too_many_steps"


def test_a_capped_message_says_what_stood_under_each_cap() -> None:
    capped = {"id": "default", "caps": [{"limit": 1, "window": "7d"}], "on_cap": "skip"}
    known = book(journey({"one": mail("first")}, trigger={"type": "T31", "params": ABOUT}))
    story = Story(known.change("policies", "default", "put", capped).definitions).consents()
    message = Count("m", "email", None, 0)
    story.row.customer = msgspec.structs.replace(story.row.customer, counts=(message,))
    opens_lookbook(story, at=1)

    refused = decided(story, "not_sent", "capped")
    assert refused.why is not None
    assert refused.why.saw == {"cap_1": "1 of 1 in 7d"}


def test_a_trigger_that_fires_out_of_its_time_is_a_decision() -> None:
    body = journey(
        {"one": mail("first")},
        trigger={"type": "T31", "params": ABOUT, "valid_from": "2030-01-01T00:00:00Z"},
    )
    story = opens_lookbook(told(body), at=1)

    assert story.reasons == ["not_sent: not_valid"]
