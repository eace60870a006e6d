"""What live segments cost each event: none, one, a hundred; asked of what events change, or not.

The shop's log under one campaign, as in `benchmarks.engine`. Of a hundred segments every fourth
counts views in a window, which each view changes and time turns back; the others ask attributes,
purchases and carts.
"""

from typing import Final

import msgspec

from benchmarks import campaigns, engine, report
from benchmarks.report import Figure, Scale
from engine.definitions.changes import Change
from engine.definitions.folded import Definitions

CASES: Final = {"no segment": 0, "1 segment": 1, "100 segments": 100}


def run(scale: Scale) -> list[Figure]:
    """Measure each number of segments against none."""
    count = scale.pick(20_000, 2_000)
    costs: dict[str, list[float]] = {}
    figures: list[Figure] = []
    for case, segments in CASES.items():
        definitions = _definitions(segments)
        runs = [engine.both(definitions, count) for _ in range(max(scale.runs, engine.RUNS_MIN))]
        costs[case] = [fold_s for fold_s, _ in runs]
        figures.append(
            Figure(
                case=case,
                measure="events per CPU-second",
                values=tuple(1 / fold_s for fold_s, _ in runs),
                against="decode and encode",
                baselines=tuple(1 / codec_s for _, codec_s in runs),
            )
        )
    none, *more = CASES
    figures += [
        report.growth(case, "event", spent_s=costs[case], against=none, before_s=costs[none])
        for case in more
    ]
    return figures


def _definitions(count: int) -> Definitions:
    written = campaigns.changes(["cart"])
    written += [_segment(number) for number in range(count)]
    return campaigns.folded_from(written)


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
