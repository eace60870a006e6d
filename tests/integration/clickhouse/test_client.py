"""Connections: what they say when something is wrong, and what a reader cannot do."""

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from clickhouse.client import Reader, Writer
from clickhouse.errors import (
    ClickHouseAwayError,
    ClickHouseRefusedError,
    QueryLimitError,
    RowsRejectedError,
)
from clickhouse.tables import EventRow
from tests.support import log_rows
from tests.support.clickhouse import ClickHouse
from tests.support.ports import free_port


async def test_nobody_at_the_address_is_said_in_one_line() -> None:
    port = free_port()
    async with Reader(url=f"http://user:secret@127.0.0.1:{port}") as reader:
        with pytest.raises(ClickHouseAwayError) as caught:
            await reader.ping()

    expected = f"no ClickHouse answers at 127.0.0.1:{port}: Connection refused"
    assert str(caught.value) == expected


async def test_a_reader_cannot_write(reader: Reader) -> None:
    with pytest.raises(ClickHouseRefusedError, match="READONLY"):
        await reader.rows("DROP TABLE oncue.events_log")


async def test_a_reader_cannot_lift_its_own_limits(reader: Reader) -> None:
    with pytest.raises(ClickHouseRefusedError, match="READONLY"):
        await reader.rows("SELECT 1 SETTINGS max_execution_time = 600")


async def test_too_many_rows_are_refused(reader: Reader) -> None:
    with pytest.raises(QueryLimitError):
        await reader.rows("SELECT number FROM numbers(200000)")


async def test_a_value_is_never_part_of_the_text(reader: Reader) -> None:
    hostile = "'; DROP TABLE oncue.events_log; --"

    assert await reader.value("SELECT {x:String}", {"x": hostile}) == hostile


async def test_rows_come_as_typed_records(writer: Writer, reader: Reader) -> None:
    class Purchase(msgspec.Struct):
        id: str
        at: datetime
        total: Decimal | None

    await writer.insert([log_rows.event()._replace(total=Decimal("9.99"))])

    (found,) = await reader.records(Purchase, "SELECT id, at, total FROM oncue.tracker")
    assert found == Purchase("e1", datetime(2025, 12, 1, tzinfo=UTC), Decimal("9.99"))


@pytest.mark.parametrize(
    "bad",
    [
        log_rows.event("\ud800"),
        log_rows.event(offset=-1),
        log_rows.event()._replace(total=Decimal("1e18")),
        log_rows.event()._replace(total=Decimal("NaN")),
    ],
    ids=["surrogate", "negative", "too much money", "no money"],
)
async def test_a_value_that_does_not_fit_rejects_the_block(
    bad: EventRow, writer: Writer, reader: Reader
) -> None:
    with pytest.raises(RowsRejectedError):
        await writer.insert([log_rows.event("good"), bad])

    assert await reader.value("SELECT count() FROM oncue.tracker") == 0


async def test_a_block_of_many_pieces_arrives_whole(writer: Writer, reader: Reader) -> None:
    """The driver cuts and compresses it in pieces: a server could take the first for all."""
    rows = [log_rows.event(f"e{number}")._replace(payload="x" * 600) for number in range(10_000)]

    await writer.insert(rows)

    assert await reader.value("SELECT count() FROM oncue.tracker") == 10_000


async def test_a_block_with_one_id_twice_is_stored(writer: Writer, reader: Reader) -> None:
    """ClickHouse merges it on the way in; that is no row lost."""
    await writer.insert([log_rows.event("e1", offset=offset) for offset in range(5)])

    assert await reader.value("SELECT count() FROM oncue.tracker") == 1


async def test_a_writer_survives_a_restart_of_the_server(own_clickhouse: ClickHouse) -> None:
    async with Writer(url=own_clickhouse.url) as writer:
        await writer.command("CREATE DATABASE kept")
        own_clickhouse.kill()
        with pytest.raises(ClickHouseAwayError):
            await writer.command("SELECT 1")
        own_clickhouse.start()

        found = await writer.rows("SELECT name FROM system.databases WHERE name = 'kept'")

    assert found == [{"name": "kept"}]


async def test_a_table_that_is_missing_is_no_reason_to_try_again(writer: Writer) -> None:
    await writer.command("DROP TABLE oncue.facts_log")

    with pytest.raises(ClickHouseRefusedError, match="facts_log"):
        await writer.insert([log_rows.fact()])
