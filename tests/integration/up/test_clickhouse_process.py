"""What the server owes to those who end it."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.integration.up.clients import connect
from tests.support.clickhouse import ClickHouse
from tests.support.waiting import eventually_now

CREATE = """
    CREATE TABLE facts (id UInt64) ENGINE = MergeTree ORDER BY id
    SETTINGS non_replicated_deduplication_window = 1000
"""

SLOW = "SELECT sleepEachRow(0.1) FROM numbers(100) SETTINGS max_block_size = 1"
WHOLE_ANSWER = {"wait_end_of_query": "1"}
# The question finds itself, too.
RUNNING = "SELECT count() FROM system.processes WHERE query LIKE '%sleep%numbers(100)%'"


def test_acknowledged_rows_survive_a_kill(own_server: ClickHouse) -> None:
    client = connect(own_server)
    client.command(CREATE)
    for block in range(20):
        rows = [[block * 100 + row] for row in range(100)]
        client.insert("facts", rows, settings={"insert_deduplication_token": f"facts:0:{block}"})

    own_server.kill()
    own_server.start()

    assert connect(own_server).command("SELECT count(), max(id) FROM facts") == ["2000", "1999"]


def test_a_token_is_remembered_across_a_kill(own_server: ClickHouse) -> None:
    connect(own_server).command(CREATE)
    connect(own_server).insert("facts", [[1]], settings={"insert_deduplication_token": "a"})

    own_server.kill()
    own_server.start()
    connect(own_server).insert("facts", [[1]], settings={"insert_deduplication_token": "a"})

    assert connect(own_server).command("SELECT count() FROM facts") == 1


def test_sigterm_ends_it_within_two_seconds_whatever_runs(own_server: ClickHouse) -> None:
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(
            httpx.post, own_server.url, params=WHOLE_ANSWER, content=SLOW, timeout=30
        )
        watcher = connect(own_server)
        eventually_now(lambda: watcher.command(RUNNING) == 2)

        started_at = time.monotonic()
        own_server.stop()
        took_s = time.monotonic() - started_at

        assert answer.exception() or answer.result().is_error
    assert took_s < 2
