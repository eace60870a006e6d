"""Receipts and orders as they stand: one row each, by source time, whatever came when."""

from decimal import Decimal

import msgspec

from clickhouse.client import Reader, Writer
from engine.events import OrderCancelled, OrderCompleted
from engine.products import Line
from engine.transactions import OrderPlaced, OrderStatusChanged, ReceiptIssued
from tests.support.logged import NOON, stored


def receipt(updated_at: int, total: str, **changes: object) -> ReceiptIssued:
    issued = ReceiptIssued(
        id=f"r/{updated_at}",
        occurred_at=NOON,
        receipt_id="r",
        updated_at=updated_at,
        total=Decimal(total),
    )
    return msgspec.structs.replace(issued, **changes)


async def test_a_receipt_is_its_newest_version_with_its_lines(
    writer: Writer, reader: Reader
) -> None:
    line = Line(id="shoes", external_id="77", quantity=2, total=Decimal("39.90"))
    newest = receipt(NOON + 2, "39.90", status="paid", store_id="s", custom={"a": 1}, lines=(line,))
    await stored(writer, [newest, receipt(NOON + 1, "10"), receipt(NOON, "5")])

    [found] = await reader.rows(
        "SELECT id, customer, total, status, store_id, custom, lines.external_id AS ids,"
        " lines.total AS totals FROM oncue.receipts"
    )

    assert found == {
        "id": "r",
        "customer": "c",
        "total": Decimal("39.90"),
        "status": "paid",
        "store_id": "s",
        "custom": '{"a":1}',
        "ids": ["77"],
        "totals": [Decimal("39.90")],
    }


async def test_an_order_has_the_latest_of_each_of_its_three_statuses(
    writer: Writer, reader: Reader
) -> None:
    """X20: told by whom it may be, in any order."""
    placed = OrderPlaced(
        id="p",
        occurred_at=NOON,
        order_id="o",
        updated_at=NOON + 10,
        total=Decimal(20),
        status="new",
        payment_status="paid",
        delivery_status="packing",
    )
    happened = [
        OrderStatusChanged(
            id="s2", occurred_at=NOON + 30, order_id="o", delivery_status="delivered"
        ),
        OrderStatusChanged(
            id="s1", occurred_at=NOON + 5, order_id="o", payment_status="unpaid", status="draft"
        ),
        OrderCompleted(id="t", occurred_at=NOON + 99, order_id="o", total=Decimal(19)),
        placed,
    ]
    await stored(writer, happened)

    [found] = await reader.rows(
        "SELECT id, total, status, payment_status, delivery_status, is_booked FROM oncue.orders"
    )

    assert found == {
        "id": "o",
        "total": Decimal(20),
        "status": "new",
        "payment_status": "paid",
        "delivery_status": "delivered",
        "is_booked": True,
    }


async def test_an_order_of_a_tracker_alone_is_dated_at_its_first_event(
    writer: Writer, reader: Reader
) -> None:
    seen = OrderCompleted(id="t1", occurred_at=NOON, order_id="o", total=Decimal(19))
    again = OrderCompleted(id="t2", occurred_at=NOON + 500, order_id="o", total=Decimal(21))
    await stored(writer, [again, seen, OrderCancelled(id="x", occurred_at=NOON + 9, order_id="o")])

    [found] = await reader.rows(
        "SELECT total, status, toUnixTimestamp64Milli(at) AS at, is_booked FROM oncue.orders"
    )

    assert found == {"total": Decimal(21), "status": "cancelled", "at": NOON, "is_booked": False}


async def test_an_order_known_by_a_status_only_is_none_yet(writer: Writer, reader: Reader) -> None:
    changed = OrderStatusChanged(id="s", occurred_at=NOON, order_id="o", status="new")
    await stored(writer, [changed])

    assert await reader.rows("SELECT id FROM oncue.orders") == []
