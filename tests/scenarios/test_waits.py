"""The step `wait_until` (X32, X33): what is waited for, what is accepted of before, and whose."""

import msgspec
import pytest

from engine.declarations import ProfileUpdated
from engine.definitions import changes, installation
from engine.definitions.folded import Definitions
from engine.errors import InvalidDefinitionError
from tests.support.journeys import delay, journey, mail, opens_lookbook, told
from tests.support.story import MINUTE, Story

HOUR = 60
DAY = 24 * HOUR

GOLD = {"op": "attr", "path": "plan", "is": "=", "value": "gold"}
OPENED = {"event": "Lookbook Opened"}


def wait(*branches: dict[str, object], **fields: object) -> dict[str, object]:
    """Wait three days; the first branch sends the first mail, the second the second."""
    ends = ("a", "b")
    return {
        "type": "wait_until",
        "branches": [
            {"id": f"w{place}", "next": ends[place], **branch}
            for place, branch in enumerate(branches)
        ],
        "timeout": "3d",
        "next": "c",
        **fields,
    }


def waiting(*branches: dict[str, object], **fields: object) -> dict[str, object]:
    """A mail's way: a day, the wait, and who is at its end."""
    found = {"day": delay("1d", "wait"), "wait": wait(*branches, **fields), "c": mail("third")}
    return (
        {**found, **dict(zip("ab", (mail("first"), mail("second")), strict=True))}
        if len(branches) > 1
        else {**found, "a": mail("first")}
    )


def begun(*branches: dict[str, object], **fields: object) -> Story:
    """In at minute 30, at the wait a day later."""
    return told(journey(waiting(*branches, **fields))).adds("shoes", at=0).wait(until=30)


def becomes(story: Story, plan: str, *, at: int) -> Story:
    return story.event(
        ProfileUpdated(id=f"plan-{at}", occurred_at=at * MINUTE, traits={"plan": plan})
    )


def test_a_rule_that_becomes_true_ends_the_wait_at_once() -> None:
    story = begun({"if": GOLD}).wait(until=31 + DAY)
    assert becomes(story, "silver", at=2 * DAY).sent == []

    assert becomes(story, "gold", at=2 * DAY + 1).sent == ["first"]
    assert (story.row.customer.runs, story.row.timers) == ((), {})


def test_a_rule_that_time_makes_true_ends_the_wait_at_that_instant() -> None:
    """By the run's own timer: nothing is polled."""
    quiet = {"op": "never_did", "event": "Lookbook Opened", "window": "1h"}
    story = told(journey({"wait": wait({"if": quiet}), "a": mail("first"), "c": mail("third")}))
    opens_lookbook(story.adds("shoes", at=0), at=29).wait(until=30)
    [timer] = [one for name, one in story.row.timers.items() if name.startswith("run:")]
    assert timer.due_at == 89 * MINUTE
    assert story.wait(until=88).sent == []

    assert story.wait(until=89).sent == ["first"]


def test_what_happens_meanwhile_moves_the_instant() -> None:
    quiet = {"op": "never_did", "event": "Lookbook Opened", "window": "1h"}
    story = told(journey({"wait": wait({"if": quiet}), "a": mail("first"), "c": mail("third")}))
    opens_lookbook(story.adds("shoes", at=0), at=29).wait(until=60)
    opens_lookbook(story, at=70)

    assert story.wait(until=129).sent == []
    assert story.wait(until=130).sent == ["first"]


def test_the_time_is_over_for_whom_nothing_came_true() -> None:
    story = begun({"if": GOLD}, {"on": OPENED})

    assert story.wait(until=30 + 4 * DAY - 1).sent == []
    assert story.wait(until=30 + 4 * DAY).sent == ["third"]


def test_an_event_with_a_rule_counts_only_when_the_rule_holds_then() -> None:
    story = begun({"on": OPENED, "if": GOLD}).wait(until=31 + DAY)
    opens_lookbook(story, at=2 * DAY)
    assert becomes(story, "gold", at=2 * DAY + 1).sent == []

    assert opens_lookbook(story, at=2 * DAY + 2).sent == ["first"]


@pytest.mark.parametrize(
    ("prior", "sent"),
    [
        ({"accept_prior": "none"}, []),
        ({"accept_prior": "since_step", "since": "wait"}, []),
        ({"accept_prior": "since_step", "since": "day"}, ["first"]),
        ({"accept_prior": "since_entry"}, ["first"]),
        ({"accept_prior": "ever"}, ["first"]),
    ],
)
@pytest.mark.parametrize("what", ["event", "rule"])
def test_what_came_true_during_the_run_is_accepted_as_the_switch_says(
    prior: dict[str, object], sent: list[str], what: str
) -> None:
    """X32, g11: an explicit choice, not a surprise."""
    story = begun({"on": OPENED} if what == "event" else {"if": GOLD}, **prior)
    if what == "event":
        opens_lookbook(story, at=HOUR)
    else:
        becomes(story, "gold", at=HOUR)

    assert story.wait(until=30 + DAY).sent == sent


@pytest.mark.parametrize(
    ("prior", "sent"),
    [("none", []), ("since_entry", []), ("ever", ["first"])],
)
@pytest.mark.parametrize("what", ["event", "rule"])
def test_what_was_before_the_run_is_accepted_only_by_ever(
    prior: str, sent: list[str], what: str
) -> None:
    branch: dict[str, object] = {"on": OPENED} if what == "event" else {"if": GOLD}
    story = told(journey(waiting(branch, accept_prior=prior)))
    if what == "event":
        opens_lookbook(story, at=0)
    else:
        becomes(story, "gold", at=0)

    assert story.adds("shoes", at=1).wait(until=31 + DAY).sent == sent


def test_a_rule_that_held_at_the_arrival_must_cease_to_hold_first() -> None:
    story = becomes(begun({"if": GOLD}), "gold", at=HOUR).wait(until=31 + DAY)
    becomes(story, "gold", at=2 * DAY)
    assert becomes(story, "silver", at=2 * DAY + 1).sent == []

    assert becomes(story, "gold", at=2 * DAY + 2).sent == ["first"]


def test_of_two_that_happened_before_the_first_to_happen_decides() -> None:
    story = begun({"on": OPENED}, {"if": GOLD}, accept_prior="since_entry")
    becomes(story, "gold", at=HOUR)
    opens_lookbook(story, at=2 * HOUR)

    assert story.wait(until=30 + DAY).sent == ["second"]


def test_ranked_the_whole_time_is_waited_for_the_highest() -> None:
    story = begun({"on": OPENED}, {"if": GOLD}, order="ranked").wait(until=31 + DAY)
    assert becomes(story, "gold", at=2 * DAY).sent == []

    assert story.wait(until=30 + 4 * DAY).sent == ["second"]


def test_ranked_the_highest_needs_no_waiting() -> None:
    story = begun({"on": OPENED}, {"if": GOLD}, order="ranked").wait(until=31 + DAY)
    becomes(story, "gold", at=2 * DAY)

    assert opens_lookbook(story, at=3 * DAY).sent == ["first"]


def test_what_was_accepted_once_is_not_accepted_on_the_next_round() -> None:
    steps = {
        "day": delay("1d", "wait"),
        "wait": {
            "type": "wait_until",
            "branches": [{"id": "seen", "on": OPENED, "next": "a"}],
            "timeout": "1d",
            "accept_prior": "since_entry",
        },
        "a": mail("first", "again"),
        "again": {"type": "loop", "to": "day", "max_turns": 3},
    }
    story = told(journey(steps)).adds("shoes", at=0).wait(until=30)
    opens_lookbook(story, at=HOUR)

    assert story.wait(until=9 * DAY).sent == ["first"]


def quoted(**fields: object) -> Story:
    """Two runs of one customer, each about a quote; X33."""
    about = {"type": "T31", "params": {"event": "Quote Asked"}}
    on = {"event": "Lookbook Opened", "match_key": True, **fields}
    steps = waiting({"on": on}, accept_prior="since_entry")
    trigger = {**about, "correlation_key": "properties.quote"}
    story = told(journey(steps, trigger=trigger))
    for at, quote in enumerate(["q1", "q2"]):
        opens_lookbook(story, at=at, name="Quote Asked", quote=quote)
    return story


def test_each_run_waits_for_its_own_object_before_and_during_the_wait() -> None:
    story = opens_lookbook(quoted(), at=HOUR, quote="q1")

    opens_lookbook(story, at=2 * DAY, quote="q2")

    keys = [message.context["event"]["properties"]["quote"] for message in story.messages]  # type: ignore[index]  # JSON
    assert (story.sent, keys) == (["first", "first"], ["q1", "q2"])


def test_the_key_may_stand_elsewhere_in_the_event_that_is_waited_for() -> None:
    story = opens_lookbook(quoted(key="properties.about"), at=2 * DAY, quote="q1")
    assert story.sent == []

    assert opens_lookbook(story, at=2 * DAY + 1, about="q2").sent == ["first"]


def test_an_event_without_the_key_is_nobodys() -> None:
    assert opens_lookbook(quoted(), at=2 * DAY).sent == []


def test_an_instant_at_which_half_of_a_rule_turns_true_ends_no_wait() -> None:
    never = {"op": "never_did", "event": "Lookbook Opened", "window": "2d"}
    story = begun({"if": {"op": "all", "of": [never, GOLD]}}, {"on": OPENED})
    opens_lookbook(story, at=HOUR)

    assert story.wait(until=10 * DAY).sent == ["third"]


def refusals(*branches: dict[str, object], **fields: object) -> dict[str, str]:
    body = msgspec.json.encode(journey(waiting(*branches, **fields)))
    try:
        campaign = changes.decode_campaign(body)
    except InvalidDefinitionError as error:
        return {flaw.path: flaw.message for flaw in error.flaws}
    return {flaw.path: flaw.message for flaw in installation.flaws(campaign, Definitions())}


@pytest.mark.parametrize(
    ("branch", "fields", "place"),
    [
        ({}, {}, "steps.wait.branches[0]"),
        ({"on": OPENED}, {"since": "day"}, "steps.wait.since"),
        ({"on": OPENED}, {"accept_prior": "since_step"}, "steps.wait.since"),
        ({"on": OPENED}, {"accept_prior": "since_step", "since": "x"}, "steps.wait.since"),
        (
            {"on": {**OPENED, "match_key": True}},
            {"accept_prior": "ever"},
            "steps.wait.branches[0].on.match_key",
        ),
        (
            {"on": {"event": "Message Opened"}},
            {"accept_prior": "ever"},
            "steps.wait.branches[0].on.event",
        ),
        ({"on": {**OPENED, "key": "a.b"}}, {}, "steps.wait.branches[0].on.key"),
        ({"on": {**OPENED, "match_key": True}}, {}, "steps.wait.branches[0].on.match_key"),
        (
            {"if": {"op": "attr", "path": "colour", "is": "exists"}},
            {},
            "steps.wait.branches[0].if.path",
        ),
    ],
)
def test_what_cannot_be_waited_for_is_refused_at_its_place(
    branch: dict[str, object], fields: dict[str, object], place: str
) -> None:
    assert list(refusals(branch, **fields)) == [place]


def test_a_loop_over_a_wait_that_accepts_the_past_needs_a_delay() -> None:
    steps = {
        "wait": wait({"on": OPENED}, accept_prior="ever", next="a"),
        "a": mail("first", "again"),
        "again": {"type": "loop", "to": "wait", "max_turns": 3},
    }

    with pytest.raises(InvalidDefinitionError, match="no time passes"):
        changes.decode_campaign(msgspec.json.encode(journey(steps)))
