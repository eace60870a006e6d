"""An import while its file arrives: chunk by chunk, never the whole of it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Final

from starlette.requests import ClientDisconnect

from api import telemetry
from api.errors import ProblemError
from api.imports.imports import Import
from api.imports.rows import Rows
from engine.errors import RejectedError
from engine.intake.files.items import Item, Reader, Refused
from engine.intake.files.ndjson import Objects
from engine.intake.files.table import Table
from streams.errors import StreamError
from streams.producer import Producer

BATCH_ROWS: Final = 250
"""Appended together; some 10 ms of work, after which others get their turn."""

REFUSED_MAX: Final = 100_000
"""After so many refused rows it is the wrong file."""

UNAVAILABLE: Final = "unavailable"
"""The code of what may work later."""

IDLE_S: Final = 60.0
"""How long the sender may say nothing."""


class Importer:
    """Reads files into the log at a bounded pace, so that live events never wait for them."""

    def __init__(self, *, producer: Producer, now: Callable[[], int], rows_per_s: int) -> None:
        """`now` gives epoch ms; `rows_per_s` 0: as fast as Kafka takes them."""
        self._producer = producer
        self._now = now
        self._rows_per_s = rows_per_s

    async def run(self, job: Import, chunks: AsyncIterator[bytes]) -> None:
        """Read a file to its end; the job says how it went, whatever happens."""
        reader: Reader = Table(job.kind) if job.format == "csv" else Objects()
        rows = Rows(job, now=self._now)
        began_s = time.monotonic()
        try:
            async for chunk in _in_time(chunks):
                job.bytes_count += len(chunk)
                await self._take(job, rows, reader.feed(chunk), began_s=began_s)
            await self._take(job, rows, reader.finish(), began_s=began_s)
        except (RejectedError, ProblemError) as error:
            _fail(job, error.code, str(error))
        except ClientDisconnect:
            _fail(job, "truncated_body", "the connection ended before the file did")
        except TimeoutError:
            _fail(job, "body_timeout", f"nothing came for {IDLE_S:g} s")
        except StreamError as error:
            _fail(job, UNAVAILABLE, f"Kafka did not take all of it: {error}")
        else:
            job.state = "done"
        finally:
            if job.state == "running":
                _fail(job, "stopped", "the process ended")
            job.ended_at = self._now()

    async def _take(
        self, job: Import, rows: Rows, found: Iterable[Item | Refused], *, began_s: float
    ) -> None:
        batch: list[Item | Refused] = []
        for row in found:
            batch.append(row)
            if len(batch) == BATCH_ROWS:
                await self._append(job, rows, batch, began_s=began_s)
                batch = []
        await self._append(job, rows, batch, began_s=began_s)

    async def _append(
        self, job: Import, rows: Rows, batch: list[Item | Refused], *, began_s: float
    ) -> None:
        if not batch:
            return
        refused_before = job.refused_count
        records = [rows.record(row) for row in batch]
        await self._producer.deliver(records)
        refused_count = job.refused_count - refused_before
        telemetry.IMPORTED.labels("accepted").inc(len(batch) - refused_count)
        telemetry.IMPORTED.labels("refused").inc(refused_count)
        if job.refused_count >= REFUSED_MAX:
            raise RejectedError("too_many_refused", f"{job.refused_count} rows are refused")
        if self._rows_per_s > 0:
            ahead_s = job.rows_count / self._rows_per_s - (time.monotonic() - began_s)
            await asyncio.sleep(max(ahead_s, 0))


async def _in_time(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    while True:
        async with asyncio.timeout(IDLE_S):
            chunk = await anext(chunks, None)
        if chunk is None:
            return
        yield chunk


def _fail(job: Import, code: str, problem: str) -> None:
    job.state, job.code, job.problem = "failed", code, problem
