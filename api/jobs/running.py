"""Carries jobs out: page by page into the log, at a pace, and on where another process stopped.

    order ──▶ selecting ──▶ running ──▶ done
              members are    an event a member, by wave and id;
              chosen once    progress is written after the log has them

A runner that dies leaves a job that nobody writes about; after `SILENT_MS` another one goes on from
the last progress. What was appended twice is one thing to the engine: events of a job have ids that
are hashes of job and customer, a tag is dated with the order, an enrolment enters once. So two
runners at once are a waste and no fault.
"""

import asyncio
import os
import socket
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Final

import msgspec
import structlog

from api.jobs import audiences, jobs
from api.jobs.jobs import Job, Order, Progress
from clickhouse.client import Reader, Writer
from clickhouse.errors import ClickHouseError
from clickhouse.jobrows import JobRow
from clickhouse.queries import jobs as queries
from clickhouse.rules.selecting import Context
from engine import ids, keys
from engine.definitions.folded import Definitions
from engine.rules import reading
from streams import wire
from streams.errors import RetryError
from streams.producer import Producer

PAGE: Final = 500
"""Customers at once: 0.2 s at the usual pace, and what a crash may repeat."""

LOOK_S: Final = 5.0
"""How often a process looks for jobs that nobody runs."""

BEAT_MS: Final = 5_000
"""A job is written about at least so often, while it waits too."""

SILENT_MS: Final = 30_000

TURN_S: Final = 0.5
"""How long a wait goes on before it is seen whether the job was cancelled."""

RUNNING_MAX: Final = 20
"""Jobs of one process at once; the others wait."""

log = structlog.get_logger(__name__)


class Runner:
    """The jobs of one process."""

    def __init__(
        self,
        *,
        reader: Reader,
        writer: Writer,
        producer: Producer,
        definitions: Callable[[], Definitions],
        context: Callable[[int], Context],
        clock: Callable[[], int],
        rate: int,
    ) -> None:
        """`context` gives what rules are asked under at an instant; `rate` 0: no limit."""
        self._reader = reader
        self.writer = writer
        self._producer = producer
        self._definitions = definitions
        self._context = context
        self._clock = clock
        self._rate = rate
        self._name = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._running: dict[str, asyncio.Task[None]] = {}
        self._awake = asyncio.Event()
        self._settled: set[str] = set()
        """Jobs of audiences that are known to be written down."""

    async def submit(self, order: Order) -> None:
        """Write the order down; it is carried out whatever becomes of this process.

        Raises:
            ClickHouseError: as the writer says; asked again under its key it is the same job.
        """
        body = msgspec.json.encode(order).decode()
        await self._write(order.id, "spec", version=1, body=body)
        self._awake.set()

    async def cancel(self, job_id: str) -> None:
        """Let a job end where it is; what was done stays. Errors as `submit`."""
        await self._write(job_id, "cancel", version=1, body="{}")
        self._awake.set()

    async def keep(self) -> None:
        """Carry out whatever is there, until cancelled."""
        try:
            while True:
                await self._look()
                self._awake.clear()
                try:
                    async with asyncio.timeout(LOOK_S):
                        await self._awake.wait()
                except TimeoutError:
                    continue
        finally:
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _look(self) -> None:
        for job_id, task in list(self._running.items()):
            if task.done():
                del self._running[job_id]
                task.result()
        try:
            await self._settle()
            found = [jobs.read(parts) for parts in await queries.unfinished(self._reader)]
        except ClickHouseError as error:
            log.warning("jobs_not_found", code=error.code)
            return
        for job in found:
            if len(self._running) < RUNNING_MAX and self._is_ours(job):
                self._running[job.order.id] = asyncio.create_task(self._carry_out(job))

    async def _settle(self) -> None:
        """Write down the jobs of audiences that have none: made by a file, or before a crash."""
        entries = self._definitions().audiences.values()
        for entry in entries:
            if entry.job in self._settled:
                continue
            if await queries.get(self._reader, entry.job) is None:
                await self.submit(audiences.of_audience(entry))
            self._settled.add(entry.job)

    def _is_ours(self, job: Job) -> bool:
        """Whether this process may take it: nobody else does, or did lately."""
        if job.order.id in self._running:
            return False
        is_silent = self._clock() - job.progress.updated_at >= SILENT_MS
        return is_silent or job.progress.runner in {"", self._name}

    async def _carry_out(self, job: Job) -> None:
        """One job, until it ends or cannot go on now; then somebody takes it up again."""
        order, progress = job.order, job.progress
        progress.runner, progress.begun_at = self._name, progress.begun_at or self._clock()
        log.info("job_taken", job=order.id, action=order.action, done=progress.done)
        try:
            await self._run(order, progress)
        except (ClickHouseError, RetryError) as error:
            progress.problem = str(error)
            log.warning("job_waits", job=order.id, code=error.code)
            return
        log.info("job_ended", job=order.id, state=progress.state, done=progress.done)

    async def _run(self, order: Order, progress: Progress) -> None:
        if progress.state == "selecting":
            # Said before the first row: a choice that breaks off is seen to have begun.
            await self._save(order, progress)
            rule = reading.decoded(order.rule)
            context = self._context(order.asked_at)
            progress.total = await queries.choose(
                self.writer, order.id, rule, context, members_of=order.members_of
            )
            _skip(progress, "unknown", order.listed - progress.total)
            progress.state = "running"
            progress.total = max(progress.total, order.listed)
            await self._save(order, progress)
        async for page in self._pages(order, progress):
            await self._append(order, page)
            progress.done += len(page)
            progress.after = page[-1]
            await self._pace(order, progress, len(page))
        await self._end(order, progress)

    async def _pages(self, order: Order, progress: Progress) -> AsyncIterator[list[str]]:
        """The members by wave and id, from where the job stands, until it is to end."""
        size = min(PAGE, order.rate or self._rate or PAGE)
        if order.action == "export":
            return
        while progress.wave < order.waves:
            if not await self._waited(order, progress, self._wave_at(order, progress)):
                return
            page = await queries.members(
                self._reader,
                order.id,
                waves=order.waves,
                wave=progress.wave,
                after=progress.after,
                limit=size,
            )
            if page:
                yield page
            else:
                progress.wave, progress.after = progress.wave + 1, ""

    async def _append(self, order: Order, members: list[str]) -> None:
        records = []
        for customer_id in members:
            event_id = ids.derived("job", order.id, customer_id)
            said = jobs.event(order, event_id=event_id)
            if said is not None:
                records.append(wire.record_of(keys.from_public_id(customer_id), said))
        await self._producer.deliver(records)

    async def _pace(self, order: Order, progress: Progress, count: int) -> None:
        """Write down how far it is, and wait as long as so many are to take."""
        began_at = self._clock()
        await self._save(order, progress)
        rate = order.rate or self._rate
        if rate:
            await self._waited(order, progress, began_at + count * 1000 // rate)

    async def _waited(self, order: Order, progress: Progress, until: int) -> bool:
        """Wait until then; False: the job is to end, by its deadline or somebody's wish."""
        while True:
            found = await queries.get(self._reader, order.id)
            if found is not None and found.is_cancelled:
                progress.state = "cancelled"
                return False
            now = self._clock()
            if order.expires_at is not None and now >= order.expires_at:
                _skip(progress, "expired", _left(progress))
                return False
            if now >= until:
                return True
            if now - progress.updated_at >= BEAT_MS:
                await self._save(order, progress)
            await asyncio.sleep(min((until - now) / 1000, TURN_S))

    def _wave_at(self, order: Order, progress: Progress) -> int:
        return progress.begun_at + progress.wave * order.wave_every_ms

    async def _end(self, order: Order, progress: Progress) -> None:
        if order.action == "export":
            progress.done = progress.total - sum(progress.skipped.values())
        if progress.state == "cancelled":
            _skip(progress, "cancelled", _left(progress))
        else:
            # Members who are not there any more: they were erased while the job ran.
            _skip(progress, "erased", _left(progress))
            progress.state = "done"
        progress.ended_at = self._clock()
        await self._save(order, progress)

    async def _save(self, order: Order, progress: Progress) -> None:
        progress.updated_at, progress.written = self._clock(), progress.written + 1
        progress.problem = ""
        body = msgspec.json.encode(progress).decode()
        await self._write(order.id, "progress", version=progress.written, body=body)

    async def _write(self, job_id: str, part: str, *, version: int, body: str) -> None:
        at = self._clock()
        await self.writer.insert([JobRow(id=job_id, part=part, version=version, at=at, body=body)])


def _left(progress: Progress) -> int:
    return progress.total - progress.done - sum(progress.skipped.values())


def _skip(progress: Progress, reason: str, count: int) -> None:
    if count > 0:
        progress.skipped = {**progress.skipped, reason: progress.skipped.get(reason, 0) + count}
