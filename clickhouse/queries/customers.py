"""Customers as ClickHouse has them: a second or two behind, for lists and when Redis is away."""

import base64
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, Literal, TypeAlias, get_args

import msgspec

from clickhouse import searching
from clickhouse.client import Reader
from clickhouse.queries import composition, filters, selections
from clickhouse.queries.composition import Composition
from clickhouse.queries.filters import Filters
from clickhouse.queries.selections import Sums

_COLUMNS: Final = """
    id, email, phone, orders_count, orders_total, receipts_count, receipts_total, currency,
    cart_items, cart_value, events_count, attributes, subscriptions,
    toUnixTimestamp64Milli(first_seen_at) AS first_seen_ms,
    toUnixTimestamp64Milli(last_seen_at) AS last_seen_ms,
    toUnixTimestamp64Milli(logged_at) AS logged_ms
"""

Field: TypeAlias = Literal[
    "email",
    "phone",
    "first_name",
    "last_name",
    "gender",
    "birthday",
    "city",
    "address",
    "tag",
    "segment",
    "source",
]

FIELDS: Final[tuple[Field, ...]] = get_args(Field)
"""What a list can be filtered by, each on its own."""

Place: TypeAlias = tuple[int, str]
"""How well it fits (0 is best) and id: where a page of a list begins."""


class StoredCustomer(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the view `customers`; absent text is empty."""

    id: str
    email: str
    phone: str
    orders_count: int
    orders_total: Decimal
    receipts_count: int
    receipts_total: Decimal
    currency: str
    cart_items: int
    cart_value: Decimal
    events_count: int
    attributes: str
    """JSON."""
    subscriptions: str
    """JSON."""
    first_seen_ms: int | None
    last_seen_ms: int | None
    logged_ms: int


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A customer of a list, with the row as the changelog holds it."""

    id: str
    fit: int
    row: bytes

    @property
    def place(self) -> Place:
        """Where the next page begins after it."""
        return self.fit, self.id


class _Fit(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    fit: int


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    row_base64: str


class Narrowed(msgspec.Struct, frozen=True, kw_only=True):
    """What a list is narrowed to; all of it must fit."""

    search: str = ""
    filters: Mapping[Field, str] = {}
    bought: Composition = Composition()
    others: Filters = Filters()


async def page(
    reader: Reader, narrowed: Narrowed, *, after: Place | None = None, limit: int
) -> list[Found]:
    """List customers: those that fit the search best first, then by id.

    A filter fits a value that is the same but for case, or, with `*` at its end, one that begins
    so; a tag is the same to the letter; a phone fits in any spelling, an address that holds it
    anywhere.

    Raises:
        ClickHouseError: as the reader says.
    """
    fit, after_fit, after_id = _fit(narrowed.search), *(after or (0, ""))
    conditions, parameters = _where(narrowed)
    if narrowed.search:
        conditions.append("(fit, id) > ({after_fit:UInt8}, {after_id:String})")
    else:
        conditions.append("id > {after_id:String}")
    found = await reader.records(
        _Fit,
        f"""
        SELECT id, toUInt8({fit}) AS fit
        FROM oncue.customers_log FINAL
        WHERE {" AND ".join(conditions)}
        ORDER BY {"fit, id" if narrowed.search else "id"}
        LIMIT {{limit:UInt32}}
        """,  # noqa: S608 constants of this module
        {**parameters, "after_fit": after_fit, "after_id": after_id, "limit": limit},
    )
    stored = await rows(reader, [item.id for item in found])
    return [
        Found(id=item.id, fit=item.fit, row=stored[item.id]) for item in found if item.id in stored
    ]


async def sums(reader: Reader, narrowed: Narrowed) -> list[Sums]:
    """What all customers of a list bring, by currency (M127); errors as `page`."""
    conditions, parameters = _where(narrowed)
    return await reader.records(
        Sums,
        f"""
        SELECT {selections.SUMS} FROM
        (
            SELECT {selections.SUMMED}, toUInt8({_fit(narrowed.search)}) AS fit
            FROM oncue.customers_log AS c FINAL
            WHERE {" AND ".join(conditions)}
        )
        GROUP BY currency
        """,  # noqa: S608 constants of these modules
        parameters,
    )


async def rows(reader: Reader, customer_ids: Sequence[str]) -> dict[str, bytes]:
    """Find the rows of these customers, erased ones too; errors as `page`."""
    if not customer_ids:
        return {}
    found = await reader.records(
        _Row,
        """
        SELECT id, base64Encode(row) AS row_base64 FROM oncue.customers_log FINAL
        WHERE id IN {ids:Array(String)} AND row != ''
        """,
        {"ids": list(customer_ids)},
    )
    return {item.id: base64.b64decode(item.row_base64) for item in found}


async def last_seen(reader: Reader, *, limit: int) -> list[StoredCustomer]:
    """The customers whose rows were written last, newest first; errors as `page`."""
    return await reader.records(
        StoredCustomer,
        f"""
        SELECT {_COLUMNS} FROM oncue.customers
        ORDER BY logged_at DESC, id LIMIT {{limit:UInt32}}
        """,  # noqa: S608 constants of this module
        {"limit": limit},
    )


def _fit(search: str) -> str:
    """How well a customer fits: 0 is best, 3 not at all."""
    if not search:
        return "0"
    return (
        "multiIf(multiSearchAny(search, {whole:Array(String)}), 0,"
        " multiSearchAny(search, {beginning:Array(String)}), 1,"
        " multiSearchAny(search, {anywhere:Array(String)}), 2, 3)"
    )


def _where(narrowed: Narrowed) -> tuple[list[str], dict[str, object]]:
    conditions, parameters = _filtered(narrowed.filters)
    bought, amounts = composition.condition(narrowed.bought)
    others, given = filters.conditions(narrowed.others)
    found = ["NOT is_erased", "forward = ''", *conditions, *([bought] if bought else []), *others]
    if narrowed.search:
        needles = searching.needles(narrowed.search)
        return [*found, "fit < 3"], {
            **parameters,
            **amounts,
            **given,
            **msgspec.structs.asdict(needles),
        }
    return found, {**parameters, **amounts, **given}


def _filtered(asked_of: Mapping[Field, str]) -> tuple[list[str], dict[str, object]]:
    conditions: list[str] = []
    parameters: dict[str, object] = {}
    for field, asked in asked_of.items():
        said = searching.folded(asked)
        parameters[field] = said.removesuffix("*")
        match field:
            case "phone":
                parameters[field] = searching.phones(asked)
                conditions.append(
                    "multiSearchAny(concat('\\n', replaceRegexpAll(phone, '[^0-9]', ''), '\\n'),"
                    " {phone:Array(String)})"
                )
            case "tag":
                parameters[field] = asked
                conditions.append("has(tags, {tag:String})")
            case "segment":
                # Of live ones: who is in by the row.
                parameters[field] = asked
                conditions.append("has(segments, {segment:String})")
            case "address":
                conditions.append("position(lowerUTF8(address), {address:String}) > 0")
            case _ if said.endswith("*"):
                conditions.append(f"startsWith(lowerUTF8({field}), {{{field}:String}})")
            case _:
                conditions.append(f"lowerUTF8({field}) = {{{field}:String}}")
    return conditions, parameters
