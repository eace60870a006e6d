"""What the demo reads of a run from the public views, and nothing of other runs."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest

from clickhouse import migrate
from clickhouse.client import Reader, Writer
from clickhouse.tables import LogRow
from oncue.demo import observing
from oncue.demo.observing import Latency, Run, Sight
from tests.support import clickhouse as servers
from tests.support import log_rows
from tests.support.log_rows import MONDAY

RUN: Final = Run(name="morning-1", since_at=MONDAY)


@pytest.fixture
async def reader(tmp_path: Path) -> AsyncIterator[Reader]:
    """An installation in which one mail was opened twice and clicked once, and one is under way."""
    with servers.running(tmp_path) as server:
        async with Writer(url=server.url) as writer:
            await migrate.apply(writer, migrate.known())
            for rows in stored():
                await writer.insert(rows)
        async with Reader(url=server.url) as reader:
            yield reader


def stored() -> list[list[LogRow]]:
    answers = [
        log_rows.event(f"r{offset}", offset=offset, kind="response")._replace(
            message_id="m1", response=response
        )
        for offset, response in ((10, "accepted"), (11, "opened"), (12, "opened"), (13, "clicked"))
    ]
    return [
        [
            log_rows.event("morning-1:1", offset=1),
            log_rows.event("morning-1:2", offset=2),
            log_rows.event("morning-0:1", offset=3),
            log_rows.event("x", offset=4, kind="transaction")._replace(
                receipt_id="morning-1-web-5"
            ),
            *answers,
        ],
        [
            log_rows.message("m1", offset=1)._replace(
                caused_at=MONDAY - 30, logged_at=MONDAY, at=MONDAY
            ),
            log_rows.message("m2", offset=2),
            log_rows.message("old", offset=3)._replace(logged_at=MONDAY - 1),
        ],
        [log_rows.send("m1", offset=1), log_rows.send("m1", state="accepted", offset=2)],
        [log_rows.fact("f1"), log_rows.fact("f2", kind="sent")],
    ]


async def test_a_run_is_counted_by_its_own_ids_and_time(reader: Reader) -> None:
    assert await observing.look(reader, RUN) == Sight(
        events=2,
        receipts=1,
        fired=1,
        sent=1,
        messages=2,
        messages_distinct=2,
        unsettled=1,
        accepted=1,
        accepted_distinct=1,
        opened=1,
        clicked=1,
        responses=4,
    )
    assert await observing.customers_missing(reader, RUN) == 1
    assert await observing.latency(reader, RUN) == Latency(p50_ms=30, p99_ms=30)
    assert (await observing.rows_by_view(reader))["tracker"] == 3
    assert [(count.kind, count.decisions) for count in await observing.decisions(reader, RUN)] == [
        ("fired", 1),
        ("sent", 1),
    ]


async def test_a_run_without_messages_has_no_latency(reader: Reader) -> None:
    later = Run(name="morning-2", since_at=MONDAY + 1)

    assert await observing.latency(reader, later) == Latency(p50_ms=None, p99_ms=None)
