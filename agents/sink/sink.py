"""Follow topics into ClickHouse.

    read ──▶ rows ──▶ a block for each table ──▶ dead letters ──▶ commit
                         │ away: wait, read no further

At least once from the log, exactly once in the views (docs/decisions/0010): after a crash between
insert and commit the same records are inserted again, and change nothing.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import structlog

from agents import deadletters, telemetry
from agents.sink import records, storing
from agents.sink.erasing import Eraser
from agents.sink.lag import Lag
from agents.sink.patience import patiently
from agents.sink.storing import Pair, Refusal
from clickhouse.client import Writer
from clickhouse.tables import LogRow
from engine.errors import RejectedError
from streams.consumer import Reader
from streams.errors import BrokerAwayError
from streams.producer import Producer
from streams.records import Position, Received, Record

PLACE: Final = "sink"

BLOCK_ROWS: Final = 10_000
"""Rows per insert at most: encoding more holds the interpreter for longer than 0.1 s."""

WINDOW_S: Final = 0.1
"""How long the first record waits for others: every insert is a part to merge later."""

SLICE_S: Final = 0.025

IDLE_MS: Final = 500

RowOf = Callable[[Received], LogRow]

log = structlog.get_logger(__name__)


class Sink:
    """One process' share of the work, all partitions of its topics."""

    def __init__(
        self,
        *,
        name: str,
        reader: Reader,
        writer: Writer,
        producer: Producer,
        row_of: Mapping[str, RowOf],
        eraser: Eraser,
        thinned: Callable[[Sequence[Received]], Sequence[Received]] = lambda found: found,
    ) -> None:
        self._name = name
        self._reader = reader
        self._writer = writer
        self._producer = producer
        self._row_of = row_of
        self._eraser = eraser
        self._thinned = thinned
        self._lag = Lag(part=name, reader=reader)

    async def run(self) -> None:
        """Store what comes, until cancelled.

        The reader must be assigned. Cancelled at any place it leaves nothing wrong.

        Raises:
            ClickHouseRefusedError: a wrong password, a missing table.
            OffsetGoneError: the log does not hold what was not stored yet.
        """
        await self._eraser.load()
        while True:
            found = await patiently(self._gathered, what="kafka")
            if found:
                with telemetry.BATCH_SECONDS.labels(self._name).time():
                    await self._keep(found)
            await self._lag.tell()

    async def _gathered(self) -> list[Received]:
        """Collect a block's worth, or what comes within the window after the first record."""
        found = await self._reader.read(max_records=BLOCK_ROWS, timeout_ms=IDLE_MS)
        deadline = time.monotonic() + WINDOW_S
        while found and len(found) < BLOCK_ROWS and time.monotonic() < deadline:
            await asyncio.sleep(SLICE_S)
            try:
                found += await self._reader.read(max_records=BLOCK_ROWS - len(found), timeout_ms=0)
            except BrokerAwayError:
                # What was read is ours to keep; the next read says it again.
                break
        return found

    async def _keep(self, found: Sequence[Received]) -> None:
        pairs, refused = self._sorted(self._thinned(found))
        erased = await self._eraser.note(pairs)
        refused += await storing.store(self._writer, self._eraser.kept(pairs))
        await self._eraser.carry_out(erased)
        if refused:
            await self._bury(refused)
        positions = _next_of(found)
        await patiently(lambda: self._reader.commit(positions), what="kafka")

    def _sorted(self, found: Sequence[Received]) -> tuple[list[Pair], list[Refusal]]:
        pairs: list[Pair] = []
        refused: list[Refusal] = []
        for record in found:
            try:
                pairs.append(Pair(record, self._row_of[record.topic](record)))
            except RejectedError as error:
                refused.append(Refusal(record, error))
        return pairs, refused

    async def _bury(self, refused: Sequence[Refusal]) -> None:
        """Append dead letters; they come back as records of their own and are stored."""
        for refusal in refused:
            code = refusal.error.code
            telemetry.DEAD_LETTERS.labels(PLACE, code).inc()
            log.warning("refused", source=_source(refusal.record), code=code)
        # One that a sink wrote and none can store ends here, or it would come back for ever.
        letters = [
            _letter(refusal)
            for refusal in refused
            if not records.is_dead_letter_of(PLACE, refusal.record)
        ]
        await patiently(lambda: self._producer.deliver(letters), what="kafka")


def _letter(refusal: Refusal) -> Record:
    record = refusal.record
    return deadletters.refused(
        PLACE,
        refusal.error,
        key=record.key,
        payload=record.value or b"",
        source=_source(record),
        at=record.logged_at,
    )


def _source(record: Received) -> str:
    return f"{record.topic}/{record.partition}/{record.offset}"


def _next_of(found: Sequence[Received]) -> list[Position]:
    """After the last record of each partition."""
    last = {(record.topic, record.partition): record.offset for record in found}
    return [
        Position(topic=topic, partition=partition, offset=offset + 1)
        for (topic, partition), offset in last.items()
    ]
