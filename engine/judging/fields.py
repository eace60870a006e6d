"""What of a customer a question reads: while that stays the same, no event changes the answer."""

from collections.abc import Iterator
from typing import Final, assert_never

from engine.definitions.demands import Demand
from engine.judging.questions import Question
from engine.rules.declared import METRICS
from engine.rules.nodes import (
    Attr,
    Bonus,
    Bought,
    CartIs,
    ContactIs,
    Did,
    First,
    InAudience,
    InCampaign,
    InterestIs,
    Last,
    Messaged,
    MetricIs,
    NeverDid,
    PromoIs,
    Sample,
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
    "email_suppressed": ("suppressions",),
    "phone_suppressed": ("suppressions",),
}
_METRICS: Final[dict[str, tuple[str, ...]]] = {
    "days_since_registration": _ATTRIBUTES,
    "ltv": ("receipts", "orders", "receipt_ledger"),
    "favourite_products": ("receipt_baskets", "order_baskets"),
}
_PURCHASES: Final = ("receipts", "orders")


def of(node: Question, demand: Demand | None) -> frozenset[str]:
    """Fields of `Customer` by name, and tallies by `TALLY` and their ids.

    Args:
        demand: What the node needs counted.
    """
    counted = () if demand is None else (f"{TALLY}{demand.id}",)
    return frozenset({*counted, *_read(node)})


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
