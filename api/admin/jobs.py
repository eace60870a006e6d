"""`/api/jobs`: actions on many customers, how far they are, and what came of them."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.admin import answers, paging, progress, requests, tables, takeout
from api.admin.endpoints import PAGING, Endpoint, Query
from api.admin.errors import ConflictError, NotFoundError
from api.jobs import jobs
from api.jobs.jobs import Job
from api.jobs.running import Runner
from clickhouse.client import Reader
from clickhouse.queries import customers
from clickhouse.queries import jobs as queries
from streams.definitions import DefinitionsLog
from tables import rows

PAGE_ROWS: Final = 500


class JobEndpoints:
    """Every process answers for every job."""

    def __init__(self, *, reader: Reader, runner: Runner, log: DefinitionsLog) -> None:
        self._reader = reader
        self._runner = runner
        self._log = log

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        path = "/api/jobs"
        return (
            Endpoint(
                method="GET",
                path=path,
                handler=self.list,
                summary="List the jobs, newest first.",
                queries=PAGING,
                statuses=(400, 503),
            ),
            Endpoint(
                method="GET",
                path=f"{path}/{{id}}",
                handler=self.get,
                summary="How far a job is; of one that sends, the balance of what came of it.",
                statuses=(404, 503),
            ),
            Endpoint(
                method="POST",
                path=f"{path}/{{id}}/cancel",
                handler=self.cancel,
                summary="End a job where it is; what was done stays.",
                statuses=(404, 409, 503),
            ),
            Endpoint(
                method="GET",
                path=f"{path}/{{id}}/members",
                handler=self.members,
                summary="Whom a job is about, by id; kept for 90 days.",
                queries=PAGING,
                statuses=(400, 404, 503),
            ),
            Endpoint(
                method="GET",
                path=f"{path}/{{id}}/export",
                handler=self.export,
                summary="The customers a job is about, as they are now, as CSV or NDJSON.",
                queries=(Query(name="format", meaning="`csv` unless told, or `ndjson`."),),
                statuses=(400, 404, 409, 503),
            ),
        )

    async def list(self, request: Request) -> Response:
        """One page."""
        limit = requests.limit(request)
        after = paging.after(request, paging.BY_TIME)
        found = await queries.page(self._reader, after=after, limit=limit + 1)
        return answers.page(
            paging.page(
                found,
                limit=limit,
                key=lambda one: (one.asked_ms, one.id),
                shape=lambda one: progress.shape(jobs.read(one)),
            )
        )

    async def get(self, request: Request) -> Response:
        """One of them."""
        job = await self._known(request)
        told = progress.shape(job)
        if job.order.campaign:
            found = await queries.outcomes(self._reader, job.order.id, campaign=job.order.campaign)
            told["balance"] = progress.balance(job, found)
        return answers.json(told)

    async def cancel(self, request: Request) -> Response:
        """Asked for twice it is asked for once; one that has ended stays as it is."""
        job = await self._known(request)
        if job.progress.is_ended:
            message = f"the job {job.order.id!r} is {job.progress.state}"
            raise ConflictError("job_ended", message)
        await self._runner.cancel(job.order.id)
        return answers.json(progress.shape(await self._known(request)))

    async def members(self, request: Request) -> Response:
        """One page."""
        job = await self._known(request)
        limit, after = requests.limit(request), paging.after(request, paging.BY_ID)
        found = await self._page(job, after=after or "", limit=limit + 1)
        return answers.page(
            paging.page(found, limit=limit, key=lambda one: one, shape=lambda one: {"id": one})
        )

    async def export(self, request: Request) -> Response:
        """A file that the import takes as it is."""
        job = await self._known(request)
        if job.progress.state == "selecting":
            raise ConflictError("job_not_ready", "the customers are being chosen: ask again")
        form = request.query_params.get("format", "csv")
        if form not in {"csv", "ndjson"}:
            raise requests.wrong("format", f"csv or ndjson, not {form!r}")
        first = await self._page(job, after="", limit=PAGE_ROWS)
        name = f'attachment; filename="{job.order.id}.{form}"'
        return StreamingResponse(
            self._lines(job, first, is_table=form == "csv"),
            media_type="text/csv" if form == "csv" else "application/x-ndjson",
            headers={"content-disposition": name},
        )

    async def _lines(
        self, job: Job, first: Sequence[str], *, is_table: bool
    ) -> AsyncIterator[str | bytes]:
        columns = takeout.columns(self._log.current.settings.features)
        if is_table:
            yield tables.text([], header=columns)
        page = first
        while page:
            stored = await customers.rows(self._reader, page)
            known = [rows.decode(stored[name]).row for name in page if name in stored]
            living = [row for row in known if row.erasure is None and not row.forward]
            if is_table:
                cells = [takeout.cells(row.customer, as_of=row.now_at) for row in living]
                yield tables.text(cells, columns=columns)
            else:
                yield b"".join(takeout.line(row.customer, as_of=row.now_at) for row in living)
            page = await self._page(job, after=page[-1], limit=PAGE_ROWS)

    async def _page(self, job: Job, *, after: str, limit: int) -> Sequence[str]:
        return await queries.members(
            self._reader, job.order.id, waves=1, wave=0, after=after, limit=limit
        )

    async def _known(self, request: Request) -> Job:
        job_id = requests.path_id(request)
        found = await queries.get(self._reader, job_id)
        if found is None:
            raise NotFoundError("job", job_id)
        return jobs.read(found)
