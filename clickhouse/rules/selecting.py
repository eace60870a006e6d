"""A rule as a question to ClickHouse: who of everybody it holds of, at an instant.

    selected = selecting.selected(rule, context)
    await reader.rows(selected.sql("c.id AS id, c.email AS email"), selected.parameters)

One join for each thing that is counted; the rest is asked of the view `customers`, as alias `c`.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, assert_never

from clickhouse import chance as shares
from clickhouse.rules import comparing, counting, dates, values
from clickhouse.rules.counting import Counted, Tallied
from clickhouse.rules.customers import Customers
from clickhouse.rules.dates import Clock, Said
from clickhouse.rules.holdings import Holdings
from clickhouse.rules.parameters import Parameters
from clickhouse.rules.values import Value
from engine import chance, windows
from engine import dates as days
from engine.definitions import demands
from engine.definitions.metrics import Metric
from engine.judging.questions import folded_operand, is_dated
from engine.rules import comparing as comparisons
from engine.rules import held, nodes
from engine.rules.asking import Compared
from engine.rules.nodes import Rule


class Context(NamedTuple):
    """What a rule is asked under."""

    now: int
    """Epoch ms."""
    zone: str
    """The company's."""
    segments: Mapping[str, Rule] = {}
    metrics: Mapping[str, Metric] = {}
    """Those of the shop."""
    interest_ms: int | None = None
    """How long a view counts as interest; None: interests are not calculated."""


class Selected(NamedTuple):
    """The parts of a query; whoever asks puts columns, order and limits to it."""

    names: str
    """WITH, where there is any."""
    source: str
    """FROM with its joins."""
    holds: str
    """0 or 1 for each customer."""
    parameters: dict[str, object]

    def sql(self, columns: str, *, rest: str = "") -> str:
        """The query of whom the rule holds of.

        Args:
            columns: Of the alias `c`; ours, never a user's.
            rest: What follows WHERE: an order, a limit.
        """
        return f"{self.names}SELECT {columns} FROM {self.source} WHERE {self.holds} {rest}"


class Together(NamedTuple):
    """Several rules in one query, which counts what they share once."""

    names: str
    source: str
    holds: list[str]
    parameters: dict[str, object]


def selected(rule: Rule, context: Context, *, parameters: Parameters | None = None) -> Selected:
    """Compile a checked rule, with the segments it names; see `together`."""
    found = together([rule], context, parameters=parameters)
    return Selected(found.names, found.source, found.holds[0], found.parameters)


def together(
    rules: Sequence[Rule], context: Context, *, parameters: Parameters | None = None
) -> Together:
    """Compile several checked rules: one expression for each.

    Args:
        parameters: Of what else is asked in the same query.
    """
    writer = _Writer(context, parameters or Parameters())
    holds = [writer.rule(rule) for rule in rules]
    joins = [
        f"LEFT JOIN ({sql}) AS {alias} ON {alias}.customer = c.id"
        for alias, sql in writer.joins().items()
    ]
    source = " ".join(["oncue.customers AS c", *joins])
    return Together(writer.parameters.names, source, holds, writer.parameters.values)


class _Writer:
    def __init__(self, context: Context, parameters: Parameters) -> None:
        self._context = context
        self.parameters = parameters
        self._sources: dict[str, tuple[str, Counted]] = {}
        """By what is counted: where its value stands, and its query."""
        self._tallied: list[Tallied] = []
        """What of it is counted in one pass, and has no query of its own."""
        self._today = days.local(context.now, context.zone).isoformat()
        self._customers = Customers(now=context.now, today=self._today, parameters=self.parameters)

        self._holdings = Holdings(
            now=context.now, interest_ms=context.interest_ms, parameters=self.parameters
        )

    def rule(self, rule: Rule) -> str:  # noqa: PLR0911 one arm per node
        match rule:
            case nodes.Every(of=of):
                return f"({' AND '.join(map(self.rule, of)) or '1'})"
            case nodes.Some(of=of):
                return f"({' OR '.join(map(self.rule, of)) or '0'})"
            case nodes.Neither(of=of):
                return f"(NOT ({' OR '.join(map(self.rule, of)) or '0'}))"
            case nodes.Negated(of=one):
                return f"(NOT {self.rule(one)})"
            case nodes.AtLeast(count=count, of=of):
                met = " + ".join(f"toInt64({self.rule(one)})" for one in of)
                return f"({met} >= {self.parameters.whole(count)})"
            case nodes.InSegment(segment=segment):
                known = self._context.segments.get(segment)
                return "0" if known is None else self.rule(known)
            case _:
                return self._question(rule)

    def _question(self, node: nodes.Question) -> str:
        if isinstance(node, held.Held | held.Belonging):
            return self._holdings.asked(node)
        if isinstance(node, nodes.Sequence):
            return self._sequence(node)
        if isinstance(node, nodes.First | nodes.Last):
            return self._told(node)
        if isinstance(node, nodes.Did | nodes.NeverDid | nodes.Bought):
            return self._counted(node)
        return self._own(node)

    def _own(self, node: nodes.Own) -> str:
        match node:
            case nodes.Attr():
                return self._attr(node)
            case nodes.MetricIs(name=name):
                return self._metric(node, name)
            case nodes.InAudience(tag=tag):
                return f"has(c.tags, {self.parameters.text(tag)})"
            case nodes.Subscribed():
                return self._subscribed(node)
            case nodes.ContactIs(channel=channel, state=state):
                is_kind = state in {"mobile", "landline"}
                column = "c.phone_kind" if is_kind else f"c.{channel}_state"
                return f"({column} = {self.parameters.text(state)})"
            case nodes.Sample():
                return self._sample(node)
            case _:
                assert_never(node)

    def _attr(self, node: nodes.Attr) -> str:
        if node.comparison == comparisons.CHANGED:
            at = dates.of_ms(self._customers.changed_at(node.path), self.parameters)
            return self._dated(node, "in_last", at)
        return self._compared(node, self._customers.value(node.path), node.path)

    def _compared(self, node: Compared, value: Value, path: str) -> str:
        if is_dated(node):
            return self._dated(node, node.comparison, self._customers.said(path))
        return self._asked(node, value)

    def _asked(self, node: Compared, value: Value) -> str:
        if node.fold_case:
            value = comparing.folded(value, self.parameters)
        return comparing.compared(value, node.comparison, folded_operand(node), self.parameters)

    def _dated(self, node: Compared, comparison: str, said: Said) -> str:
        return dates.compared(
            said,
            comparison,
            node.value,
            clock=self._clock(node.tz),
            parameters=self.parameters,
        )

    def _clock(self, tz: str) -> Clock:
        context, now = self._context, self.parameters.whole(self._context.now)
        if tz == "recipient":
            zone = f"if(c.timezone = '', {self.parameters.text(context.zone)}, c.timezone)"
            today = self.parameters.named(dates.local(now, zone))
            return Clock(now, zone, today)
        name = context.zone if tz == "company" else tz
        today = days.local(context.now, name).isoformat()
        return Clock(now, self.parameters.text(name), self.parameters.day(today))

    def _metric(self, node: nodes.MetricIs, name: str) -> str:
        metric = self._context.metrics.get(name)
        if metric is None:
            return self._compared(node, self._customers.value(name), name)
        counted = self._joined(metric)
        return self._aggregate(node, *counted, has_field=metric.field is not None)

    def _counted(self, node: nodes.Did | nodes.NeverDid | nodes.Bought) -> str:
        counted = self._joined(demands.demanded(node, zone=self._context.zone))
        value = values.number(_asked(*counted))
        if isinstance(node, nodes.NeverDid):
            return comparing.compared(value, "=", 0, self.parameters)
        return comparing.compared(value, node.comparison, node.value, self.parameters)

    def _sequence(self, node: nodes.Sequence) -> str:
        value, _ = self._joined(demands.demanded(node, zone=self._context.zone))
        if node.window is None:
            return f"isNotNull({value})"
        window = windows.parsed(node.window)
        begin = (window.last_outside(self._context.now) + 1) * window.step_ms
        return f"ifNull({value} >= {self.parameters.whole(begin)}, 0)"

    def _told(self, node: nodes.First | nodes.Last) -> str:
        counted = self._joined(demands.demanded(node, zone=self._context.zone))
        return self._aggregate(node, *counted, has_field=node.path is not None)

    def _aggregate(self, node: Compared, place: str, counted: Counted, *, has_field: bool) -> str:
        if not counted.is_kept:
            asked = _asked(place, counted)
            if is_dated(node):
                said = dates.of_ms(asked, self.parameters)
                return self._dated(node, node.comparison, said)
            return comparing.compared(
                values.number(asked), node.comparison, node.value, self.parameters
            )
        string = f"if({place}.1 = 'String', {place}.2, NULL)"
        whole = f"if({place}.1 = 'Int', {place}.2, NULL)"
        if is_dated(node):
            # A whole number is kept as itself: epoch ms.
            at = f"toInt64OrNull({whole})" if has_field else "NULL"
            said = dates.of_text(string, at, self.parameters)
            return self._dated(node, node.comparison, said)
        text = f"coalesce({string}, {whole})"
        value = values.text(text)._replace(
            string=string,
            exists=f"({place}.1 != '')",
            boolean=f"if({place}.1 = 'Bool', {place}.2 = 'true', NULL)",
        )
        return self._asked(node, value)

    def joins(self) -> dict[str, str]:
        """The queries of what is counted, by alias."""
        found = {
            place.partition(".")[0]: one.sql for place, one in self._sources.values() if one.sql
        }
        return {**found, "e": counting.together(self._tallied)} if self._tallied else found

    def _joined(self, metric: Metric) -> tuple[str, Counted]:
        if metric.id not in self._sources:
            self._sources[metric.id] = self._counting(metric)
        return self._sources[metric.id]

    def _counting(self, metric: Metric) -> tuple[str, Counted]:
        now, parameters = self._context.now, self.parameters
        tallied = counting.tallied(metric, now=now, parameters=parameters)
        if tallied is None:
            found = counting.counted(metric, now=now, parameters=parameters)
            return f"a{len(self._sources)}.value", found
        self._tallied.append(tallied)
        return f"e.v{len(self._tallied) - 1}", Counted("", "0")

    def _subscribed(self, node: nodes.Subscribed) -> str:
        """As `engine.consent.state` reads what was said; the channel as a whole is `""`."""
        said = values.json("c.subscriptions", [node.channel], self.parameters)
        whole = values.json("c.subscriptions", [node.channel, ""], self.parameters)
        own = values.json("c.subscriptions", [node.channel, node.category or ""], self.parameters)
        return (
            f"multiIf(isNotNull({said.boolean}), {said.boolean} = true,"
            f" ifNull({whole.boolean} = false, 0), 0,"
            f" {own.exists}, ifNull({own.boolean} = true, 0),"
            f" ifNull({whole.boolean} = true, 0))"
        )

    def _sample(self, node: nodes.Sample) -> str:
        salt = self.parameters.name(chance.prefix(node.salt))
        place = shares.share("c.id", salt=salt)
        first, last = (self.parameters.whole(round(edge * 100)) for edge in (node.first, node.last))
        return f"({place} >= {first} AND {place} < {last})"


def _asked(place: str, counted: Counted) -> str:
    if counted.absent is None:
        return place
    return f"ifNull({place}, {counted.absent})"
