"""Reads `messages`, has each carried, and commits what is done.

At least once from the log; once to the customer by the ledger (see `agents.delivery.ledger`).
"""

import asyncio
import time
from typing import Final

import structlog

from agents import deadletters, telemetry
from agents.delivery import jobs
from agents.delivery.courier import Courier
from agents.delivery.jobs import PLACE
from agents.delivery.progress import Progress
from engine.errors import RejectedError
from streams import topics
from streams.consumer import Reader
from streams.errors import BrokerAwayError
from streams.producer import Producer
from streams.records import Position, Received

OPEN_MAX: Final = 1_000
"""Messages of one partition that have begun and not ended; about 10 KB each."""

READ_MS: Final = 100
COMMIT_EVERY_S: Final = 1.0
FULL_PAUSE_S: Final = 0.02
AWAY_PAUSE_S: Final = 0.5

STOP_S: Final = 5.0
"""What is in flight when we are told to stop may take so long; after it, it is in doubt."""

log = structlog.get_logger(__name__)


class Delivery:
    """One process's share of the work: every partition of `messages`."""

    def __init__(
        self,
        *,
        reader: Reader,
        producer: Producer,
        courier: Courier,
        stopping: asyncio.Event,
    ) -> None:
        self._reader = reader
        self._producer = producer
        self._courier = courier
        self._stopping = stopping
        self._progress: dict[int, Progress] = {}
        self._committed: dict[int, int] = {}
        self._committed_at = 0.0
        self._carrying: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Deliver until told to stop; then let what is in flight end, and commit.

        The reader must be assigned.

        Raises:
            ProduceError: something done may not be in the log; the log makes up for it.
            CrashError: the log cannot be written or read any more.
        """
        async with asyncio.TaskGroup() as group:
            while not self._stopping.is_set():
                for record in await self._read():
                    await self._take(record, group)
                await self._commit_now_and_then()
            await self._drain()
            await self._commit()

    async def _read(self) -> list[Received]:
        open_count = max((partition.open_count for partition in self._progress.values()), default=0)
        if open_count >= OPEN_MAX:
            await asyncio.sleep(FULL_PAUSE_S)
            return []
        try:
            return await self._reader.read(max_records=OPEN_MAX - open_count, timeout_ms=READ_MS)
        except BrokerAwayError as error:
            log.warning("waiting", what="messages", code=error.code, reason=str(error))
            await asyncio.sleep(AWAY_PAUSE_S)
            return []

    async def _take(self, record: Received, group: asyncio.TaskGroup) -> None:
        progress = self._progress.setdefault(record.partition, Progress(start=record.offset))
        progress.begin(record.offset)
        try:
            job = jobs.read(record)
        except RejectedError as error:
            await self._refuse(record, error)
            progress.end(record.offset)
            return
        if job.message.id in self._carrying:
            # The same decision once more, by a worker that came back. The first one, which no
            # commit passes, tells what becomes of it.
            progress.end(record.offset)
            return
        self._carrying.add(job.message.id)
        task = group.create_task(self._carry(job, progress))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(self, job: jobs.Job, progress: Progress) -> None:
        result = await self._courier.carry(job)
        self._carrying.discard(job.message.id)
        if result == "done":
            progress.end(job.offset)

    async def _refuse(self, record: Received, error: RejectedError) -> None:
        telemetry.DEAD_LETTERS.labels(PLACE, error.code).inc()
        source = f"{record.topic}/{record.partition}/{record.offset}"
        log.warning("refused", source=source, code=error.code)
        letter = deadletters.refused(
            PLACE,
            error,
            key=record.key,
            payload=record.value or b"",
            source=source,
            at=record.logged_at,
        )
        await self._producer.deliver([letter])

    async def _commit_now_and_then(self) -> None:
        if time.monotonic() - self._committed_at >= COMMIT_EVERY_S:
            await self._commit()

    async def _commit(self) -> None:
        self._committed_at = time.monotonic()
        moved = [
            Position(topic=topics.MESSAGES.name, partition=number, offset=progress.position)
            for number, progress in self._progress.items()
            if self._committed.get(number) != progress.position
        ]
        if not moved:
            return
        try:
            await self._reader.commit(moved)
        except BrokerAwayError as error:
            # The next one says it again; a crash before it only repeats what changes nothing.
            log.warning("waiting", what="commit", code=error.code, reason=str(error))
            return
        self._committed |= {place.partition: place.offset for place in moved}

    async def _drain(self) -> None:
        """Couriers end by themselves once we stop, except where a provider does not answer."""
        log.info("stopping", messages=len(self._tasks))
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=STOP_S)
        for task in late:
            task.cancel()
        if late:
            log.warning("stopped_in_flight", messages=len(late))
