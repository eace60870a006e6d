"""A customer as it goes out."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from api.admin import answers, derived, reach, tabs
from engine import memberships
from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.lists import tags
from engine.metrics import builtin


def customer(
    known: Customer,
    *,
    as_of: int,
    now: int,
    definitions: Definitions,
    merged: Sequence[str] = (),
) -> dict[str, object]:
    """From the row itself: everything that is known.

    Args:
        as_of: log time of what changed the row last, epoch ms: not a time that a source gave.
        now: epoch ms; days since something are counted to it.
        merged: public ids of the customer's other identities.
    """
    return {
        "id": known.id,
        "attributes": known.attributes,
        **reach.shape(known, fields=definitions.settings.fields.profile),
        "metrics": {
            **metrics(known, now=now),
            "rfm": derived.rfm(known, definitions.rfm, now=now),
            "custom": derived.custom(known, definitions.counters, now=now),
        },
        "loyalty": tabs.loyalty(known.loyalty, definitions.settings, now=now),
        "subscriptions": known.subscriptions,
        "tags": list(tags.assigned(known.tags)),
        "segments": [
            name
            for name in memberships.segments(known.segments)
            if name in definitions.watched.by_id
        ],
        "merged": list(merged),
        "source": known.source or None,
        "first_seen_at": answers.time_or_none(known.first_seen_at),
        "last_seen_at": answers.time_or_none(known.last_seen_at),
        "events_count": known.events_count,
        "as_of": answers.time(as_of),
    }


def metrics(known: Customer, *, now: int) -> dict[str, object]:
    """Every built-in metric: money with its two places, times as times."""
    return {name: _metric(name, value) for name, value in builtin.values(known, now=now).items()}


def _metric(name: str, value: object) -> object:
    match value:
        case Decimal():
            return answers.money(value)
        case int() if name.endswith("_at"):
            return answers.time(value)
        case Mapping():
            return {key: _metric(str(key), inner) for key, inner in value.items()}
        case _:
            return value
