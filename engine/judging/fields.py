"""What of a customer a rule reads: as long as that stays the same, no event changes the verdict."""

from collections.abc import Iterable, Iterator
from typing import Final, assert_never

from engine.definitions import demands
from engine.judging.questions import Question
from engine.rules import walking
from engine.rules.declared import METRICS
from engine.rules.nodes import (
    AtLeast,
    Attr,
    Bonus,
    Bought,
    CartIs,
    ContactIs,
    Did,
    Every,
    First,
    InAudience,
    InCampaign,
    InSegment,
    InterestIs,
    Last,
    Messaged,
    MetricIs,
    Negated,
    Neither,
    NeverDid,
    PromoIs,
    Rule,
    Sample,
    Some,
    Subscribed,
    TopInterest,
)

TALLY: Final = "tallies:"
"""Before the id of a counter: one tally of the row, not all of them."""

_ATTRIBUTES: Final = ("attributes",)
_DERIVED: Final[dict[str, tuple[str, ...]]] = {
    "id": (),
    "email": ("email",),
    "phone": ("phone",),
    "timezone": ("zones",),
    "first_seen_at": ("first_seen_at",),
    "last_seen_at": ("last_seen_at",),
    "events_count": ("events_count",),
}
_METRICS: Final[dict[str, tuple[str, ...]]] = {
    "days_since_registration": _ATTRIBUTES,
    "favourite_products": ("receipt_baskets", "order_baskets"),
}
_PURCHASES: Final = ("receipts", "orders")


def read(rules: Iterable[Rule], *, zone: str) -> frozenset[str]:
    """Fields of `Customer` by name, and tallies by `TALLY` and their ids; segments apart.

    Args:
        zone: The company's.
    """
    found: set[str] = set()
    for rule in rules:
        found |= {f"{TALLY}{one.id}" for one in demands.of(rule, zone=zone).values()}
        for _, node in walking.walk(rule):
            if not isinstance(node, Every | Some | Neither | Negated | AtLeast | InSegment):
                found.update(_read(node))
    return frozenset(found)


def _read(node: Question) -> Iterator[str]:  # noqa: C901, PLR0912 one arm per node
    if isinstance(node, Attr | MetricIs | First | Last) and node.tz == "recipient":
        yield "zones"
    match node:
        case Attr(path=path):
            yield from _DERIVED.get(path, _ATTRIBUTES)
        case MetricIs(name=name) if name in METRICS:
            yield from _METRICS.get(name, _PURCHASES)
        case MetricIs(name=name):
            yield f"{TALLY}{name}"
        case InAudience():
            yield "tags"
        case Subscribed():
            yield "subscriptions"
        case ContactIs():
            yield from ("contacts", "email", "phone")
        case Bonus():
            yield "loyalty"
        case CartIs():
            yield "containers"
        case InCampaign():
            yield from ("entered", "runs")
        case InterestIs() | TopInterest():
            yield from ("interests", "bought_in")
        case Messaged():
            yield "messages"
        case PromoIs():
            yield "promo_codes"
        case Did() | NeverDid() | First() | Last() | Bought() | Sample():
            return
        case _:
            assert_never(node)
