"""Rows into ClickHouse, however long it takes: the good ones, whatever the bad ones do."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from agents import telemetry
from agents.sink.patience import patiently
from clickhouse.client import Writer
from clickhouse.errors import RowsRejectedError
from clickhouse.tables import TABLES, LogRow
from engine.errors import RejectedError
from streams.records import Received


class Pair(NamedTuple):
    """A record and the row it became."""

    record: Received
    row: LogRow


class Refusal(NamedTuple):
    """A record that cannot be stored, and why."""

    record: Received
    error: RejectedError


async def store(writer: Writer, pairs: Sequence[Pair]) -> list[Refusal]:
    """Insert everything that can be inserted, one block for each table; return the rest.

    Waits as long as ClickHouse is away.

    Raises:
        ClickHouseRefusedError: a wrong password, a missing table.
    """
    blocks: defaultdict[type[LogRow], list[Pair]] = defaultdict(list)
    for pair in pairs:
        blocks[type(pair.row)].append(pair)
    refused = await asyncio.gather(*(_inserted(writer, block) for block in blocks.values()))
    return [refusal for some in refused for refusal in some]


async def _inserted(writer: Writer, block: Sequence[Pair]) -> list[Refusal]:
    """Insert a block; if a value does not fit, halve it until the row is alone."""
    rows = [pair.row for pair in block]
    try:
        await patiently(lambda: writer.insert(rows), what="clickhouse")
    except RowsRejectedError as error:
        if len(block) == 1:
            return [Refusal(block[0].record, RejectedError("not_storable", error.reason))]
        middle = len(block) // 2
        refused = await _inserted(writer, block[:middle])
        return refused + await _inserted(writer, block[middle:])
    telemetry.ROWS.labels(TABLES[type(rows[0])]).inc(len(rows))
    return []
