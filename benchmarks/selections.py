"""What a preview costs over a million customers: count, sample, metrics and waterfall of a rule."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

from benchmarks.report import Figure, Scale
from clickhouse import migrate
from clickhouse.client import Reader, Writer
from clickhouse.queries import selections
from clickhouse.rules.reaching import Reach
from clickhouse.rules.selecting import Context
from engine.rules import reading
from tests.support import clickhouse

CUSTOMERS: Final = 1_000_000
EVENTS: Final = 3_000_000
RECEIPTS: Final = 1_000_000
SLICE: Final = 250_000
"""Rows of one INSERT ... SELECT."""

NOW: Final = 1_795_348_800_000
"""2026-11-22 12:00 UTC; events lie in the 180 days before."""

DAYS: Final = 180

SEGMENT: Final = {
    "op": "all",
    "of": [
        {"op": "metric", "name": "receipts_count", "is": ">=", "value": 2},
        {"op": "attr", "path": "city", "is": "in", "value": ["Berlin", "Hamburg"]},
    ],
}

RULES: Final[Mapping[str, Mapping[str, Any]]] = {
    "attribute and metric": {
        "op": "all",
        "of": [
            {"op": "metric", "name": "receipts_count", "is": ">=", "value": 1},
            {"op": "attr", "path": "age", "is": ">=", "value": 30},
        ],
    },
    "attribute of the shop's own": {
        "op": "attr", "path": "plan", "is": "in", "value": ["gold", "silver"],
    },
    "did in 30 days": {
        "op": "did", "event": "Product Viewed", "window": "30d", "is": ">=", "value": 2,
    },
    "did, a property": {
        "op": "did", "event": "Product Viewed", "window": "30d",
        "where": {"op": "prop", "path": "properties.category", "is": "=", "value": "c7"},
    },
    "bought in a year": {
        "op": "bought", "products": ["p7", "p8"],
        "window": {"op": "between", "first": "2026-01-01", "last": "2026-12-31"},
    },
    "nested": {
        "op": "any",
        "of": [
            {"op": "in_segment", "segment": "regular"},
            {
                "op": "all",
                "of": [
                    {"op": "did", "event": "Product Added", "window": "7d"},
                    {"op": "never_did", "event": "Order Completed", "window": "30d"},
                    {"op": "not", "of": {"op": "subscribed", "channel": "sms"}},
                ],
            },
        ],
    },
}  # fmt: skip

_CUSTOMERS: Final = """
INSERT INTO oncue.customers_log (row_epoch, row_version, row_offset, logged_at, key, id, at, email,
    phone, orders_count, orders_total, receipts_count, receipts_total, currency, first_seen_at,
    last_seen_at, events_count, attributes, subscriptions, city, gender, birthday,
    receipts_first_at, receipts_last_at, receipts_average, ltv, registered_at, email_state,
    phone_state, phone_kind, country, tags, standing)
WITH concat('customer-', toString(number)) AS name,
    cityHash64(number) AS h,
    ['Berlin', 'Hamburg', 'Munich', 'Cologne', 'Kiel'][1 + h % 5] AS place,
    toDate('1950-01-01') + h % 20000 AS born, h % 4 AS bought,
    fromUnixTimestamp64Milli(toInt64({now:Int64}) - toInt64(h % 15552000) * 1000, 'UTC') AS seen
SELECT 1, 1, number, seen, concat('u:', name), name, seen, concat(name, '@example.com'),
    concat('+49151', leftPad(toString(number), 8, '0')), h % 3, h % 3 * 20, bought, bought * 35,
    'EUR', seen, seen, h % 50,
    concat('{"email":"', name, '@example.com","phone":"+49151', leftPad(toString(number), 8, '0'),
        '","firstName":"Ada","lastName":"Lovelace","city":"', place, '","gender":"f","birthday":"',
        toString(born), '","plan":"', ['gold', 'silver', 'basic'][1 + h % 3],
        '","newsletter":true,"address":{"street":"Long street 1","postalCode":"10115"}}'),
    ['{}', '{"email":true}', '{"email":false}', '{"email":{"":true,"promo":false},"sms":true}'][
        1 + h % 4],
    place, 'f', toString(born), if(bought > 0, seen, NULL), if(bought > 0, seen, NULL),
    if(bought > 0, 35, NULL), bought * 35, seen, ['valid', 'valid', 'invalid'][1 + h % 3], 'valid',
    'mobile', 'DE', if(h % 10 = 0, ['vip'], []), '{}'
FROM numbers({first:UInt64}, {count:UInt64})
"""

_EVENTS: Final = """
INSERT INTO oncue.events_log (log_partition, log_offset, logged_at, key, customer, kind, cause,
    payload, type, id, at, name, source, product_id, category, price, quantity)
WITH concat('customer-', toString(cityHash64(number, 1) % {customers:UInt64})) AS name,
    cityHash64(number) AS h, h % 10 AS what,
    fromUnixTimestamp64Milli(toInt64({now:Int64}) - toInt64(h % ({days:UInt64} * 86400)) * 1000,
        'UTC') AS moment
SELECT 0, number, moment, concat('u:', name), name, 'tracker', '',
    concat('{"type":"x","properties":{"product_id":"p', toString(h % 500), '","category":"c',
        toString(h % 40), '","price":19.90,"quantity":1,"url":"https://shop.example.com/p/',
        toString(h % 500), '"},"context":{"userAgent":"Mozilla/5.0 (X11; Linux x86_64)"}}'),
    multiIf(what < 7, 'product_viewed', what < 9, 'cart_item_added', 'order_completed'),
    hex(MD5(toString(number))), moment,
    multiIf(what < 7, 'Product Viewed', what < 9, 'Product Added', 'Order Completed'), 'web',
    concat('p', toString(h % 500)), concat('c', toString(h % 40)), 19.9, 1
FROM numbers({first:UInt64}, {count:UInt64})
"""

_RECEIPTS: Final = """
INSERT INTO oncue.events_log (log_partition, log_offset, logged_at, key, customer, kind, cause,
    payload, type, id, at, name, source, total, currency, receipt_id, updated_at, lines)
WITH concat('customer-', toString(cityHash64(number, 2) % {customers:UInt64})) AS name,
    cityHash64(number) AS h,
    fromUnixTimestamp64Milli(toInt64({now:Int64}) - toInt64(h % ({days:UInt64} * 86400)) * 1000,
        'UTC') AS moment
SELECT 1, number, moment, concat('u:', name), name, 'transaction', '',
    concat('{"lines":[{"id":"p', toString(h % 500), '","quantity":1,"price":"35"}]}'),
    'receipt_issued', concat('r', toString(number)), moment, '', 'till', 35, 'EUR',
    concat('r', toString(number)), toUnixTimestamp64Milli(moment),
    [(concat('p', toString(h % 500)), '', '', 35, 1)]
FROM numbers({first:UInt64}, {count:UInt64})
"""


def run(scale: Scale) -> list[Figure]:
    """Load, then ask each rule in turns with the bare count of the same view."""
    with (
        tempfile.TemporaryDirectory() as folder,
        clickhouse.running(Path(folder) / "clickhouse") as server,
    ):
        return asyncio.run(_measured(server.url, scale))


async def _measured(url: str, scale: Scale) -> list[Figure]:
    part = scale.pick(1, 10)
    async with Writer(url=url) as writer:
        await migrate.apply(writer, migrate.known())
        await _load(writer, _CUSTOMERS, CUSTOMERS // part)
        await _load(writer, _EVENTS, EVENTS // part)
        await _load(writer, _RECEIPTS, RECEIPTS // part)
    async with Reader(url=url, threads=1) as reader:
        return [await _figure(reader, name, scale) for name in RULES]


async def _load(writer: Writer, sql: str, count: int) -> None:
    for first in range(0, count, SLICE):
        given = {
            "first": first,
            "count": min(SLICE, count - first),
            "customers": CUSTOMERS,
            "days": DAYS,
            "now": NOW,
        }
        used = {name: value for name, value in given.items() if f"{{{name}:" in sql}
        await writer.command(sql, used)


async def _figure(reader: Reader, name: str, scale: Scale) -> Figure:
    rule = reading.decoded(RULES[name])
    segments = {"regular": reading.decoded(SEGMENT)}
    context = Context(now=NOW, zone="Europe/Berlin", segments=segments)
    ours: list[float] = []
    bare: list[float] = []
    for _ in range(scale.runs + 1):
        ours.append(
            await _ms(lambda: selections.preview(reader, rule, context, reach=Reach(), sample=10))
        )
        bare.append(await _ms(lambda: reader.rows("SELECT count() FROM oncue.customers")))
    # The first of each reads from the disk what the others find in memory.
    return Figure(
        case=name,
        measure="ms a preview",
        values=tuple(ours[1:]),
        against="count() of the view",
        baselines=tuple(bare[1:]),
    )


async def _ms(ask: Callable[[], Awaitable[Any]]) -> float:
    began_s = time.perf_counter()
    await ask()
    return (time.perf_counter() - began_s) * 1000
