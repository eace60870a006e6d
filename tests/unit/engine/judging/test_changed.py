"""Rules that ask since when an attribute is what it is."""

from engine import merging
from engine.customer import ATTRIBUTES_MAX, Customer
from engine.declarations import ProfileUpdated
from engine.events import Grouped, Identified
from tests.support.judging import Asked

HOUR = 3_600_000
DAY = 24 * HOUR
NOON = 1_764_590_400_000
"""2025-12-01T12:00:00Z"""

MOVED = {"op": "attr", "path": "level", "is": "changed_within", "value": "7d"}


def said(at: int, **traits: object) -> ProfileUpdated:
    return ProfileUpdated(id=f"p{at}", occurred_at=at, traits=traits)


def test_a_value_said_again_has_not_changed_and_time_alone_turns_the_rule() -> None:
    """d.2: changed_within, from when it became what it is to the millisecond."""
    asked = Asked(MOVED).after(said(NOON, level=1), said(NOON + DAY, level=1))
    end = NOON + 7 * DAY + 1

    assert asked.holds(NOON + DAY)
    assert asked.flips(NOON + DAY) == end
    assert (asked.holds(end - 1), asked.holds(end)) == (True, False)


def test_another_value_counts_from_then() -> None:
    asked = Asked(MOVED).after(said(NOON, level=1), said(NOON + 6 * DAY, level=2))

    assert asked.holds(NOON + 13 * DAY)


def test_a_word_that_comes_late_changes_nothing() -> None:
    asked = Asked(MOVED).after(said(NOON, level=1), said(NOON - DAY, level=9))

    assert asked.explained(NOON) == Asked(MOVED).after(said(NOON, level=1)).explained(NOON)


def test_what_is_removed_or_was_never_said_has_not_changed() -> None:
    removed = Asked(MOVED).after(said(NOON, level=1), said(NOON + HOUR, level=None))

    assert not removed.holds(NOON + HOUR)
    assert removed.customer.attribute_changes == {}
    assert not Asked(MOVED).holds(NOON)


def test_what_a_row_had_before_it_was_kept_has_not_been_seen_to_change() -> None:
    old = Customer(id="c", attributes={"level": 1}, attribute_times={"level": NOON})

    assert not Asked(MOVED, customer=old).after(said(NOON + 1, level=1)).holds(NOON + 1)


def test_the_company_changes_like_any_other_attribute() -> None:
    tree = {**MOVED, "path": "company"}
    joined = Grouped(id="g", occurred_at=NOON, group_id="acme", traits={})

    assert Asked(tree).after(joined).holds(NOON + DAY)


def test_of_two_identities_it_changed_when_the_one_that_stands_did() -> None:
    first = Asked(MOVED).after(said(NOON, level=1)).customer
    other = Asked(MOVED, customer=Customer(id="d")).after(said(NOON + DAY, level=2)).customer

    merged = merging.merged(first, other)

    assert merged.attributes["level"] == 2
    assert merged.attribute_changes == {"level": NOON + DAY}


def test_as_many_changes_are_kept_as_attributes() -> None:
    many: dict[str, object] = {f"a{n}": n for n in range(ATTRIBUTES_MAX + 1)}
    told = Asked(MOVED).after(Identified(id="g", occurred_at=NOON, traits=many))

    assert len(told.customer.attribute_changes) == ATTRIBUTES_MAX
