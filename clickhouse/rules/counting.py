"""What events and receipts come to, by customer, as `engine.counting` keeps it in rows."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from clickhouse.rules import sequences
from clickhouse.rules.documents import Asking
from clickhouse.rules.parameters import Parameters
from clickhouse.rules.values import Value
from engine import dates, windows
from engine.aggregates.sequences import FORBIDDEN
from engine.aggregates.sketches import ESTIMATE_MAX, SPACE
from engine.aggregates.tallies import TIE_CHARS, VALUE_CHARS, VALUES_MAX
from engine.conditions.nodes import All, AnyItem, AnyOf, Prop
from engine.definitions import demands
from engine.definitions.demands import Demand
from engine.definitions.metrics import Metric
from engine.windows import Calendar

_AT: Final = "toUnixTimestamp64Milli(e.at)"

_KNOWN: Final = {
    "page viewed": "e.type = 'page_viewed'",
    "product viewed": "e.type = 'product_viewed'",
    "cart viewed": "e.type = 'cart_replaced'",
    "order completed": "e.type = 'order_completed'",
    "product added": "e.type = 'cart_item_added' AND e.container = 'cart'",
    "product added to wishlist": "e.type = 'cart_item_added' AND e.container = 'wishlist'",
    "product removed": "e.type = 'cart_item_removed' AND e.container = 'cart'",
    "product removed from wishlist": "e.type = 'cart_item_removed' AND e.container = 'wishlist'",
}
"""What an event is, whatever its source called it (`engine.aggregates.documents`)."""

_CANCELLED: Final = (
    "lower(trimBoth(toString({0}.status))) IN ('cancelled', 'canceled', 'voided', 'void')"
)
_RETURNED: Final = "lower(trimBoth(toString({0}.status))) IN ('returned', 'refunded')"

_ISSUED: Final = "FROM oncue.transactions AS e WHERE e.type = 'receipt_issued'"

_TAKING_BACK: Final = f"SELECT e.customer, e.receipt_id {_ISSUED} AND e.return_of != ''"


def _receipts(within: str | None) -> str:
    """The version that stands of each receipt; of few of them alone, those others need no order."""
    only = "" if within is None else f"AND (customer, receipt_id) IN ({within})"
    return f"""
    SELECT *, arraySum(line -> line.quantity, lines) AS units,
        return_of != '' OR ifNull(total, 0) < 0
            OR (arrayExists(line -> line.quantity < 0, lines)
                AND arrayAll(line -> line.quantity <= 0, lines)) AS is_return
    FROM oncue.transactions
    WHERE type = 'receipt_issued' {only}
    ORDER BY updated_at DESC, total DESC, id DESC
    LIMIT 1 BY customer, receipt_id
    """


_GIVEN_BACK: Final = f"""
    SELECT x.customer AS customer, x.return_of AS receipt_id,
        groupArray((toString(x.currency), abs(ifNull(x.total, 0)), abs(x.units))) AS backs
    FROM ({_receipts(_TAKING_BACK)}) AS x
    WHERE x.is_return AND x.return_of != '' AND NOT {_CANCELLED.format("x")}
    GROUP BY x.customer, x.return_of
"""


def _purchases(asked: Sequence[str]) -> str:
    """Purchases as the ledger has them: `is_counted`, and `total_back`, which is not above 0.

    Args:
        asked: Of the alias `e`, by its columns: only receipts some version of which is so.
    """
    candidates = f"SELECT e.customer, e.receipt_id {_ISSUED} AND {_all(asked)}" if asked else None
    return f"""
    SELECT e.*, -arraySum(back -> back.2, r.backs) AS total_back,
        arrayFilter(back -> back.1 = '' OR back.1 = toString(e.currency), r.backs) AS own,
        NOT {_RETURNED.format("e")}
            AND NOT (notEmpty(own) AND e.total > 0 AND e.total <= arraySum(back -> back.2, own))
            AND NOT (e.units != 0 AND arraySum(back -> back.3, own) != 0
                AND e.units <= arraySum(back -> back.3, own)) AS is_counted
    FROM ({_receipts(candidates)}) AS e
    LEFT JOIN ({_GIVEN_BACK}) AS r ON r.customer = e.customer AND r.receipt_id = e.receipt_id
    WHERE NOT e.is_return AND NOT {_CANCELLED.format("e")}
    """


_LINES: Final = frozenset({"product_id", "category"})


def _in_lines(metric: Metric, parameters: Parameters) -> list[str]:
    """What the filter implies of the columns of the lines, so that few receipts are parsed."""
    every = metric.filter.of if isinstance(metric.filter, All) else ()
    found = []
    for node in every:
        if not isinstance(node, AnyItem) or node.path != "lines":
            continue
        props = node.where.of if isinstance(node.where, AnyOf) else ()
        named = [one for one in props if isinstance(one, Prop) and _is_of_line(one)]
        if named and len(named) == len(props):
            has = [f"hasAny(e.lines.{one.path}, {_texts(one, parameters)})" for one in named]
            found.append(" OR ".join(has))
    return found


def _is_of_line(prop: Prop) -> bool:
    values = prop.value if isinstance(prop.value, tuple) else ()
    is_text = bool(values) and all(isinstance(one, str) and one for one in values)
    return prop.path in _LINES and prop.comparison == "in" and is_text


def _texts(prop: Prop, parameters: Parameters) -> str:
    values = prop.value if isinstance(prop.value, tuple) else ()
    return parameters.texts([str(one) for one in values])


class Counted(NamedTuple):
    """A subquery of `customer` and `value`, and how the value is asked."""

    sql: str
    absent: str | None
    """What it comes to for whoever has none; None: missing."""
    is_kept: bool = False
    """Whether the value is (kind, text), as first and last keep it."""


class Tallied(NamedTuple):
    """How many events: several are counted in one pass over the log."""

    met: str
    """Of the alias `e`: by its columns alone, so that few are parsed."""
    holds: str
    """With what is asked inside of it."""


def tallied(metric: Metric, *, now: int, parameters: Parameters) -> Tallied | None:
    """What is counted of events; None of anything else."""
    if metric.of != "event" or metric.aggregate != "count":
        return None
    asking = Asking(parameters)
    told = None if metric.field is None else asking.event(metric.field.split("."))
    met = _all([*_of_name(metric, parameters), *_within(metric, now, parameters)])
    inside = [asking.where(metric.filter, asking.event)]
    if told is not None:
        inside.append(_is_told(metric, told))
    return Tallied(met, _all([met, *inside]))


def together(every: Sequence[Tallied]) -> str:
    """Count them by customer, as `v0`, `v1`, ..."""
    sums = ", ".join(
        f"toNullable(countIf({one.holds})) AS v{place}" for place, one in enumerate(every)
    )
    met = " OR ".join(f"({one.met})" for one in every)
    return f"SELECT e.customer AS customer, {sums} FROM oncue.tracker AS e WHERE {met} GROUP BY 1"


def counted(metric: Metric, *, now: int, parameters: Parameters) -> Counted:
    """The aggregate of a metric or a demand at an instant."""
    if isinstance(metric, Demand) and metric.sequence is not None:
        return _sequence(metric.sequence, parameters)
    asking = Asking(parameters)
    document = asking.receipt if metric.of == "receipt" else asking.event
    told = None if metric.field is None else document(metric.field.split("."))
    within = _within(metric, now, parameters)
    parts = [asking.where(metric.filter, document), *within]
    if metric.of == "receipt":
        is_net = metric.net if isinstance(metric, Demand) else True
        candidates = [*_in_lines(metric, parameters), *within]
        source = f"({_purchases(candidates)}) AS e"
        value = _of_receipts(metric, is_net=is_net)
        parts += ["e.is_counted"] if is_net else []
    else:
        source, value = "oncue.tracker AS e", _of_events(metric, told)
        parts += _of_name(metric, parameters)
        if told is not None:
            parts.append(_is_told(metric, told))
    sql = (
        f"SELECT e.customer AS customer, {value} AS value FROM {source}"
        f" WHERE {_all(parts)} GROUP BY 1"
    )
    absent = {"count": "0", "distinct": "0", "sum": "0"}.get(metric.aggregate)
    return Counted(sql, absent, is_kept=metric.aggregate in {"first", "last"} and told is not None)


def _sequence(sequence: demands.Sequence, parameters: Parameters) -> Counted:
    asking, masks = Asking(parameters), []
    others = [] if sequence.without is None else [(FORBIDDEN, sequence.without)]
    for bit, link in [*((1 << place, one) for place, one in enumerate(sequence.steps)), *others]:
        asked = asking.where(link.where, asking.event)
        masks.append((bit, f"(({_named(link.event, parameters)}) AND {asked})"))
    sql = sequences.ended(masks, within_ms=sequence.within_ms, parameters=parameters)
    return Counted(sql, None)


def _all(parts: Sequence[str]) -> str:
    return " AND ".join(f"({part})" for part in parts) or "1"


def _of_name(metric: Metric, parameters: Parameters) -> list[str]:
    return [] if metric.event is None else [_named(metric.event, parameters)]


def _named(event: str, parameters: Parameters) -> str:
    name = event.strip().casefold()
    called = f"lowerUTF8(e.name) = {parameters.text(name)} AND e.type != 'page_viewed'"
    known = _KNOWN.get(name)
    return f"({called})" if known is None else f"({called}) OR ({known})"


def _within(metric: Metric, now: int, parameters: Parameters) -> list[str]:
    """From when on an event counts: the first instant of the oldest bucket in the window."""
    period = metric.period if isinstance(metric, Demand) else None
    found = []
    if metric.window is not None:
        window = windows.parsed(metric.window)
        begin = (window.last_outside(now) + 1) * window.step_ms
        found.append(f"{_AT} >= {parameters.whole(begin)}")
    if period is not None and period.last is not None:
        calendar = Calendar(period.last.count, period.last.unit, period.zone)
        day = dates.of_ordinal(calendar.last_outside(now) + 1)
        found.append(f"{_AT} >= {parameters.whole(dates.begins(day, period.zone))}")
    if period is not None and period.first_at is not None:
        found.append(f"{_AT} >= {parameters.whole(period.first_at)}")
    if period is not None and period.until_at is not None:
        found.append(f"{_AT} < {parameters.whole(period.until_at)}")
    return found


def _is_told(metric: Metric, told: Value) -> str:
    if metric.aggregate in {"distinct", "first", "last"}:
        return f"isNotNull({_kept(told)})"
    return f"isNotNull({told.number})"


def _of_receipts(metric: Metric, *, is_net: bool) -> str:
    back = "ifNull(e.total_back, 0)" if is_net else "0"
    left = f"CAST(ifNull(e.total, 0) + {back}, 'Decimal(38, 6)')"
    return _numeric(metric.aggregate, left)


def _of_events(metric: Metric, told: Value | None) -> str:
    match metric.aggregate, told:
        case "first", None:
            return f"toNullable(min({_AT}))"
        case "last", None:
            return f"toNullable(max({_AT}))"
        case "first" | "last", Value():
            pick = "argMin" if metric.aggregate == "first" else "argMax"
            place = f"({_AT}, substringUTF8(e.id, 1, {TIE_CHARS}))"
            kept = f"(assumeNotNull({_kind(told)}), assumeNotNull({_kept(told)}))"
            return f"{pick}({kept}, {place})"
        case "distinct", Value() if isinstance(metric, Demand) and metric.approximate:
            return _estimated(told)
        case "distinct", Value():
            return f"toNullable(uniqExact({_kind(told)} = 'Bool', {_kept(told)}))"
        case _:
            return _numeric(metric.aggregate, told.number if told is not None else "1")


def _estimated(told: Value) -> str:
    """As `engine.aggregates.sketches`: from the smallest hashes, exact while there are few."""
    kind = f"if({_kind(told)} = 'Bool', '1:', '0:')"
    hashed = f"SHA256(concat({kind}, assumeNotNull({_kept(told)})))"
    number = f"reinterpretAsUInt64(substring({hashed}, 1, 8))"
    found, most = f"arraySort(groupUniqArray({number}))", VALUES_MAX
    space = f"toUInt256('{SPACE}')"
    estimate = f"intDiv({most - 1} * {space}, greatest(toUInt256({found}[{most}]), 1))"
    bounded = f"toInt64(least({estimate}, toUInt256({ESTIMATE_MAX})))"
    return f"toNullable(if(length({found}) <= {most}, toInt64(length({found})), {bounded}))"


def _numeric(aggregate: str, number: str) -> str:
    match aggregate:
        case "count":
            return "toNullable(count())"
        case "average":
            total = f"CAST(sum({number}), 'Nullable(Decimal(76, 20))')"
            return f"CAST(roundBankers({total} / count(), 6), 'Nullable(Decimal(38, 6))')"
        case _:
            return f"toNullable({aggregate}({number}))"


def _kind(told: Value) -> str:
    """How a value is kept: `Bool`, `Int`, or as text, numbers with a fraction among it."""
    return (
        f"multiIf(isNotNull({told.boolean}), 'Bool',"
        f" isNull({told.string}) AND isNotNull({told.text}), 'Int', 'String')"
    )


def _kept(told: Value) -> str:
    """As rows keep it: cut off, numbers without zeros at the end."""
    return (
        f"multiIf(isNotNull({told.boolean}), toString({told.boolean}),"
        f" isNotNull({told.string}), substringUTF8({told.string}, 1, {VALUE_CHARS}),"
        f" isNotNull({told.text}), if(isNotNull(toInt64OrNull({told.text})), {told.text}, NULL),"
        f" toString({told.number}))"
    )
