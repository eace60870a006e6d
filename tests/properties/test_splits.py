"""Merge then split is the identity on state (X30), and nothing is lost on the way (e.5)."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, NamedTuple

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.events import (
    Aliased,
    CartItemAdded,
    Event,
    Identified,
    OrderCompleted,
    ProductViewed,
)
from engine.journeys import walks
from engine.merges import linking
from engine.products import Product
from tests.support import lives, unmerging
from tests.support.crowd import Crowd
from tests.support.examples import examples
from tests.support.story import MINUTE

KEYS = ("u:ada", "a:d1", "a:d2")
SPLIT = "a:d2"

happenings = st.lists(
    st.tuples(st.sampled_from(KEYS), st.sampled_from(["view", "order", "add"])), max_size=25
)
words = st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from([*lives.WORDS])), max_size=25)


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


def life(kinds: list[tuple[str, str]]) -> list[Happening]:
    """As `history`, with everything that a profile is made of."""
    return [
        Happening(key, lives.word(kind, key[2:], number))
        for number, (key, kind) in enumerate(kinds)
    ]


SHOP = lives.shop()


def shown(device: str, *, at: int, number: int = 0) -> Happening:
    """The event that shows a device to be Ada's."""
    event_id = f"show-{device}-{number}"
    event = Identified(id=event_id, occurred_at=at, user_id="ada", anonymous_id=device)
    return Happening("u:ada", event)


def lived(happened: Sequence[Happening], definitions: Definitions | None = None) -> Crowd:
    """The world as it went."""
    crowd = Crowd(definitions)
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


@settings(max_examples=examples(100))
@given(words, st.sampled_from([0, 40]))
@example([("u:ada", "add"), (SPLIT, "add")], 40)
def test_merge_then_split_gives_back_every_field_and_a_journey_that_goes_on(
    kinds: list[tuple[str, str]], waited: int
) -> None:
    """Contacts, consent, receipts, tags, interests; carts left for 40 minutes are in T01's run.

    Of two runs through one campaign the merge lets one go on: the other stays ended.
    """
    before = life(kinds)
    end = max(len(before) * 1_000, waited * MINUTE)
    unshown = Identified(id="show-d2-0", occurred_at=end, user_id="ada")
    without = [one for one in before if one.key != SPLIT]

    crowd = lived(before, SHOP).wait(waited)
    for key, event in (shown("d1", at=end), shown("d2", at=end)):
        crowd.says(key, event).settle()
    goes_on = {run.id for run in crowd.row("u:ada").customer.runs}
    split(crowd)

    apart = lived(before, SHOP).wait(waited)
    others = lived(without, SHOP).wait(waited)
    for key, event in (shown("d1", at=end), Happening("u:ada", unshown)):
        others.says(key, event).settle()
    assert _going_on(crowd, SPLIT, goes_on) == _going_on(apart, SPLIT, goes_on)
    assert _going_on(crowd, "u:ada", goes_on) == _going_on(others, "u:ada", goes_on)


def _going_on(crowd: Crowd, key: str, runs: set[str]) -> tuple[Customer, dict[str, int]]:
    """Somebody, with timers, without the runs that are no more."""
    known = crowd.row(key).customer
    left = tuple(run for run in known.runs if run.id in runs)
    timers = {name: at for name, at in _due(crowd, key).items() if _is_left(name, runs)}
    return msgspec.structs.replace(known, runs=left), timers


def _is_left(timer: str, runs: set[str]) -> bool:
    return not timer.startswith(walks.TIMER) or timer.removeprefix(walks.TIMER) in runs


def test_a_journey_begun_before_the_merge_ends_at_whom_it_began_for() -> None:
    before = life([(SPLIT, "contact"), (SPLIT, "consent"), (SPLIT, "add")])
    crowd = lived(before, SHOP).wait(40)
    assert len(crowd.row(SPLIT).customer.runs) == 1
    crowd.says(*shown("d2", at=40 * MINUTE)).settle()
    assert len(crowd.row("u:ada").customer.runs) == 1

    split(crowd).wait(2 * 24 * 60)

    assert [message.customer for message in crowd.messages] == ["anonymous:d2"]


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
