"""The back-tests of this process: begun, asked for, stopped, and remembered for a while."""

import asyncio
import uuid
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Literal, TypeAlias

import msgspec
import structlog

from api.backtesting import running
from api.backtesting.reading import Known
from api.backtesting.report import Report
from api.backtesting.running import Question
from clickhouse.client import Reader
from clickhouse.errors import ClickHouseError
from clickhouse.queries import logs
from clickhouse.queries.logs import Recorded

RUNNING_MAX: Final = 1
"""At once: one takes half of the process's time while it runs."""

KEPT_MAX: Final = 50
"""Remembered; a few KB each."""

State: TypeAlias = Literal["running", "done", "failed", "cancelled"]

log = structlog.get_logger(__name__)


class Job(msgspec.Struct, kw_only=True):
    """One back-test; changes in place while it runs."""

    id: str
    question: Question
    began_at: int
    state: State = "running"
    ended_at: int | None = None
    events_count: int = 0
    """Read so far."""
    total_count: int | None = None
    """To be read; None: not counted yet."""
    report: Report | None = None
    recorded: list[Recorded] = []
    """What the campaign really decided in that time."""
    problem: str = ""


class Jobs:
    """The last ones, newest last."""

    def __init__(
        self, *, reader: Reader, known: Callable[[], Known], clock: Callable[[], int]
    ) -> None:
        self._reader = reader
        self._known = known
        self._clock = clock
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def begin(self, question: Question) -> Job:
        """Start one."""
        job = Job(id=uuid.uuid4().hex, question=question, began_at=self._clock())
        self._jobs[job.id] = job
        while len(self._jobs) > KEPT_MAX:
            self._jobs.popitem(last=False)
        self._tasks[job.id] = asyncio.create_task(self._run(job), name=f"backtest {job.id}")
        return job

    def get(self, job_id: str) -> Job | None:
        """Find one."""
        return self._jobs.get(job_id)

    def newest(self) -> list[Job]:
        """All that are remembered, newest first."""
        return list(reversed(self._jobs.values()))

    def running_count(self) -> int:
        """How many run now."""
        return sum(job.state == "running" for job in self._jobs.values())

    async def cancel(self, job: Job) -> None:
        """Stop one; one that is over stays as it is."""
        task = self._tasks.get(job.id)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def close(self) -> None:
        """Stop all."""
        for job in list(self._jobs.values()):
            await self.cancel(job)

    async def _run(self, job: Job) -> None:
        question = job.question
        try:
            job.total_count = await logs.count(self._reader, until=question.until)
            job.recorded = await logs.recorded(
                self._reader,
                campaign=question.campaign.id,
                since=question.since,
                until=question.until,
            )
            job.report = await running.run(
                self._reader, self._known(), question, progress=lambda n: _note(job, n)
            )
            job.state = "done"
        except ClickHouseError as error:
            job.state, job.problem = "failed", str(error)
        except LookupError as error:
            job.state, job.problem = "failed", f"this process is behind the log: {error}"
        finally:
            if job.state == "running":
                job.state = "cancelled"
            job.ended_at = self._clock()
            self._tasks.pop(job.id, None)
            log.info("backtest_ended", job_id=job.id, state=job.state, events=job.events_count)


def _note(job: Job, count: int) -> None:
    job.events_count = count
