"""What a campaign's steps may look like, each refusal at its place."""

import itertools

import msgspec
import pytest

from engine.definitions import changes
from engine.errors import InvalidDefinitionError

TRIGGER = {"id": "t", "type": "T01"}
SEND = {"type": "send", "channel": "email", "template": "m"}


def flaws(steps: dict[str, object], **fields: object) -> dict[str, str]:
    body = {"id": "c", "triggers": [TRIGGER], "start": "a", "steps": steps, **fields}
    with pytest.raises(InvalidDefinitionError) as caught:
        changes.decode_campaign(msgspec.json.encode(body))
    return {flaw.path: flaw.message for flaw in caught.value.flaws}


def accepted(steps: dict[str, object], **fields: object) -> None:
    body = {"id": "c", "triggers": [TRIGGER], "start": "a", "steps": steps, **fields}
    changes.decode_campaign(msgspec.json.encode(body))


def test_a_step_that_is_not_there_is_told_at_the_way_out() -> None:
    found = flaws({"a": {**SEND, "next": "b"}})

    assert found == {"steps.a.next": "there is no step 'b'"}


def test_a_step_that_nothing_leads_to_is_refused() -> None:
    assert flaws({"a": SEND, "b": SEND}) == {"steps.b": "no step leads here"}


def test_going_round_without_a_loop_step_is_refused() -> None:
    day = {"type": "delay", "for": "1d", "next": "a"}

    assert set(flaws({"a": {**SEND, "next": "b"}, "b": day})) == {"steps.a.next", "steps.b.next"}


def test_a_loop_in_which_no_time_passes_is_refused() -> None:
    loop = {"type": "loop", "to": "a", "max_turns": 2}

    assert list(flaws({"a": {**SEND, "next": "b"}, "b": loop})) == ["steps.b.to"]


def test_a_loop_with_a_delay_in_it_is_accepted() -> None:
    accepted(
        {
            "a": {**SEND, "next": "b"},
            "b": {"type": "delay", "for": "1d", "next": "c"},
            "c": {"type": "loop", "to": "a", "max_turns": 100},
        }
    )


@pytest.mark.parametrize("turns", [0, 101])
def test_a_loop_has_one_to_a_hundred_turns(turns: int) -> None:
    day = {"type": "delay", "for": "1d", "next": "b"}

    found = flaws({"a": day, "b": {"type": "loop", "to": "a", "max_turns": turns}})

    assert found == {"steps.b.max_turns": "from 1 to 100"}


def test_a_campaign_has_at_most_a_hundred_steps() -> None:
    def chain(length: int) -> dict[str, object]:
        names = ["a", *(f"s{number}" for number in range(1, length)), None]
        return {str(name): {**SEND, "next": then} for name, then in itertools.pairwise(names)}

    accepted(chain(100))
    assert flaws(chain(101)) == {"steps": "at most 100"}


def loop(**delay: object) -> dict[str, object]:
    return {
        "a": {**SEND, "next": "b"},
        "b": {"type": "delay", "next": "c", **delay},
        "c": {"type": "loop", "to": "a", "max_turns": 3},
    }


@pytest.mark.parametrize("delay", [{"until": "09:00"}, {"days": 1, "weekdays": ["mon"]}])
def test_a_loop_may_wait_by_the_clock(delay: dict[str, object]) -> None:
    accepted(loop(**delay))


@pytest.mark.parametrize("delay", [{"weekdays": ["mon"]}, {"date": "visit", "until": "09:00"}])
def test_a_loop_needs_a_delay_that_always_waits(delay: dict[str, object]) -> None:
    """On a Monday nobody waits for Monday: every turn's mail would leave at once."""
    assert list(flaws(loop(**delay))) == ["steps.c.to"]


@pytest.mark.parametrize(
    ("step", "place"),
    [
        ({**SEND, "ttl": "8d"}, "steps.a.ttl"),
        ({"type": "delay", "for": "soon"}, "steps.a.for"),
        ({"type": "delay", "for": "367d"}, "steps.a.for"),
        ({"type": "wait_until", "branches": [], "timeout": "1d"}, "steps.a.branches"),
        ({"type": "nothing"}, "steps.a.type"),
        ({"type": "delay"}, "steps.a"),
        ({"type": "delay", "for": "1d", "otherwise": "a"}, "steps.a.otherwise"),
        ({"type": "random_split", "arms": {}}, "steps.a.arms"),
        ({"type": "random_split", "arms": {"x": {"weight": 1}}, "next": "a"}, "steps.a.next"),
        ({"type": "update"}, "steps.a"),
        ({"type": "update", "set": {"email": "x@y.example"}}, "steps.a.set.email"),
        ({"type": "update", "set": {"n": 1}, "increment": {"n": 1}}, "steps.a.increment.n"),
        ({"type": "update", "add_tags": [str(n) for n in range(21)]}, "steps.a"),
    ],
)
def test_a_step_that_cannot_be_is_refused_at_its_place(step: dict[str, object], place: str) -> None:
    assert place in flaws({"a": step})


@pytest.mark.parametrize(
    ("again", "place"),
    [
        ({"policy": "after"}, "triggers[0].re_entry.after"),
        ({"policy": "always", "after": "1d"}, "triggers[0].re_entry.after"),
        ({"policy": "after", "after": "soon"}, "triggers[0].re_entry.after"),
        ({"policy": "once_per"}, "triggers[0].re_entry.key"),
    ],
)
def test_a_policy_has_what_it_needs_and_nothing_else(again: dict[str, object], place: str) -> None:
    found = flaws({"a": SEND}, triggers=[{**TRIGGER, "re_entry": again}])

    assert place in found


def test_exit_rules_name_an_event_and_each_other_apart() -> None:
    rule = {"id": "x", "on": {"event": " "}}

    assert set(flaws({"a": SEND}, exit=[rule, rule])) == {
        "exit",
        "exit[0].on.event",
        "exit[1].on.event",
    }


@pytest.mark.parametrize("share", [0, 5_001])
def test_a_holdout_is_at_most_half_of_everybody(share: int) -> None:
    accepted({"a": SEND}, holdout={"basis_points": 5_000})

    found = flaws({"a": SEND}, holdout={"basis_points": share})

    assert found == {"holdout.basis_points": "from 1 to 5000"}
