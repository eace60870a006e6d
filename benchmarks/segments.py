"""What live segments cost each event: none, one, a hundred; asked of what events change, or not.

The shop's log under one campaign, as in `benchmarks.engine`. Of a hundred segments every fourth
counts views in a window, which each view changes and time turns back; the others ask attributes,
purchases and carts. Rows know their segments when the log begins; what it costs to find out, once
for each customer and change of the definitions, is a figure of its own.
"""

import gc
import time
from typing import Final

import msgspec

from benchmarks import campaigns, engine, report
from benchmarks.report import Figure, Scale
from benchmarks.shop import Shop
from engine import rows
from engine.commands import Reassessed
from engine.definitions.changes import Change
from engine.definitions.folded import Definitions
from engine.rows import Arrival

CASES: Final = {"no segment": 0, "1 segment": 1, "100 segments": 100}


def run(scale: Scale) -> list[Figure]:
    """Measure each number of segments against none."""
    _, *more = CASES
    cases = {case: _changes(count) for case, count in CASES.items()}
    return [*engine.growing(cases, scale), *map(_first, more)]


def _first(case: str) -> Figure:
    """What the command costs that judges a row for the first time, against one that finds none."""
    none, *_ = CASES
    ours, bare = ([_judged_s(CASES[one]) for _ in range(engine.RUNS_MIN)] for one in (case, none))
    return report.growth(
        f"{case}, judged first", "customer", spent_s=ours, against=none, before_s=bare
    )


def _judged_s(segments: int) -> float:
    """CPU seconds for each of the customers whom the shop knows."""
    shop = Shop(
        customers_count=engine.CUSTOMERS, definitions=Definitions(), start_at=engine.START_AT
    )
    known, definitions = [row for _, row in shop.known()], campaigns.folded_from(_changes(segments))
    judged = Reassessed(id="judged", occurred_at=engine.START_AT)
    gc.collect()
    began_s = time.process_time()
    for row in known:
        rows.advance(row, Arrival(event=judged, logged_at=engine.START_AT), definitions)
    return (time.process_time() - began_s) / len(known)


def _changes(count: int) -> list[Change]:
    return campaigns.changes(["cart"]) + [_segment(number) for number in range(count)]


def _segment(number: int) -> Change:
    rules = (
        {
            "op": "did",
            "event": "Product Viewed",
            "is": ">=",
            "value": 3 + number % 5,
            "window": "30d",
        },
        {"op": "attr", "path": "plan", "value": f"plan-{number}"},
        {"op": "metric", "name": "orders_total", "is": ">=", "value": 50 * number},
        {"op": "cart", "what": "value", "is": ">=", "value": 10 * number},
    )
    name = f"segment-{number:03}"
    body = {"id": name, "rule": rules[number % len(rules)]}
    return Change(
        change_id=name,
        kind="segments",
        id=name,
        action="put",
        based_on=0,
        body=msgspec.Raw(msgspec.json.encode(body)),
        at=0,
    )
