"""Rules that ask for one event after another."""

from typing import Any

import pytest

from engine import merging
from engine.aggregates import keeping
from engine.aggregates.sequences import KEPT_MAX
from engine.customer import Customer
from engine.events import Tracked
from engine.intake import decoding
from engine.rules import checks, reading
from engine.rules.declared import Declared
from tests.support.judging import Asked

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NOON = 1_764_590_400_000
"""2025-12-01T12:00:00Z"""


def event(name: str, at: int, event_id: str | None = None, **properties: object) -> Tracked:
    said = decoding.canonical(properties)
    return Tracked(id=event_id or f"{name}{at}", occurred_at=NOON + at, name=name, properties=said)


def sequence(*steps: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 JSON
    return {
        "op": "sequence",
        "steps": [{"op": "step", "event": step} for step in steps],
        "within": "1h",
        **fields,
    }


A_B = sequence("A", "B")
NOT_C = sequence("A", "B", without={"op": "step", "event": "C"})


@pytest.mark.parametrize(
    ("tree", "events", "holds"),
    [
        (A_B, [event("A", 0), event("B", HOUR)], True),
        (A_B, [event("A", 0), event("B", HOUR + 1)], False),
        (A_B, [event("B", 0), event("A", 1)], False),
        (A_B, [event("B", 1), event("A", 0)], True),
        (A_B, [event("A", 0), event("A", HOUR), event("B", 2 * HOUR)], True),
        (A_B, [event("A", 0, "2"), event("B", 0, "1")], False),
        (A_B, [event("A", 0, "1"), event("B", 0, "2")], True),
        (sequence("A", "A"), [event("A", 0)], False),
        (sequence("A", "A"), [event("A", 0), event("A", 1)], True),
        (sequence("A", "B", "A"), [event("A", 0), event("B", 1), event("A", HOUR)], True),
        (sequence("A", "B", "A"), [event("A", 0), event("B", 1), event("A", HOUR + 1)], False),
        (NOT_C, [event("A", 0), event("C", 1), event("B", 2)], False),
        (NOT_C, [event("A", 0), event("B", 2), event("C", 1)], False),
        (NOT_C, [event("C", 0), event("A", 1), event("B", 2)], True),
        (NOT_C, [event("A", 0), event("C", 1), event("A", 2), event("B", 3)], True),
        (NOT_C, [event("A", 0), event("B", 1), event("C", 2)], True),
        ({**A_B, "without": {"op": "step", "event": "B"}}, [event("A", 0), event("B", 1)], True),
    ],
)
def test_one_after_another_within_the_time_and_nothing_between(
    tree: dict[str, Any], events: list[Tracked], *, holds: bool
) -> None:
    """d.1, d.3 1: by when they occurred, of the same millisecond by id, however they arrive."""
    assert Asked(tree).after(*events).holds(NOON + DAY) is holds


def test_a_step_asks_of_its_event() -> None:
    where = {"op": "prop", "path": "properties.price", "is": ">=", "value": 50}
    steps = [{"op": "step", "event": "A", "where": where}, {"op": "step", "event": "B"}]
    tree = {"op": "sequence", "steps": steps, "within": "1h"}

    assert Asked(tree).after(event("A", 0, price=50), event("B", 1)).holds(NOON + 1)
    assert not Asked(tree).after(event("A", 0, price=49), event("B", 1)).holds(NOON + 1)


def test_a_window_lets_the_end_go_at_a_known_instant() -> None:
    asked = Asked({**A_B, "window": "7d"}).after(event("A", 0), event("B", MINUTE))
    end = NOON + 7 * DAY

    assert asked.holds(NOON + MINUTE)
    assert asked.flips(NOON + MINUTE) == end
    assert (asked.holds(end - 1), asked.holds(end)) == (True, False)


def test_many_events_do_not_make_what_happened_unhappen() -> None:
    """Beyond what is kept one by one only the latest beginnings are remembered."""
    many = [event("B", MINUTE + n) for n in range(3 * KEPT_MAX)]
    asked = Asked(A_B).after(event("A", 0), *many)
    [tally] = asked.customer.tallies.values()

    assert asked.explained(NOON)["n1"] == many[-1].occurred_at
    assert len(tally.cells) == KEPT_MAX


def test_what_comes_later_than_all_that_is_kept_is_passed_over_and_said() -> None:
    many = [event("B", MINUTE + n) for n in range(KEPT_MAX + 1)]
    asked = Asked(A_B).after(*many, event("A", 0))
    [tally] = asked.customer.tallies.values()

    assert not asked.holds(NOON + DAY)
    assert tally.blurred is not None


def test_what_two_identities_did_makes_one_sequence() -> None:
    first = Asked(A_B).after(event("A", 0))
    other = Asked(A_B, customer=Customer(id="d")).after(event("B", 1))

    both = Asked(A_B, customer=merging.merged(first.customer, other.customer))

    assert both.holds(NOON + DAY)


def test_what_was_folded_goes_before_what_came_after_it() -> None:
    """As the past of a new definition does, when it is filled in."""
    past = Asked(A_B).after(*(event("A", n) for n in range(KEPT_MAX + 5)))
    later = Asked(A_B).after(event("B", MINUTE))
    [[name, first], [_, second]] = [*past.customer.tallies.items(), *later.customer.tallies.items()]

    for both in (keeping.joined(first, second), keeping.joined(second, first)):
        asked = Asked(A_B, customer=Customer(id="c", tallies={name: both}))
        assert asked.holds(NOON + DAY)
        assert both.blurred is None


@pytest.mark.parametrize(
    ("tree", "path", "words"),
    [
        (sequence("A"), "steps", "from 2 to 5"),
        (sequence(*"ABCDEF"), "steps", "from 2 to 5"),
        (sequence("A", " "), "steps[1].event", "name of an event"),
        (sequence("A", "B", within="2 days"), "within", "duration"),
        (sequence("A", "B", window="61m"), "window", "moves by"),
        (sequence("A", "B", without={"op": "step", "event": ""}), "without.event", "name"),
        (
            {
                **A_B,
                "steps": [
                    {
                        "op": "step",
                        "event": "A",
                        "where": {"op": "prop", "path": "", "is": "exists"},
                    },
                    {"op": "step", "event": "B"},
                ],
            },
            "steps[0].where.path",
            "no path",
        ),
    ],
)
def test_what_is_wrong_is_told_at_its_step(tree: dict[str, Any], path: str, words: str) -> None:
    [flaw] = checks.flaws(reading.decoded(tree), Declared())

    assert (flaw.path, words in flaw.message) == (path, True)
