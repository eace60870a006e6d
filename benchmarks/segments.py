"""What live segments cost each event: none, one, a hundred; asked of what events change, or not.

The shop's log under one campaign, as in `benchmarks.engine`. Of a hundred segments every fourth
counts views in a window, which each view changes and time turns back; the others ask attributes,
purchases and carts.
"""

from typing import Final

import msgspec

from benchmarks import campaigns, engine
from benchmarks.report import Figure, Scale
from engine.definitions.changes import Change

CASES: Final = {"no segment": 0, "1 segment": 1, "100 segments": 100}


def run(scale: Scale) -> list[Figure]:
    """Measure each number of segments against none."""
    return engine.growing({case: _changes(count) for case, count in CASES.items()}, scale)


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
