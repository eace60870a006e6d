"""Customers by a rule: how many, what they bring, whom a message could reach, and page by page."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, Literal, NamedTuple, TypeAlias, get_args

import msgspec

from clickhouse.client import Reader
from clickhouse.rules import reaching, selecting
from clickhouse.rules.parameters import NUMBER, Parameters
from clickhouse.rules.reaching import Reach
from clickhouse.rules.selecting import Context
from engine.reasons import Reason
from engine.rules.nodes import Rule

SAMPLE_MAX: Final = 100

SortBy: TypeAlias = Literal[
    "id",
    "email",
    "city",
    "registered_at",
    "first_seen_at",
    "last_seen_at",
    "receipts_first_at",
    "receipts_last_at",
    "receipts_count",
    "receipts_total",
    "receipts_average",
    "receipts_average_price",
    "orders_count",
    "orders_total",
    "ltv",
    "bonuses_active",
]

SORTS: Final[tuple[SortBy, ...]] = get_args(SortBy)

_TEXTS: Final = frozenset({"id", "email", "city"})
_NUMBER: Final = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,6})?")

Key: TypeAlias = tuple[bool, str, str]
"""Whether the value is missing, the value as text, and the id: a place in a sorted list."""


class Sums(msgspec.Struct, frozen=True, kw_only=True):
    """What customers of one currency bring together."""

    currency: str
    """Empty: who never bought, or by amounts that name none."""
    customers: int
    receipts: int
    revenue: Decimal
    """By receipts, net of returns."""
    orders: int
    orders_total: Decimal
    ltv: Decimal


class Preview(NamedTuple):
    """What a rule selects."""

    sums: list[Sums]
    """By currency."""
    stopped: list[tuple[Reason, int]]
    """Whom a message would not reach, by the first reason, in admission's order."""
    sample: list[str]
    """Ids, by a hash of them: a fair choice, and the same again."""

    @property
    def total(self) -> int:
        """How many customers it selects."""
        return sum(one.customers for one in self.sums)


class Sort(NamedTuple):
    """The order of a list; who has no such value comes last."""

    by: SortBy = "id"
    is_descending: bool = False


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """A customer of a list, and the place in it."""

    id: str
    is_missing: bool
    key: str

    @property
    def place(self) -> Key:
        """Where the next page begins after it."""
        return self.is_missing, self.key, self.id


class _Part(Sums, frozen=True, kw_only=True):
    stops: list[int]
    sample: list[tuple[int, str]]


SUMS: Final = """
    toString(currency) AS currency, toInt64(count()) AS customers,
    toInt64(sum(receipts_count)) AS receipts,
    toDecimal128(sum(receipts_total), 4) AS revenue, toInt64(sum(orders_count)) AS orders,
    toDecimal128(sum(orders_total), 4) AS orders_total,
    toDecimal128(sum(ifNull(ltv, 0)), 4) AS ltv
"""
"""Aggregates of columns of a customer, by currency."""

SUMMED: Final = ", ".join(
    f"c.{name} AS {name}"
    for name in (
        "currency",
        "receipts_count",
        "receipts_total",
        "orders_count",
        "orders_total",
        "ltv",
    )
)
"""The columns they need, of the alias `c`."""


async def preview(
    reader: Reader, rule: Rule, context: Context, *, reach: Reach, sample: int
) -> Preview:
    """Ask it all at once: the rule is the dear part.

    Raises:
        QueryLimitError: it takes longer than a read may.
        ClickHouseError: as the reader says.
    """
    parameters = Parameters()
    chosen = selecting.selected(rule, context, parameters=parameters)
    barriers = reaching.barriers(reach, parameters)
    first = ", ".join(f"{barrier.holds}, {place}" for place, barrier in enumerate(barriers, 1))
    stops = ", ".join(f"countIf(stop = {place})" for place, _ in enumerate(barriers, 1))
    whose = chosen.sql(f"c.id AS id, {SUMMED}, multiIf({first}, 0) AS stop")
    parts = await reader.records(
        _Part,
        f"""
        SELECT {SUMS}, arrayMap(n -> toInt64(n), [{stops}]) AS stops,
            groupArraySorted({max(sample, 1):d})((toInt64(cityHash64(id) % 1000000007), id))
                AS sample
        FROM ({whose})
        GROUP BY currency
        """,  # noqa: S608 written by these modules
        chosen.parameters,
        is_eager=True,
    )
    drawn = sorted(one for part in parts for one in part.sample)[:sample]
    return Preview(
        sums=[_summed(part) for part in parts],
        stopped=[
            (barrier.reason, sum(part.stops[place] for part in parts))
            for place, barrier in enumerate(barriers)
        ],
        sample=[customer_id for _, customer_id in drawn],
    )


async def sums(reader: Reader, rule: Rule, context: Context) -> list[Sums]:
    """What the selected bring, by currency (M127); errors as `preview`."""
    chosen = selecting.selected(rule, context)
    whose = chosen.sql(SUMMED)
    return await reader.records(
        Sums,
        f"SELECT {SUMS} FROM ({whose}) GROUP BY currency",  # noqa: S608 written by these modules
        chosen.parameters,
        is_eager=True,
    )


async def page(
    reader: Reader,
    rule: Rule,
    context: Context,
    *,
    sort: Sort,
    after: Key | None,
    limit: int,
) -> list[Placed]:
    """List the selected, in order; errors as `preview`."""
    parameters = Parameters()
    chosen = selecting.selected(rule, context, parameters=parameters)
    ordered = ordering(sort, after, parameters)
    sql = chosen.sql(
        f"c.id AS id, toBool({ordered.missing}) AS is_missing, toString({ordered.shown}) AS key",
        rest=f"AND {ordered.after} ORDER BY {ordered.order} LIMIT {limit:d}",
    )
    return await reader.records(Placed, sql, chosen.parameters, is_eager=True)


def is_place(sort: Sort, place: Key) -> bool:
    """Whether a place can be one of a list in this order."""
    _, value, _ = place
    if sort.by in _TEXTS:
        return value.isprintable()
    return bool(_NUMBER.fullmatch(value))


class Ordered(NamedTuple):
    """The parts of a query that put a list into an order."""

    missing: str
    shown: str
    order: str
    after: str


def ordering(sort: Sort, after: Key | None, parameters: Parameters) -> Ordered:
    """By the value, then by id, so that no two customers share a place."""
    column = f"c.{sort.by}"
    if sort.by in _TEXTS:
        key, missing, kind = f"toString({column})", f"({column} = '')", "String"
    elif sort.by.endswith("_at"):
        key = f"ifNull(toUnixTimestamp64Milli({column}), 0)"
        missing, kind = f"isNull({column})", "Int64"
    else:
        key = f"toDecimal128(ifNull({column}, 0), 6)"
        missing, kind = f"isNull({column})", NUMBER
    way, beyond = ("DESC", "<") if sort.is_descending else ("ASC", ">")
    order = f"{missing}, {key} {way}, c.id"
    if after is None:
        return Ordered(missing, key, order, "1")
    was_missing, value, last_id = after
    known = f"CAST({parameters.text(value)}, '{kind}')"
    later = f"c.id > {parameters.text(last_id)}"
    if was_missing:
        return Ordered(missing, key, order, f"({missing} AND {later})")
    condition = f"({missing} OR {key} {beyond} {known} OR ({key} = {known} AND {later}))"
    return Ordered(missing, key, order, condition)


def _summed(part: _Part) -> Sums:
    fields: Mapping[str, object] = {name: getattr(part, name) for name in Sums.__struct_fields__}
    return msgspec.convert(fields, Sums)


def joined(found: Sequence[Sums], *, currency: str | None) -> tuple[Sums, list[Sums]]:
    """The sums in one currency over all customers, and those of the other currencies.

    Args:
        currency: The company's; without one, that of the most customers who bought.
    """
    told = sorted((one for one in found if one.currency), key=lambda one: -one.customers)
    chosen = currency or (told[0].currency if told else "")
    own = [one for one in found if one.currency in {chosen, ""}]
    whole = Sums(
        currency=chosen,
        customers=sum(one.customers for one in found),
        receipts=sum(one.receipts for one in own),
        revenue=sum((one.revenue for one in own), Decimal(0)),
        orders=sum(one.orders for one in own),
        orders_total=sum((one.orders_total for one in own), Decimal(0)),
        ltv=sum((one.ltv for one in own), Decimal(0)),
    )
    return whole, [one for one in told if one.currency != chosen]
