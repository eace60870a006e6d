"""A metric as its author writes it: what of what is counted, summed or remembered."""

from typing import Final, Literal, TypeAlias

import msgspec

from engine import windows
from engine.aggregates.tallies import Asked
from engine.conditions import checks
from engine.conditions.nodes import Node
from engine.errors import Flaw

DEFINED_MAX: Final = 100
"""Metrics at once; every customer's row carries what they need (`engine.aggregates.tallies`)."""

ID_CHARS_MAX: Final = 64
"""Every row that counts it repeats the id."""

DEMANDED: Final = "rule:"
"""Ids that begin so are taken: of what rules need counted (`engine.definitions.demands`)."""

Counted: TypeAlias = Literal["event", "receipt", "order"]

BUILT_IN: Final = frozenset(
    {
        "receipts_first_at",
        "receipts_last_at",
        "days_since_first_receipt",
        "days_since_last_receipt",
        "receipts_last_amount",
        "receipts_count",
        "receipts_total",
        "receipts_average",
        "receipts_average_products",
        "receipts_average_price",
        "orders_count",
        "orders_total",
        "orders_average",
        "orders_average_products",
        "rfm",
        "days_since_registration",
        "favourite_products",
        "points_balance",
        "ltv",
        "currency",
        "other_currencies",
        "custom",
    }
)
"""Names that are taken, and `custom`, under which a customer's answer holds these."""

_FIELDLESS: Final = frozenset({"count", "first", "last"})


class Metric(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """One version; `docs/glossary.md` says what each aggregate comes to."""

    id: str
    name: str = ""
    """For people."""
    of: Counted = "event"
    event: str | None = None
    """The name of the events, in any case; None is any event. Only with `of: "event"`."""
    aggregate: Asked
    field: str | None = None
    """Path of what is summed or remembered; `first` and `last` without one remember the instant."""
    filter: Node | None = None
    window: str | None = None
    """A rolling length, `30d`; None is ever."""
    history: bool = True
    """Whether each change is kept as a fact."""


def flaws(metric: Metric) -> list[Flaw]:
    """Everything wrong that the types alone do not say."""
    found = [*_id_flaws(metric.id), *_shape_flaws(metric)]
    if metric.window is not None:
        try:
            windows.parsed(metric.window)
        except ValueError as error:
            found.append(Flaw(path="window", message=str(error)))
    if metric.filter is not None:
        found += checks.flaws(metric.filter, path="filter")
    return found


def is_same_meaning(metric: Metric, other: Metric) -> bool:
    """Whether what was counted under one stands for the other: only words differ."""
    return _meaning(metric) == _meaning(other)


def _meaning(metric: Metric) -> Metric:
    return msgspec.structs.replace(metric, name="", history=True)


def _id_flaws(metric_id: str) -> list[Flaw]:
    if metric_id in BUILT_IN:
        return [Flaw(path="id", message=f"{metric_id!r} is a built-in metric: choose another")]
    if metric_id.startswith(DEMANDED):
        return [Flaw(path="id", message=f"{DEMANDED!r} begins names of ours: choose another")]
    if not 0 < len(metric_id) <= ID_CHARS_MAX:
        return [Flaw(path="id", message=f"an id has 1 to {ID_CHARS_MAX} characters")]
    return []


def _shape_flaws(metric: Metric) -> list[Flaw]:
    found = []
    if metric.event is not None and metric.of != "event":
        message = f"only of events: a metric of {metric.of}s takes every one its filter lets pass"
        found.append(Flaw(path="event", message=message))
    if metric.event is not None and not metric.event.strip():
        found.append(Flaw(path="event", message="a name, or null for any event"))
    if metric.field is None and metric.aggregate not in _FIELDLESS:
        found.append(Flaw(path="field", message=f'"{metric.aggregate}" needs a field'))
    if metric.field is not None and metric.aggregate == "count":
        message = '"count" counts and takes no field; for its values take "distinct"'
        found.append(Flaw(path="field", message=message))
    if metric.field is not None and not all(metric.field.split(".")):
        message = f"{metric.field!r} is no path: write it like properties.price"
        found.append(Flaw(path="field", message=message))
    return found
