"""Merge then split is the identity on state (X30)."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from engine import splitting
from engine.customer import Customer
from engine.events import Event, Identified, OrderCompleted, ProductViewed
from engine.products import Product
from engine.replay import Occurrence
from engine.rows import Row
from tests.support.crowd import Crowd
from tests.support.story import one_campaign

KEYS = ("u:ada", "a:d1", "a:d2")
SPLIT = "a:d2"

happenings = st.lists(
    st.tuples(st.sampled_from(KEYS), st.sampled_from(["view", "order"])), max_size=25
)


def history(kinds: list[tuple[str, str]]) -> list[Occurrence]:
    """What the identities did, a second apart, before anything showed them to be one."""
    return [
        Occurrence(key, _event(kind, number, at=number * 1_000), number * 1_000)
        for number, (key, kind) in enumerate(kinds)
    ]


def _event(kind: str, number: int, *, at: int) -> Event:
    product = Product(id="abc"[number % 3])
    if kind == "view":
        return ProductViewed(id=f"e{number}", occurred_at=at, product=product)
    return OrderCompleted(id=f"e{number}", occurred_at=at, order_id=f"o{number}", total=Decimal(5))


def shown(device: str, *, at: int) -> Occurrence:
    """The event that shows a device to be Ada's."""
    event = Identified(id=f"show-{device}", occurred_at=at, user_id="ada", anonymous_id=device)
    return Occurrence("u:ada", event, at)


def merged(happened: list[Occurrence]) -> Crowd:
    """The world as it went."""
    crowd = Crowd()
    for occurrence in happened:
        crowd.says(occurrence.key, occurrence.event).settle()
    return crowd


def known(row: Row | None) -> Customer | None:
    return None if row is None else row.customer


@given(happenings)
def test_merge_then_split_leaves_both_as_they_were(kinds: list[tuple[str, str]]) -> None:
    before = history(kinds)
    end = len(before) * 1_000
    happened = [*before, shown("d1", at=end), shown("d2", at=end)]
    assert merged(happened).survivor(SPLIT) == "u:ada"

    split = splitting.apart(happened, SPLIT, one_campaign())

    apart = merged(before)
    assert split.identity.customer == apart.row(SPLIT).customer
    assert not split.identity.forward
    without = [one for one in before if one.key != SPLIT]
    unshown = Identified(id="show-d2", occurred_at=end, user_id="ada")
    others = merged([*without, shown("d1", at=end), Occurrence("u:ada", unshown, end)])
    assert known(split.others.get("u:ada")) == others.row("u:ada").customer


@given(happenings, st.integers(0, 25))
def test_nothing_is_lost_by_a_split_whenever_they_were_merged(
    kinds: list[tuple[str, str]], place: int
) -> None:
    """Also what came for the old id after the merge goes with it."""
    before = history(kinds)
    at = min(place, len(before))
    happened = [*before[:at], shown("d2", at=at * 1_000), *before[at:]]

    split = splitting.apart(happened, SPLIT, one_campaign())

    own = sum(one.key == SPLIT for one in happened)
    rest = sum(row.customer.events_count for row in split.others.values())
    assert (split.identity.customer.events_count, rest) == (own, len(happened) - own)
