"""What rules need counted: each node that asks for events becomes a metric that rows keep.

Two nodes that mean the same share one. The id is a hash of the meaning, so a rule that is saved
again goes on with what was counted.
"""

import hashlib
from datetime import date, timedelta
from typing import Any, TypeAlias

import msgspec

from engine import dates, durations
from engine.aggregates.tallies import Asked
from engine.conditions.nodes import All, AnyItem, AnyOf, Node, Prop
from engine.definitions.metrics import DEMANDED, Metric
from engine.rules import identifying, nodes, walking
from engine.rules.asking import Between, LastCalendar
from engine.rules.nodes import Rule


class Period(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True):
    """Days of the calendar, in the zone that the company had when the rule was compiled."""

    first_at: int | None = None
    """Epoch ms, included."""
    until_at: int | None = None
    """Epoch ms, excluded."""
    last: LastCalendar | None = None
    zone: str = "UTC"


class Link(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True):
    """One event of a sequence."""

    event: str
    """In lower case."""
    where: Node | None = None


class Sequence(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True):
    """Events one after another."""

    steps: tuple[Link, ...]
    within_ms: int
    without: Link | None = None


class Demand(Metric, frozen=True, kw_only=True, omit_defaults=True):
    """A metric that nobody named: kept for rules, shown nowhere."""

    period: Period | None = None
    net: bool = True
    """Of receipts: what was given back leaves."""
    approximate: bool = False
    """Of distinct values: estimated where there are too many."""
    sequence: Sequence | None = None
    """What it is of, instead of one event; the rest of a metric means nothing then."""


_One: TypeAlias = nodes.Did | nodes.NeverDid | nodes.First | nodes.Last | nodes.Bought
"""What asks for one kind of event, or for receipts."""


def of(rule: Rule, *, zone: str) -> dict[str, Demand]:
    """What the rule itself needs, by the id of its node; segments that it names need their own.

    Args:
        rule: Checked, so that every node has an id.
        zone: The company's.
    """
    found = {}
    for _, node in walking.walk(rule):
        if isinstance(node, nodes.Counted):
            found[str(node.id)] = demanded(node, zone=zone)
    return found


def demanded(node: nodes.Counted, *, zone: str) -> Demand:
    """The metric of one node."""
    if isinstance(node, nodes.Sequence):
        return _named(Demand(id="", aggregate="last", history=False, sequence=_sequence(node)))
    aggregate, field = _aggregate(node)
    return _named(
        Demand(
            id="",
            of="receipt" if isinstance(node, nodes.Bought) else "event",
            event=None if isinstance(node, nodes.Bought) else node.event.strip().casefold(),
            aggregate=aggregate,
            field=field,
            filter=_bare(bought_where(node) if isinstance(node, nodes.Bought) else node.where),
            history=False,
            net=node.net if isinstance(node, nodes.Bought) else True,
            approximate=node.approximate if isinstance(node, nodes.Did) else False,
            **_window(None if isinstance(node, nodes.First | nodes.Last) else node.window, zone),
        )
    )


def _sequence(node: nodes.Sequence) -> Sequence:
    return Sequence(
        tuple(map(_link, node.steps)),
        durations.parse_ms(node.within),
        None if node.without is None else _link(node.without),
    )


def _link(step: nodes.Step) -> Link:
    return Link(step.event.strip().casefold(), _bare(step.where))


def _aggregate(node: _One) -> tuple[Asked, str | None]:
    match node:
        case nodes.Did():
            return node.aggregate, node.field
        case nodes.NeverDid():
            return "count", None
        case nodes.First():
            return "first", node.path
        case nodes.Last():
            return "last", node.path
        case nodes.Bought():
            return node.aggregate, None if node.aggregate == "count" else "total"


def bought_where(node: nodes.Bought) -> Node | None:
    """What is asked of each receipt: one of the products, categories or brands, and `where`."""
    lines = [
        Prop(path=path, comparison="in", value=named)
        for path, named in (
            ("product_id", node.products),
            ("category", node.categories),
            ("brand", node.brands),
        )
        if named
    ]
    parts: list[Node] = []
    if lines:
        parts.append(AnyItem(path="lines", where=AnyOf(of=tuple(lines))))
    if node.where is not None:
        parts.append(node.where)
    return All(of=tuple(parts)) if parts else None


def _window(window: str | Between | LastCalendar | None, zone: str) -> dict[str, Any]:
    match window:
        case None:
            return {}
        case str():
            return {"window": window}
        case LastCalendar():
            return {"period": Period(last=window, zone=zone)}
        case Between(first=first, last=last):
            until = date.fromisoformat(last) + timedelta(days=1)
            return {
                "period": Period(
                    first_at=dates.begins(date.fromisoformat(first), zone),
                    until_at=dates.begins(until, zone),
                )
            }


def _bare(where: Node | None) -> Node | None:
    """Without ids: they name nodes, and mean nothing."""
    if where is None:
        return None
    found: Node = msgspec.convert(identifying.bare(msgspec.to_builtins(where)), Node)
    return found


def _named(demand: Demand) -> Demand:
    told = hashlib.blake2b(msgspec.json.encode(demand), digest_size=8).hexdigest()
    return msgspec.structs.replace(demand, id=f"{DEMANDED}{told}")
