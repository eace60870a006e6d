"""What of a customer a question reads: while that stays the same, no event changes the answer."""

from collections.abc import Iterator
from typing import Final, assert_never

from engine.definitions.demands import Demand
from engine.rules import comparing, held, nodes
from engine.rules.asking import Compared
from engine.rules.declared import METRICS

TALLY: Final = "tallies:"
"""Before the id of a counter: one tally of the row, not all of them."""

_ATTRIBUTES: Final = ("attributes",)
_DERIVED: Final[dict[str, tuple[str, ...]]] = {
    "id": (),
    "email": ("email",),
    "phone": ("phone",),
    "timezone": ("zones",),
    "source": ("source",),
    "email_provider": ("contacts",),
    "phone_kind": ("contacts",),
    "phone_operator": ("contacts",),
    "phone_region": ("contacts",),
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
    "points_balance": ("points",),
}
_PURCHASES: Final = ("receipts", "orders")


def of(node: nodes.Question, demand: Demand | None) -> frozenset[str]:
    """Fields of `Customer` by name, and tallies by `TALLY` and their ids.

    Args:
        demand: What the node needs counted.
    """
    counted = () if demand is None else (f"{TALLY}{demand.id}",)
    return frozenset({*counted, *_read(node)})


def _read(node: nodes.Question) -> Iterator[str]:
    if isinstance(node, Compared) and node.tz == "recipient":
        yield "zones"
    if isinstance(node, held.Held | held.Belonging):
        yield from _held(node)
    elif not isinstance(node, nodes.Counted):
        yield from _own(node)


def _own(node: nodes.Own) -> Iterator[str]:
    match node:
        case nodes.Attr(comparison=comparing.CHANGED):
            yield "attribute_changes"
        case nodes.Attr(path=path):
            yield from _DERIVED.get(path, _ATTRIBUTES)
        case nodes.MetricIs(name=name) if name in METRICS:
            yield from _METRICS.get(name, _PURCHASES)
        case nodes.MetricIs(name=name):
            yield f"{TALLY}{name}"
        case nodes.InAudience():
            yield "tags"
        case nodes.Subscribed():
            yield "subscriptions"
        case nodes.ContactIs():
            yield from ("contacts", "email", "phone")
        case nodes.Sample():
            return
        case _:
            assert_never(node)


def _held(node: held.Held | held.Belonging) -> tuple[str, ...]:
    match node:
        case held.Bonus():
            return ("loyalty",)
        case held.CartIs():
            return ("containers",)
        case held.InCampaign():
            return ("entered", "runs")
        case held.InterestIs() | held.TopInterest():
            return ("interests", "bought_in")
        case held.Messaged():
            return ("messages",)
        case held.PromoIs():
            return ("promo_codes",)
        case _:
            assert_never(node)
