"""What events and receipts come to, by customer, as `engine.counting` keeps it in rows."""

from typing import Final, NamedTuple

from clickhouse.rules.documents import Asking
from clickhouse.rules.parameters import Parameters
from clickhouse.rules.values import Value
from engine import dates, windows
from engine.aggregates.tallies import TIE_CHARS, VALUE_CHARS
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

_RECEIPTS: Final = """
    SELECT *, arraySum(line -> line.quantity, lines) AS units,
        return_of != '' OR ifNull(total, 0) < 0
            OR (arrayExists(line -> line.quantity < 0, lines)
                AND arrayAll(line -> line.quantity <= 0, lines)) AS is_return
    FROM oncue.transactions
    WHERE type = 'receipt_issued'
    ORDER BY updated_at DESC, total DESC, id DESC
    LIMIT 1 BY customer, receipt_id
"""

_PURCHASES: Final = f"""
SELECT e.*, r.total_back AS total_back,
    NOT {_RETURNED.format("e")}
        AND NOT (r.returns_count > 0 AND e.total > 0 AND e.total + r.own_back <= 0)
        AND NOT (e.units != 0 AND r.units_back != 0 AND e.units + r.units_back <= 0) AS is_counted
FROM ({_RECEIPTS}) AS e
LEFT JOIN
(
    SELECT b.customer AS customer, b.return_of AS receipt_id,
        countIf(is_own) AS returns_count,
        sum(-abs(b.total)) AS total_back,
        sumIf(-abs(b.total), is_own) AS own_back,
        sumIf(-abs(b.units), is_own) AS units_back
    FROM
    (
        SELECT x.*, x.currency = '' OR x.currency = p.currency AS is_own
        FROM ({_RECEIPTS}) AS x
        INNER JOIN ({_RECEIPTS}) AS p ON p.customer = x.customer AND p.receipt_id = x.return_of
        WHERE x.is_return AND NOT {_CANCELLED.format("x")}
    ) AS b
    GROUP BY b.customer, b.return_of
) AS r ON r.customer = e.customer AND r.receipt_id = e.receipt_id
WHERE NOT e.is_return AND NOT {_CANCELLED.format("e")}
"""
"""Purchases as the ledger has them: `is_counted`, and `total_back`, which is not above 0."""


class Counted(NamedTuple):
    """A subquery of `customer` and `value`, and how the value is asked."""

    sql: str
    absent: str | None
    """What it comes to for whoever has none; None: missing."""
    is_kept: bool = False
    """Whether the value is (kind, text), as first and last keep it."""


def counted(metric: Metric, *, now: int, parameters: Parameters) -> Counted:
    """The aggregate of a metric or a demand at an instant."""
    asking = Asking(parameters)
    document = asking.receipt if metric.of == "receipt" else asking.event
    told = None if metric.field is None else document(metric.field.split("."))
    parts = [asking.where(metric.filter, document), *_within(metric, now, parameters)]
    if metric.of == "receipt":
        is_net = metric.net if isinstance(metric, Demand) else True
        source, value = f"({_PURCHASES}) AS e", _of_receipts(metric, is_net=is_net)
        parts += ["e.is_counted"] if is_net else []
    else:
        source, value = "oncue.tracker AS e", _of_events(metric, told)
        if metric.event is not None:
            parts.append(_named(metric.event, parameters))
        if told is not None:
            parts.append(_is_told(metric, told))
    where = " AND ".join(f"({part})" for part in parts)
    sql = f"SELECT e.customer AS customer, {value} AS value FROM {source} WHERE {where} GROUP BY 1"
    absent = {"count": "0", "distinct": "0", "sum": "0"}.get(metric.aggregate)
    return Counted(sql, absent, is_kept=metric.aggregate in {"first", "last"} and told is not None)


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
        case "distinct", Value():
            return f"toNullable(uniqExact({_kind(told)} = 'Bool', {_kept(told)}))"
        case _:
            return _numeric(metric.aggregate, told.number if told is not None else "1")


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
