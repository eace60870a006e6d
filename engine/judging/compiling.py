"""From a checked rule to functions: the verdict, why, and when time alone turns it round.

compiled = compiling.compiled(rule, segments=..., zone="Europe/Berlin")
compiled.demands                           what rows must count for it
compiled.holds(moment)                     the verdict
compiled.traced(moment)                    the verdict with the value of each node that it read
compiled.explained(moment)                 the verdict with the value of every node
compiled.asked_again(operands, now=...)    the verdict of what was recorded
compiled.next_flip_at(moment)              when to look again, if nothing happens till then

Where it hangs on what is not known yet, it comes to what was told beforehand: see `doubts`.
"""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, TypeAlias

from engine.definitions import demands
from engine.definitions.demands import Demand
from engine.judging import doubts, fields, questions, scoped, sharing
from engine.judging.leaves import Leaf, Moment, Value, never
from engine.rules import cycles, nodes
from engine.rules.nodes import Rule

LOOKS_MAX: Final = 2_000
"""Instants that are tried for a flip; about 0.1 s. After so many one is named to go on from."""

Holds: TypeAlias = Callable[[Moment], bool]
Recorded: TypeAlias = Mapping[str, Value]
Asks: TypeAlias = Callable[[Recorded, int], bool]
Traces: TypeAlias = Callable[[Moment, dict[str, Value]], bool]


class Explanation(NamedTuple):
    """A verdict, and what it rests on."""

    is_true: bool
    operands: dict[str, Value]
    """By id of node, of a segment's as `segment/node`; null is missing."""


class _Part(NamedTuple):
    """A node with all below it."""

    holds: Holds
    asks: Asks
    traces: Traces
    """As `holds`, noting what was read; `asks` goes the same way through it."""
    turns_at: Callable[[Moment], int | None] | None = None
    """Of a question alone: `engine.judging.leaves`."""


class Compiled:
    """A rule made ready; immutable, and the same for every customer."""

    __slots__ = ("_moving", "_part", "demands", "holds", "leaves", "rule")

    def __init__(
        self,
        rule: Rule,
        *,
        segments: Mapping[str, Rule],
        zone: str,
        of_run: bool,
        in_doubt: bool,
    ) -> None:
        self.rule = rule
        builder = _Builder(segments, zone, of_run=of_run)
        where = _Where("", demands.of(rule, zone=zone), in_doubt)
        self._part = builder.part(rule, where)
        self.holds: Holds = self._part.holds
        """Whether the rule holds of the customer at a moment."""
        self.leaves = tuple(builder.leaves)
        """Its questions, those of the segments it leads to among them, each once."""
        self._moving = tuple(leaf for leaf in self.leaves if leaf.edges is not never)
        self.demands: tuple[Demand, ...] = tuple(
            builder.demands[name] for name in sorted(builder.demands)
        )

    def traced(self, moment: Moment) -> Explanation:
        """The verdict with the values it was reached by, and no others; as dear as `holds`."""
        operands: dict[str, Value] = {}
        return Explanation(self._part.traces(moment, operands), operands)

    def verdicts(self, operands: Recorded, *, now: int) -> dict[str, bool]:
        """What each question that was recorded came to, by node; nothing of what was not known."""
        return {
            leaf.node_id: leaf.test(operands[leaf.node_id], now)
            for leaf in self.leaves
            if leaf.node_id in operands and operands[leaf.node_id] != doubts.unknown()
        }

    def explained(self, moment: Moment) -> Explanation:
        """The verdict, with the value of every question: also of those that did not matter."""
        operands = {leaf.node_id: leaf.read(moment) for leaf in self.leaves}
        return Explanation(self._part.asks(operands, moment.now), operands)

    def asked_again(self, operands: Recorded, *, now: int) -> bool:
        """The verdict of recorded values, without the customer."""
        return self._part.asks(operands, now)

    @property
    def is_timeless(self) -> bool:
        """Whether time alone never turns it."""
        return not self._moving

    def next_flip_at(self, moment: Moment, *, was: bool | None = None) -> int | None:
        """When the verdict is another one though nothing happens; None: never, as far as we see.

        Exact, unless `LOOKS_MAX` instants in turn change nothing: then that one, to look again at.

        Args:
            was: The verdict at that moment, where it is known.
        """
        if self._part.turns_at is not None:
            return self._part.turns_at(moment)
        ahead = sorted(
            {at for leaf in self._moving for at in leaf.edges(moment) if at > moment.now}
        )
        if not ahead:
            return None
        if was is None:
            was = self.holds(moment)
        for looks, at in enumerate(ahead, start=1):
            if looks >= LOOKS_MAX or self.holds(moment.at(at)) != was:
                return at
        return None


def compiled(
    rule: Rule,
    *,
    segments: Mapping[str, Rule],
    zone: str,
    of_run: bool = False,
    in_doubt: bool = False,
) -> Compiled:
    """Compile a checked rule, with the segments it names.

    Args:
        segments: Rules by id, without a circle; nobody is in one that is not there.
        zone: The company's: days begin and end by it.
        of_run: It may ask for the run's entry and event (`engine.rules.scopes`); segments may not.
        in_doubt: The verdict where it hangs on what is not known yet.
    """
    return Compiled(rule, segments=segments, zone=zone, of_run=of_run, in_doubt=in_doubt)


def needed(rules: Mapping[str, Rule], *, zone: str) -> dict[str, Demand]:
    """What several rules need counted, segments that they name among them; by id."""
    found: dict[str, Demand] = {}
    for rule in rules.values():
        for one in (rule, *cycles.reached(rule, rules).values()):
            found |= {demand.id: demand for demand in demands.of(one, zone=zone).values()}
    return found


_NOBODY: Final = _Part(
    lambda _moment: False, lambda _operands, _now: False, lambda _moment, _seen: False
)


class _Where(NamedTuple):
    """Where in the rule a node stands."""

    prefix: str
    """Of the ids of nodes: the segment it is a part of."""
    demanded: Mapping[str, Demand]
    in_doubt: bool

    def below_not(self) -> "_Where":
        return self._replace(in_doubt=not self.in_doubt)


class _Builder:
    def __init__(self, segments: Mapping[str, Rule], zone: str, *, of_run: bool) -> None:
        self._of_run = of_run
        self._segments = segments
        self._zone = zone
        self._known: dict[tuple[str, bool], _Part] = {}
        self.leaves: list[Leaf] = []
        self.demands: dict[str, Demand] = {}

    def part(self, rule: Rule, where: _Where) -> _Part:
        if isinstance(rule, nodes.Joined):
            below = where.below_not() if isinstance(rule, nodes.Neither) else where
            return _joined(rule, [self.part(one, below) for one in rule.of])
        if isinstance(rule, nodes.Negated):
            return _negated(self.part(rule.of, where.below_not()))
        if isinstance(rule, nodes.InSegment):
            return self._segment(rule.segment, in_doubt=where.in_doubt)
        return self._leaf(rule, where)

    def _segment(self, segment: str, *, in_doubt: bool) -> _Part:
        """Once, however many nodes ask for it: a graph, and no tree.

        Nobody is in one that is there no more: runs stay on versions that may still name it.
        """
        known = (segment, in_doubt)
        if known not in self._known:
            rule = self._segments.get(segment)
            if rule is None:
                return _NOBODY
            where = _Where(f"{segment}/", demands.of(rule, zone=self._zone), in_doubt)
            self._known[known] = self.part(rule, where)
        return self._known[known]

    def _leaf(self, node: nodes.Question, where: _Where) -> _Part:
        demand = where.demanded.get(str(node.id))
        if self._of_run and not where.prefix and isinstance(node, nodes.Attr | nodes.MetricIs):
            found = scoped.leaf(node)
        else:
            found = questions.leaf(node, demand)._replace(
                shared=sharing.key(node, demand), fields=fields.of(node, demand)
            )
        found = found._replace(node_id=f"{where.prefix}{found.node_id}")
        if demand is not None or isinstance(node, nodes.MetricIs):
            found = doubts.settled(found, in_doubt=where.in_doubt)
        self.leaves.append(found)
        if demand is not None:
            self.demands[demand.id] = demand
        own, read, test = found.node_id, found.read, found.test

        def traces(moment: Moment, operands: dict[str, Value]) -> bool:
            value = operands[own] = read(moment)
            return test(value, moment.now)

        return _Part(
            sharing.holds(found),
            lambda operands, now: test(operands.get(own), now),
            traces,
            found.turns_at,
        )


def _negated(part: _Part) -> _Part:
    holds, asks, traces, _ = part
    return _Part(
        lambda m: not holds(m), lambda o, n: not asks(o, n), lambda m, seen: not traces(m, seen)
    )


def _joined(rule: nodes.Joined, parts: list[_Part]) -> _Part:
    hold, ask = [part.holds for part in parts], [part.asks for part in parts]
    trace = [part.traces for part in parts]
    match rule:
        case nodes.Every():
            return _Part(
                lambda m: all(one(m) for one in hold),
                lambda o, n: all(a(o, n) for a in ask),
                lambda m, seen: all(one(m, seen) for one in trace),
            )
        case nodes.Some():
            return _Part(
                lambda m: any(one(m) for one in hold),
                lambda o, n: any(a(o, n) for a in ask),
                lambda m, seen: any(one(m, seen) for one in trace),
            )
        case nodes.Neither():
            return _Part(
                lambda m: not any(one(m) for one in hold),
                lambda o, n: not any(a(o, n) for a in ask),
                lambda m, seen: not any(one(m, seen) for one in trace),
            )
        case nodes.AtLeast(count=count):
            return _Part(
                lambda m: sum(one(m) for one in hold) >= count,
                lambda o, n: sum(a(o, n) for a in ask) >= count,
                lambda m, seen: sum(one(m, seen) for one in trace) >= count,
            )
