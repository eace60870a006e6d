"""What everybody asks: one row per id at every moment, the right one of them."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal

import pytest

from clickhouse.client import Reader, Writer
from clickhouse.tables import LogRow
from tests.support import log_rows
from tests.support.log_rows import MONDAY

PUBLIC = ("tracker", "transactions", "responses", "messages", "facts", "customers", "products")
VIEWS = (*PUBLIC, "categories", "outbox", "rejections", "sends")


async def insert_singly(writer: Writer, rows: Sequence[LogRow]) -> None:
    """Each row as a part of its own, so that no insert merges them."""
    for row in rows:
        await writer.insert([row])


@pytest.mark.parametrize("view", PUBLIC)
async def test_a_public_view_has_what_is_promised_of_each(view: str, reader: Reader) -> None:
    found = await reader.rows(f"DESCRIBE oncue.{view}")

    assert {"id", "customer", "at", "logged_at"} <= {row["name"] for row in found}


@pytest.mark.parametrize("view", VIEWS)
async def test_the_same_row_inserted_again_shows_once(
    view: str, writer: Writer, reader: Reader
) -> None:
    rows = [*log_rows.one_of_each("x", offset=1), *log_rows.one_of_each("y", offset=2)]

    await insert_singly(writer, rows)
    await insert_singly(writer, rows)

    found = await reader.rows(f"SELECT id FROM oncue.{view} ORDER BY id")  # noqa: S608
    assert [row["id"] for row in found] == ["x", "y"]


@pytest.mark.parametrize("offsets", [(3, 7), (7, 3)], ids=["in order", "out of order"])
async def test_the_first_record_of_an_id_wins(
    offsets: tuple[int, int], writer: Writer, reader: Reader
) -> None:
    await insert_singly(
        writer, [log_rows.event(offset=offset, name=f"at {offset}") for offset in offsets]
    )

    assert await reader.rows("SELECT name FROM oncue.tracker") == [{"name": "at 3"}]


async def test_a_filter_cannot_bring_a_duplicate_back(writer: Writer, reader: Reader) -> None:
    first = log_rows.event(offset=3, name="first", at=MONDAY)
    again = log_rows.event(offset=7, name="again", at=MONDAY + 86_400_000)
    await insert_singly(writer, [first, again])

    found = await reader.rows(
        "SELECT name FROM oncue.tracker WHERE logged_at > {t:DateTime64(3, 'UTC')}",
        {"t": "2025-12-01 12:00:00"},
    )

    assert found == []


async def test_one_id_in_two_kinds_is_two_events(writer: Writer, reader: Reader) -> None:
    await writer.insert([log_rows.event(kind="tracker"), log_rows.event(kind="response")])

    assert await reader.value("SELECT count() FROM oncue.events_log FINAL") == 2


async def test_every_moment_shows_each_id_once(writer: Writer, reader: Reader) -> None:
    """Asked all the time while parts are inserted, inserted again, and merged."""
    ids = [f"e{number}" for number in range(200)]
    doubled: list[int] = []

    async def insert() -> None:
        for turn in range(30):
            chosen = [(turn * 37 + step * 7) % 200 for step in range(100)]
            await writer.insert([log_rows.event(ids[n], offset=n) for n in chosen])
            await writer.command("OPTIMIZE TABLE oncue.events_log")

    inserting = asyncio.create_task(insert())
    while not inserting.done():
        counts = await reader.rows("SELECT id FROM oncue.tracker GROUP BY id HAVING count() > 1")
        doubled.append(len(counts))
    await inserting

    assert len(doubled) > 30
    assert sum(doubled) == 0
    assert await reader.value("SELECT count() FROM oncue.tracker") == 200


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
async def test_the_highest_write_of_a_customer_wins(
    order: tuple[int, ...], writer: Writer, reader: Reader
) -> None:
    writes = [
        log_rows.customer(epoch=1, version=9, offset=9, events_count=1),
        log_rows.customer(epoch=2, version=1, offset=5, events_count=2),
        log_rows.customer(epoch=2, version=1, offset=6, events_count=3),
    ]

    await insert_singly(writer, [writes[at] for at in order])

    assert await reader.rows("SELECT events_count AS n FROM oncue.customers") == [{"n": 3}]


async def test_a_message_shows_the_newest_entry_of_its_ledger(
    writer: Writer, reader: Reader
) -> None:
    await writer.insert([log_rows.message("m1"), log_rows.message("m2")])
    accepted_at = MONDAY + 5_000
    await insert_singly(
        writer,
        [
            log_rows.send("m1", state="accepted", offset=11, at=accepted_at),
            log_rows.send("m1", state="reserved", offset=10),
            # A late reservation by another writer is the second of (id, attempt, state).
            log_rows.send("m1", state="reserved", offset=12),
        ],
    )

    found = await reader.rows(
        "SELECT id, state, toUnixTimestamp64Milli(sent_at) AS sent_at FROM oncue.messages"
        " ORDER BY id"
    )
    assert found == [
        {"id": "m1", "state": "accepted", "sent_at": accepted_at},
        {"id": "m2", "state": "decided", "sent_at": None},
    ]


async def test_a_message_sent_again_is_one_letter_in_the_outbox(
    writer: Writer, reader: Reader
) -> None:
    """Transactional, in doubt after the first attempt: the provider took both."""
    await writer.insert(
        [
            log_rows.send("m1", attempt=attempt, state="accepted", offset=attempt, is_rendered=True)
            for attempt in (2, 1)
        ]
    )

    assert await reader.value("SELECT count() FROM oncue.outbox") == 1


async def test_products_show_what_was_said_of_them_last(writer: Writer, reader: Reader) -> None:
    named = (("shoes", "Shoes", "", Decimal("9.50"), 1),)
    await writer.insert(
        [
            log_rows.event("e1", lines=named, kind="transaction", at=MONDAY),
            log_rows.event("e2", product_id="shoes", at=MONDAY + 1),
            log_rows.event("e3", product_id="socks", at=MONDAY),
        ]
    )

    found = await reader.rows("SELECT id, name, price FROM oncue.products ORDER BY id")
    assert found == [
        {"id": "shoes", "name": "Shoes", "price": Decimal("9.50")},
        {"id": "socks", "name": "", "price": None},
    ]


async def test_the_catalogue_goes_before_what_events_said(writer: Writer, reader: Reader) -> None:
    named = (("shoes", "Old shoes", "footwear", Decimal("9.50"), 1),)
    await insert_singly(
        writer,
        [
            log_rows.event("e1", lines=named, kind="transaction"),
            log_rows.listed("shoes", name="Shoes", category_id="c1", price=Decimal(12), offset=7),
            log_rows.listed("shoes", name="Older shoes", at=MONDAY - 1, offset=8),
            log_rows.listed("hat", name="Hat", category_id="c2"),
            log_rows.listed("c1", kind="category", name="Footwear"),
        ],
    )

    found = await reader.rows("SELECT id, name, category, price FROM oncue.products ORDER BY id")
    assert found == [
        {"id": "hat", "name": "Hat", "category": "c2", "price": None},
        {"id": "shoes", "name": "Shoes", "category": "Footwear", "price": Decimal(12)},
    ]


async def test_properties_come_out_as_they_went_in(writer: Writer, reader: Reader) -> None:
    await writer.insert([log_rows.event()])

    found = await reader.rows("SELECT properties, context FROM oncue.tracker")
    assert found == [{"properties": '{"colour":"red"}', "context": "{}"}]


async def test_refused_bytes_come_out_as_they_were(writer: Writer, reader: Reader) -> None:
    await writer.insert([log_rows.dead_letter(payload=b"\xff\x00{")])

    found = await reader.rows("SELECT payload_base64 FROM oncue.rejections")
    assert found == [{"payload_base64": "/wB7"}]


async def test_money_is_kept_to_the_last_digit(writer: Writer, reader: Reader) -> None:
    row = log_rows.event()._replace(total=Decimal("12345678901234.5678"))
    await writer.insert([row])

    assert await reader.value("SELECT total FROM oncue.tracker") == Decimal("12345678901234.5678")
