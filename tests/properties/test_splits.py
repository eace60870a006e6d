"""Merge then split is the identity on state (X30), and nothing is lost on the way (e.5)."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.events import (
    Aliased,
    CartItemAdded,
    Event,
    Identified,
    OrderCompleted,
    ProductViewed,
)
from engine.merges import linking
from engine.products import Product
from tests.support import unmerging
from tests.support.crowd import Crowd
from tests.support.examples import examples

KEYS = ("u:ada", "a:d1", "a:d2")
SPLIT = "a:d2"

happenings = st.lists(
    st.tuples(st.sampled_from(KEYS), st.sampled_from(["view", "order", "add"])), max_size=25
)


class Happening(NamedTuple):
    """An event and whose log it comes to."""

    key: str
    event: Event


def history(kinds: list[tuple[str, str]]) -> list[Happening]:
    """What the identities did, a second apart, before anything showed them to be one."""
    return [
        Happening(key, _event(kind, number, at=number * 1_000))
        for number, (key, kind) in enumerate(kinds)
    ]


def _event(kind: str, number: int, *, at: int) -> Event:
    product = Product(id="abc"[number % 3])
    if kind == "view":
        return ProductViewed(id=f"e{number}", occurred_at=at, product=product)
    if kind == "add":
        return CartItemAdded(id=f"e{number}", occurred_at=at, product=product)
    return OrderCompleted(id=f"e{number}", occurred_at=at, order_id=f"o{number}", total=Decimal(5))


def shown(device: str, *, at: int, number: int = 0) -> Happening:
    """The event that shows a device to be Ada's."""
    event_id = f"show-{device}-{number}"
    event = Identified(id=event_id, occurred_at=at, user_id="ada", anonymous_id=device)
    return Happening("u:ada", event)


def lived(happened: Sequence[Happening]) -> Crowd:
    """The world as it went."""
    crowd = Crowd()
    for key, event in happened:
        crowd.says(key, event).settle()
    return crowd


def split(crowd: Crowd) -> Crowd:
    """An operator takes the device for another person's."""
    crowd.unmerges("u:ada", SPLIT)
    crowd.settle()
    return unmerging.carry_out(crowd, "u:ada").settle()


@given(happenings)
def test_merge_then_split_leaves_both_as_they_were(kinds: list[tuple[str, str]]) -> None:
    before = history(kinds)
    end = len(before) * 1_000
    crowd = lived([*before, shown("d1", at=end), shown("d2", at=end)])
    assert crowd.survivor(SPLIT) == "u:ada"

    split(crowd)

    apart = lived(before)
    assert crowd.row(SPLIT).customer == apart.row(SPLIT).customer
    assert not crowd.row(SPLIT).forward
    without = [one for one in before if one.key != SPLIT]
    unshown = Identified(id="show-d2-0", occurred_at=end, user_id="ada")
    others = lived([*without, shown("d1", at=end), Happening("u:ada", unshown)])
    assert crowd.row("u:ada").customer == others.row("u:ada").customer
    assert _due(crowd, SPLIT) == _due(apart, SPLIT)
    assert _due(crowd, "u:ada") == _due(others, "u:ada")


def _due(crowd: Crowd, key: str) -> dict[str, int]:
    return {name: timer.due_at for name, timer in crowd.row(key).timers.items() if name != "outbox"}


@given(happenings, st.integers(0, 25))
def test_a_split_takes_along_what_came_after_the_merge(
    kinds: list[tuple[str, str]], place: int
) -> None:
    before = history(kinds)
    at = min(place, len(before))
    crowd = lived([*before[:at], shown("d2", at=at * 1_000), *before[at:]])

    split(crowd)

    own = sum(one.key == SPLIT for one in before)
    counts = {key: crowd.row(key).customer.events_count for key in KEYS}
    assert counts[SPLIT] == own
    assert sum(counts.values()) == len(before) + 1


Kind = Literal["view", "order", "show", "alias", "deliver", "repeat", "unmerge", "carry_out"]


class Step(NamedTuple):
    """One thing that happens next; what it needs of the numbers."""

    kind: Kind
    one: int
    other: int


EVERY: tuple[Kind, ...] = (
    *("view", "view", "order", "show", "alias", "unmerge", "unmerge"),
    *("carry_out", "carry_out", "deliver", "deliver", "deliver", "repeat"),
)
steps = st.lists(
    st.builds(Step, st.sampled_from(EVERY), st.integers(0, 4), st.integers(0, 4)), max_size=60
)


@settings(max_examples=examples(100))
@given(steps)
def test_any_interleaving_of_merges_and_splits_keeps_every_event_once(history: list[Step]) -> None:
    """Nothing is lost, doubled, or left with whom it does not belong to."""
    crowd = Crowd()
    for number, step in enumerate(history):
        _happen(crowd, step, at=number * 1_000)
    crowd.settle().wait(until=300)

    expected = Counter(crowd.survivor(one.key) for one in crowd.happened)
    counted = {key: row.customer.events_count for key, row in sorted(crowd.rows.items())}
    assert {key: count for key, count in counted.items() if count} == dict(expected)
    split_off = [key for key in KEYS if linking.is_split(crowd.row("u:ada"), key)]
    assert all(crowd.survivor(key) != "u:ada" for key in split_off)


def _happen(crowd: Crowd, step: Step, *, at: int) -> None:
    crowd.now = max(crowd.now, at)
    key, device = KEYS[step.one % 3], KEYS[1:][step.other % 2]
    match step.kind:
        case "deliver" | "repeat":
            if crowd.queues:
                source = sorted(crowd.queues)[step.one % len(crowd.queues)]
                crowd.deliver(source, times=1 if step.kind == "deliver" else 2)
        case "unmerge":
            crowd.unmerges("u:ada", device)
        case "carry_out":
            unmerge = crowd.row("u:ada").unmerge
            if unmerge is not None and unmerge.state == "ready":
                unmerging.carry_out(crowd, "u:ada")
        case "show":
            crowd.says("u:ada", shown(device[2:], at=at, number=at).event)
        case "alias":
            previous = KEYS[1:][step.one % 2][2:]
            crowd.says(
                device,
                Aliased(
                    id=crowd.id(), occurred_at=at, anonymous_id=device[2:], previous_id=previous
                ),
            )
        case _:
            crowd.says(key, _event(step.kind, at, at=at))
