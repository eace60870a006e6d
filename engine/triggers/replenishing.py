"""T20: what was bought will soon be used up.

Each purchase of it notes its time and sets the timer by the newest; the times also give the
customer's own median between two purchases.
"""

import statistics
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from engine import purchases
from engine.conditions.evaluation import Document
from engine.definitions.triggers.replenishing import ReplenishmentDue, ReplenishmentParams
from engine.events import OrderCompleted
from engine.purchases import Purchase
from engine.transactions import OrderPlaced, ReceiptIssued
from engine.triggers import dating, matching
from engine.triggers.machines import DAY_MS, Arm, Keep, Machine, Outcome, Rung, Seen


def _follow(seen: Seen[ReplenishmentDue]) -> Iterator[Outcome]:
    event, params = seen.event, seen.trigger.params
    if not isinstance(event, ReceiptIssued | OrderCompleted | OrderPlaced):
        return
    is_asked = isinstance(event, ReceiptIssued) == (params.of == "receipt")
    if (
        not is_asked
        or not purchases.is_purchase(event)
        or purchases.is_repeated(event, seen.before)
    ):
        return
    for name in _bought(seen, event):
        times = tuple(sorted({*seen.note(name).times, event.occurred_at}))
        days = max(1, _lasts(params, times) - params.lead_days)
        yield Keep(times, name=name)
        yield Arm(dating.due(params, times[-1], days=days, zones=dating.zones(seen)), name=name)


def _bought(seen: Seen[ReplenishmentDue], event: Purchase) -> list[str]:
    """Names of the timers: a product's is its id, that of categories is empty."""
    params, lines = seen.trigger.params, purchases.bought(event)
    if params.products:
        bought = {line.id for line in lines if line.quantity > 0}
        return [one for one in params.products if one in bought]
    catalogue = seen.definitions.catalogue
    is_bought = matching.is_bought(lines, (), params.categories, catalogue=catalogue)
    return [""] if is_bought else []


def _lasts(params: ReplenishmentParams, times: tuple[int, ...]) -> int:
    """Days, by what the customer's purchases of it tell if that is asked for."""
    if params.interval == "fixed" or len(times) < 2:
        return params.days
    gaps = [(later - earlier) / DAY_MS for earlier, later in pairwise(times)]
    return round(statistics.median(gaps))


def _rings(rung: Rung[ReplenishmentDue]) -> Document | None:
    times = rung.note(rung.name).times
    if not times:
        return None
    params = rung.trigger.params
    return {
        "product": rung.name or None,
        "last_at": times[-1],
        "days": _lasts(params, times),
    }


DUE: Final = Machine(_follow, _rings)
