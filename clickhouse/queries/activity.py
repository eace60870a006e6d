"""What a customer did and what was done to them: one feed, newest first.

Of the firings only abandoned carts are in it: the caller says which those are. What came of the
others, an entry or a message, has an entry of its own.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, Literal, NamedTuple, TypeAlias, get_args

import msgspec

from clickhouse.client import Reader
from clickhouse.queries.identities import OF_CUSTOMER, Person

Category: TypeAlias = Literal[
    "campaigns", "receipts", "orders", "events", "website", "bonuses", "points", "tags"
]
"""The eight of the feed (M213)."""

CATEGORIES: Final[tuple[Category, ...]] = get_args(Category)

Place: TypeAlias = tuple[int, str]
"""Epoch ms and id: where a page of the feed begins."""


class Decided(NamedTuple):
    """Under which trigger of a campaign something was decided."""

    campaign: str
    version: int
    trigger: str


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """One entry; text that does not apply is empty."""

    id: str
    at_ms: int
    category: Category
    type: str
    """`product_viewed`, `order_completed`, `receipt_issued`, `opened`, ..."""
    name: str
    product_id: str
    product_name: str
    url: str
    order_id: str
    receipt_id: str
    total: Decimal | None
    currency: str
    campaign: str
    message_id: str
    reason: str
    before: str
    """Of a change: the value it had."""
    after: str
    viewed: str
    """The category that was looked at."""
    version: int
    """Of a decision: the campaign's; else 0, and the trigger is empty."""
    trigger: str


POINTS: Final = "'points accrued', 'points earned', 'points awarded', 'points redeemed'"
"""Track calls that a shop counts its own points by."""

VISITS: Final = "'session started', 'visit started', 'site visited'"

_FEED: Final = f"""
SELECT id, toUnixTimestamp64Milli(at) AS at_ms,
    multiIf(startsWith(type, 'order_'), 'orders',
            type = 'tracked' AND lower(name) IN ({POINTS}), 'points',
            type = 'tracked' AND lower(name) IN ({VISITS}), 'website',
            type IN ('tracked', 'identified'), 'events', 'website') AS category,
    toString(type) AS type, toString(name) AS name, product_id, product_name, url, order_id,
    '' AS receipt_id, total, toString(currency) AS currency, '' AS campaign, '' AS message_id,
    '' AS reason, '' AS before, '' AS after,
    if(type = 'category_viewed', oncue.tracker.category, '') AS viewed,
    toUInt32(0) AS version, '' AS trigger
FROM oncue.tracker
WHERE {OF_CUSTOMER} AND at <= fromUnixTimestamp64Milli({{at:Int64}})
UNION ALL
SELECT id, toUnixTimestamp64Milli(at), if(type = 'receipt_issued', 'receipts', 'orders'),
    if(type = 'receipt_issued' AND return_of != '', 'receipt_returned', toString(type)),
    if(type = 'receipt_issued', '', arrayStringConcat(arrayFilter(word -> word != '',
        [toString(status), toString(payment_status), toString(delivery_status)]), ', ')),
    '', '', '', order_id, receipt_id, total, toString(currency), '', '', '', '', '', '',
    toUInt32(0), ''
FROM oncue.transactions
WHERE {OF_CUSTOMER} AND at <= fromUnixTimestamp64Milli({{at:Int64}})
UNION ALL
SELECT id, toUnixTimestamp64Milli(at), 'campaigns', toString(response), '', '', '', url, '',
    '', NULL, '', toString(campaign), message_id, reason, '', '', '',
    toUInt32(0), ''
FROM oncue.responses
WHERE {OF_CUSTOMER} AND at <= fromUnixTimestamp64Milli({{at:Int64}})
UNION ALL
SELECT id, toUnixTimestamp64Milli(at),
    transform(toString(kind), ['tag_changed', 'bonuses_changed', 'points_changed', 'fired'],
        ['tags', 'bonuses', 'points', 'website'], 'campaigns'),
    transform(toString(kind), ['fired', 'entered', 'sent'],
        ['cart_abandoned', 'campaign_entered', 'message_sent'], toString(kind)),
    toString(name), '', '', '', '', '', NULL, '', toString(campaign), message_id,
    toString(reason), ifNull(before, ''), ifNull(after, ''), '',
    if(kind IN ('fired', 'entered', 'sent'), version, 0), toString(trigger)
FROM oncue.facts
WHERE {OF_CUSTOMER} AND at <= fromUnixTimestamp64Milli({{at:Int64}})
    AND (kind IN ('tag_changed', 'bonuses_changed', 'points_changed', 'entered', 'sent')
        OR kind = 'fired' AND has({{carts:Array(Tuple(String, UInt32, String))}},
            (toString(campaign), version, toString(trigger))))
"""  # noqa: S608 constants of these modules

LATEST_MS: Final = 10_413_791_999_999
"""The end of 2299: where a DateTime64 ends."""


async def fired(reader: Reader, *, of: Person) -> list[Decided]:
    """Everything that ever fired for the customer, each once.

    Raises:
        ClickHouseError: as the reader says.
    """
    found = await reader.rows(
        f"""
        SELECT DISTINCT toString(campaign) AS campaign, version, toString(trigger) AS trigger
        FROM oncue.facts WHERE {OF_CUSTOMER} AND kind = 'fired'
        """,  # noqa: S608 a constant of a module
        of.parameters(),
    )
    return [Decided(row["campaign"], row["version"], row["trigger"]) for row in found]


async def page(
    reader: Reader,
    *,
    of: Person,
    categories: Sequence[Category],
    carts: Sequence[Decided],
    after: Place | None,
    limit: int,
) -> list[Activity]:
    """List what happened before the place `after`, newest first.

    Args:
        carts: The firings that are carts left behind.

    Raises:
        ClickHouseError: as the reader says.
    """
    at, id_ = after or (LATEST_MS, "")
    return await reader.records(
        Activity,
        f"""
        SELECT * FROM ({_FEED})
        WHERE has({{categories:Array(String)}}, category)
          AND ({{id:String}} = '' OR (at_ms, id) < ({{at:Int64}}, {{id:String}}))
        ORDER BY at_ms DESC, id DESC
        LIMIT {{limit:UInt32}}
        """,  # noqa: S608 constants of this module
        {
            **of.parameters(),
            "categories": list(categories),
            "carts": [tuple(one) for one in carts],
            "at": at,
            "id": id_,
            "limit": limit,
        },
    )
