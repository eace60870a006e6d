"""The ordinary client must not notice that there is no ClickHouse behind it."""

import threading
import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import clickhouse_connect
import httpx
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError, StreamFailureError

from tests.integration.up.clients import connect
from tests.support.clickhouse import ClickHouse

CREATE = """
    CREATE OR REPLACE TABLE samples (
        id UInt64, name String, kind LowCardinality(String), at DateTime64(3, 'UTC'),
        total Decimal(18, 4), age Nullable(UInt8), tags Array(String),
        traits Map(String, String), is_test Bool
    )
    ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 1000
"""
AT = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
ROW = [2**63, "it's \\ \t ✓", "cart", AT, Decimal("-12.3456"), None, ["a", "'"], {"k": "v"}, True]


@pytest.fixture
def client(server: ClickHouse) -> Client:
    return connect(server, database="oncue")


@pytest.fixture(autouse=True)
def table(client: Client) -> None:
    client.command(CREATE)


@pytest.mark.parametrize("compress", ["", "lz4", "zstd", "gzip"])
def test_every_type_comes_back_as_it_went_in(server: ClickHouse, compress: str) -> None:
    client = connect(server, database="oncue", compress=compress)

    client.insert("samples", [ROW])

    (row,) = client.query("SELECT * REPLACE (toString(at) AS at) FROM samples").result_rows
    assert list(row) == [*ROW[:3], "2026-01-02 03:04:05.678", *ROW[4:]]


@pytest.mark.parametrize("compress", ["", "lz4", "zstd", "gzip"])
def test_a_large_block_is_stored_whole(server: ClickHouse, compress: str) -> None:
    client = connect(server, database="oncue", compress=compress)
    client.command("CREATE OR REPLACE TABLE large (n UInt64, text String) ORDER BY n")

    summary = client.insert("large", [[n, f"row {n}" * 20] for n in range(30_000)])

    assert summary.written_rows == 30_000
    assert client.query("SELECT count(), sum(n) FROM large").result_rows == [(30_000, 449_985_000)]


def test_times_come_back_with_their_zone(client: Client) -> None:
    client.insert("samples", [ROW])

    (row,) = client.query("SELECT at FROM samples", query_tz="UTC").result_rows

    assert row[0].replace(tzinfo=UTC) == AT


async def test_the_asynchronous_client_works_too(server: ClickHouse) -> None:
    async with await clickhouse_connect.get_async_client(
        host="127.0.0.1", port=server.port, database="oncue"
    ) as client:
        await client.insert("samples", [ROW])
        found = await client.query(
            "SELECT name FROM samples WHERE id = {id:UInt64}", parameters={"id": 2**63}
        )

    assert found.result_rows == [(ROW[1],)]


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("String", "x'; DROP TABLE t; -- \\ \n \t {a:String}"),
        ("UInt64", 2**64 - 1),
        ("Array(String)", ["a'b", "\\", "ü"]),
        ("Nullable(String)", None),
        ("Bool", True),
        ("String", "long " * 2_000),
    ],
)
def test_a_parameter_arrives_as_the_value_it_was(client: Client, type_: str, value: object) -> None:
    found = client.query(f"SELECT {{value:{type_}}} AS value", parameters={"value": value})

    assert found.result_rows == [(value,)]


def test_form_fields_carry_the_query_as_well(server: ClickHouse) -> None:
    client = clickhouse_connect.get_client(
        host="127.0.0.1", port=server.port, form_encode_query_params=True
    )

    found = client.query("SELECT {value:String} || 'ü'", parameters={"value": "é'"})

    assert found.result_rows == [("é'ü",)]


def test_an_insert_reports_how_many_rows_it_wrote(client: Client) -> None:
    assert client.insert("samples", [ROW, ROW, ROW]).written_rows == 3


def test_the_same_token_is_inserted_once(client: Client) -> None:
    for _ in range(2):
        client.insert("samples", [ROW], settings={"insert_deduplication_token": "facts:0:1:9"})

    assert client.command("SELECT count() FROM samples") == 1


def test_values_in_the_statement_work(client: Client) -> None:
    client.command("INSERT INTO samples (id, name) VALUES (1, 'a;b'), (2, 'format')")

    assert client.command("SELECT count() FROM samples") == 2


def test_raw_inserts_take_other_formats(client: Client) -> None:
    lines = b'{"id": 1}\n{"id": 2}\n'

    client.raw_insert("samples", insert_block=lines, fmt="JSONEachRow")

    assert client.command("SELECT sum(id) FROM samples") == 3


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT * FROM nowhere", 60),
        ("SELEC 1", 62),
        ("SELECT nothing", 47),
        ("SELECT 1; SELECT 2", 62),
        ("SELECT throwIf(1)", 395),
        ("SELECT 1 INTO OUTFILE 'stolen.csv'", 358),
        ("SELECT toUInt8('x')", 6),
    ],
)
def test_an_error_keeps_the_code_of_clickhouse(client: Client, sql: str, code: int) -> None:
    with pytest.raises(DatabaseError) as caught:
        client.query(sql)

    assert caught.value.code == code


def test_an_unknown_setting_is_an_error(server: ClickHouse) -> None:
    answer = httpx.post(f"{server.url}/?no_such=1", content="SELECT 1")

    assert (answer.status_code, answer.headers["x-clickhouse-exception-code"]) == (404, "115")


def test_an_unknown_database_is_an_error(server: ClickHouse) -> None:
    with pytest.raises(DatabaseError) as caught:
        connect(server, database="nowhere").query("SELECT 1")

    assert caught.value.code == 81


def test_a_data_error_inserts_nothing(client: Client) -> None:
    lines = b'{"id": 1}\n{"id": "x"}\n'

    with pytest.raises(DatabaseError):
        client.raw_insert("samples", insert_block=lines, fmt="JSONEachRow")

    assert client.command("SELECT count() FROM samples") == 0


def test_a_query_ends_at_its_time_limit(client: Client) -> None:
    slow = "SELECT count() FROM numbers(100) WHERE sleepEachRow(0.1) = 0"

    with pytest.raises(DatabaseError) as caught:
        client.query(slow, settings={"max_execution_time": 1, "max_block_size": 1})

    assert caught.value.code == 159


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO samples (id) VALUES (1)",
        "CREATE TABLE other (id UInt8) ENGINE = Memory",
        "SELECT * FROM file('/etc/hostname', 'LineAsString')",
        "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
        "SELECT 1 SETTINGS readonly = 0",
        "SELECT 1 INTO OUTFILE 'stolen.csv'",
        "EXPLAIN SELECT 1 INTO OUTFILE 'stolen.csv'",
        "SELECT $$'$$ INTO/**/OUTFILE 'stolen.csv' -- '",
        "SYSTEM STOP MERGES",
    ],
)
def test_a_readonly_request_can_only_read(client: Client, sql: str) -> None:
    with pytest.raises(DatabaseError) as caught:
        client.command(sql, settings={"readonly": 1})

    assert caught.value.code in {164, 358}


def test_a_failed_readonly_request_leaves_nothing_behind(client: Client) -> None:
    with pytest.raises(DatabaseError):
        client.query("SELECT * FROM nowhere", settings={"readonly": 1, "max_execution_time": 1})

    client.insert("samples", [ROW])

    assert client.command("SELECT getSetting('max_execution_time')") == 0


def test_a_long_answer_is_read_as_it_comes(client: Client) -> None:
    with client.query_rows_stream("SELECT number FROM numbers(300000)") as rows:
        assert sum(row[0] for row in rows) == 300_000 * 299_999 // 2


def test_a_failure_amid_a_long_answer_reaches_the_client(client: Client) -> None:
    sql = "SELECT throwIf(number = 200000) FROM numbers(300000) SETTINGS max_block_size = 1000"

    with pytest.raises(StreamFailureError, match="throwIf"), client.query_rows_stream(sql) as rows:
        list(rows)


def test_a_client_that_leaves_a_long_answer_blocks_nobody(client: Client) -> None:
    with client.query_rows_stream("SELECT number FROM numbers(100000000)") as rows:
        next(iter(rows))

    assert client.command("SELECT 1") == 1


def test_an_empty_answer_has_no_rows(client: Client) -> None:
    assert client.query("SELECT id FROM samples").result_rows == []
    assert client.query("SELECT id FROM samples LIMIT 0").column_names == ("id",)


def test_an_insert_does_not_wait_for_slow_reads(server: ClickHouse) -> None:
    slow = "SELECT count() FROM numbers(20) WHERE sleepEachRow(0.1) = 0"
    readers = [threading.Thread(target=_read, args=(server, slow)) for _ in range(3)]
    writer = connect(server, database="oncue")
    for reader in readers:
        reader.start()

    started_at = time.monotonic()
    writer.insert("samples", [ROW])
    took_s = time.monotonic() - started_at

    assert took_s < 1
    assert all(reader.is_alive() for reader in readers)
    for reader in readers:
        reader.join()


def test_a_page_in_a_browser_gets_no_answer(server: ClickHouse) -> None:
    from_page = httpx.post(server.url, content="SELECT 1", headers={"Origin": "http://evil.test"})
    rebound = httpx.post(server.url, content="SELECT 1", headers={"Host": "evil.test"})

    assert (from_page.status_code, rebound.status_code) == (403, 400)


def test_get_does_not_write(server: ClickHouse) -> None:
    sql: dict[str, Any] = {"query": "CREATE TABLE other (id UInt8) ENGINE = Memory"}

    answer = httpx.get(server.url, params=sql)

    assert answer.headers["x-clickhouse-exception-code"] == "164"


def _read(server: ClickHouse, sql: str) -> None:
    connect(server).query(sql)
