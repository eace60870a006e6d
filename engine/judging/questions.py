"""Every question of the rule language as a leaf: where its value stands, and how it is compared."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, assert_never

from engine import chance, consent, contacts, dates
from engine.conditions import evaluation, folding
from engine.conditions.nodes import Operand
from engine.definitions.demands import Demand
from engine.judging import (
    attributes,
    belonging,
    counted,
    doubts,
    holdings,
    moments,
    sequences,
)
from engine.judging.leaves import Leaf, Moment, Value, never, plain, thresholds
from engine.lists import tags
from engine.metrics import ages, builtin, rfm
from engine.rules import comparing, held, nodes
from engine.rules.asking import Compared
from engine.rules.declared import METRICS

_DAYS_SINCE: Final[Mapping[str, str]] = {
    "days_since_first_receipt": "receipts_first_at",
    "days_since_last_receipt": "receipts_last_at",
}


def leaf(node: nodes.Question, demand: Demand | None) -> Leaf:
    """Compile one question.

    Args:
        demand: What it needs counted, of a node that asks for events.
    """
    if isinstance(node, nodes.Counted):
        return _of_counted(node, demand)
    if isinstance(node, held.Held):
        return holdings.leaf(node)
    if isinstance(node, held.Belonging):
        return belonging.leaf(node)
    return _own(node)


def _own(node: nodes.Own) -> Leaf:
    own = str(node.id)
    match node:
        case nodes.Attr():
            return _attr(node)
        case nodes.MetricIs(name=name):
            return compared(node, lambda m: metric(m, name), _metric_edges(node))
        case nodes.InAudience(tag=tag):
            return _yes(own, lambda m: tag in tags.assigned(m.customer.tags))
        case nodes.Subscribed(channel=channel, category=category):
            return Leaf(
                own,
                lambda m: consent.state(m.customer.subscriptions, channel, category),
                _test("=", "yes"),
                never,
            )
        case nodes.ContactIs():
            return _contact(node)
        case nodes.Sample():
            return _sample(node)
        case _:
            assert_never(node)


def _sample(node: nodes.Sample) -> Leaf:
    first, last = round(node.first * 100), round(node.last * 100)
    return Leaf(
        str(node.id),
        lambda m: chance.share(node.salt, m.customer.id),
        lambda value, _: isinstance(value, int) and first <= value < last,
        never,
    )


def _of_counted(node: nodes.Counted, demand: Demand | None) -> Leaf:
    own = str(node.id)
    if demand is None:
        raise ValueError(f"{own}: nothing says what it needs counted")
    match node:
        case nodes.Did() | nodes.Bought():
            return counted.leaf(own, demand, node.comparison, node.value)
        case nodes.NeverDid():
            return counted.leaf(own, demand, "=", 0)
        case nodes.Sequence():
            return sequences.leaf(node, counted.value_of(demand))
        case nodes.First() | nodes.Last():
            return compared(node, counted.value_of(demand), never)
        case _:
            assert_never(node)


def _test(comparison: str, operand: Operand) -> Callable[[Value, int], bool]:
    holds = evaluation.tested(comparison, operand)
    return lambda value, _: holds(value)


def _test_of(node: Compared) -> Callable[[Value, int], bool]:
    if not node.fold_case:
        return _test(node.comparison, node.value)
    holds = evaluation.tested(node.comparison, folded_operand(node))
    return lambda value, _: holds(folding.folded(value))


def folded_operand(node: Compared) -> Operand:
    """What it is compared with, in small letters where the node says so."""
    if not node.fold_case:
        return node.value
    value = node.value
    if isinstance(value, tuple):
        return tuple(one.translate(folding.TABLE) if isinstance(one, str) else one for one in value)
    return value.translate(folding.TABLE) if isinstance(value, str) else value


def _yes(own: str, ask: Callable[[Moment], bool]) -> Leaf:
    return Leaf(own, ask, lambda value, _: value is True, never)


def is_dated(node: Compared) -> bool:
    """Whether the comparison is one of dates."""
    if node.comparison in comparing.DATES:
        return True
    is_text = isinstance(node.value, tuple) and all(isinstance(one, str) for one in node.value)
    return node.comparison == "between" and is_text


def compared(
    node: Compared,
    read: Callable[[Moment], Value],
    edges: Callable[[Moment], Iterable[int]],
) -> Leaf:
    """Compare what is read, dates as dates."""
    if not is_dated(node):
        return Leaf(str(node.id), read, _test_of(node), edges)
    return _dated(node, node.comparison, read)


def _attr(node: nodes.Attr) -> Leaf:
    """What the attribute is; or since when, which is a date like others."""
    if node.comparison == comparing.CHANGED:
        return _dated(node, "in_last", lambda m: m.customer.attribute_changes.get(node.path))
    return compared(node, lambda m: _attribute(m, node.path), _attribute_edges(node))


def _dated(node: Compared, comparison: str, read: Callable[[Moment], Value]) -> Leaf:
    test = moments.tested(comparison, node.value)
    turns = moments.edges(comparison, node.value)
    zone_of = _ZONES[node.tz]

    def asked(value: Value, now: int) -> bool:
        return isinstance(value, list) and test(value[0], str(value[1]), now)

    def dated(moment: Moment) -> Value:
        value = read(moment)
        return value if doubts.is_unknown(value) else [value, zone_of(moment)]

    return Leaf(
        str(node.id),
        dated,
        asked,
        lambda m: turns(read(m), zone_of(m), m.now),
    )


_ZONES: Final[Mapping[str, Callable[[Moment], str]]] = {
    "company": lambda m: m.zone,
    "recipient": lambda m: attributes.timezone(m.customer, company=m.zone),
    "UTC": lambda _: "UTC",
}


def _attribute(moment: Moment, path: str) -> Value:
    return plain(attributes.read(moment.customer, path, now=moment.now, zone=moment.zone))


def _attribute_edges(node: nodes.Attr) -> Callable[[Moment], Iterable[int]]:
    if node.path != "age":
        return never
    years = sorted({0, *thresholds(node.value)})

    def edges(moment: Moment) -> Iterator[int]:
        born = attributes.birthday(moment.customer)
        if born is None:
            return
        for age in years:
            if 0 <= age <= dates.SPAN_YEARS_MAX:
                turn = dates.anniversary(born, born.year + age)
                yield dates.begins(turn, moment.zone)

    return edges


def metric(moment: Moment, name: str) -> Value:
    """What a metric, built in or of the shop's own, comes to."""
    counter = moment.definitions.counters.by_id.get(name)
    if counter is not None:
        return counted.value(moment, counter)
    if name.startswith("rfm"):
        return _rfm(moment, name)
    found = builtin.value(moment.customer, name, now=moment.now)
    if isinstance(found, tuple):
        # Who bought nothing has no list, as they have no average.
        return [*found] or None
    return plain(found)


def _rfm(moment: Moment, name: str) -> Value:
    entry = moment.definitions.rfm
    cuts = None if entry is None else entry.cuts
    scores = rfm.scores(moment.customer, cuts, now=moment.now)
    if scores is None:
        return None
    return str(scores) if name == "rfm" else int(getattr(scores, name.removeprefix("rfm_")))


def _metric_edges(node: nodes.MetricIs) -> Callable[[Moment], Iterable[int]]:
    """Days that pass, recency that sinks, windows that move on."""
    days, since = list(thresholds(node.value)), _DAYS_SINCE.get(node.name)

    def days_edges(moment: Moment) -> Iterator[int]:
        at = moment.customer.registered_at
        if since is not None:
            at = getattr(moment.customer.receipts, since.removeprefix("receipts_"))
        if at is not None:
            yield from (at + count * ages.DAY_MS for count in days)

    def rfm_edges(moment: Moment) -> Iterator[int]:
        entry, at = moment.definitions.rfm, moment.customer.receipts.last_at
        if entry is not None and at is not None:
            yield from (at + (cut + 1) * ages.DAY_MS for cut in entry.cuts.recency_days)

    if since is not None or node.name == "days_since_registration":
        return days_edges
    if node.name == "points_balance":
        return _points_edges
    if node.name in METRICS:
        return rfm_edges if node.name in {"rfm", "rfm_recency"} else never
    return counted.edges_of(node.name)


def _points_edges(moment: Moment) -> Iterator[int]:
    yield from (one.expires_at for one in moment.customer.points if one.left and one.expires_at)


def _contact(node: nodes.ContactIs) -> Leaf:
    channel = node.channel
    if node.state in {"mobile", "landline"}:

        def kind(moment: Moment) -> Value:
            known = moment.customer.contacts.get(channel)
            return None if known is None else known.kind

        return Leaf(str(node.id), kind, _test("=", node.state), never)
    return Leaf(
        str(node.id),
        lambda m: contacts.state(m.customer, channel),
        _test("=", node.state),
        never,
    )
