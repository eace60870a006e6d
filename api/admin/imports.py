"""`/api/imports`: files of the back office, their progress, and what was refused of them."""

import re
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final, get_args

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.admin import answers, requests, tables
from api.admin.endpoints import Endpoint, Query
from api.admin.errors import BadRequestError, ConflictError, NotFoundError, UnavailableError
from api.collector import bodies
from api.errors import ProblemError
from api.imports import rows
from api.imports.imports import Import, Imports
from api.imports.running import UNAVAILABLE, Importer
from clickhouse.client import Reader
from clickhouse.queries import rejections
from clickhouse.queries.rejections import RefusedLine
from engine.errors import Flaw, RejectedError
from engine.intake import times
from engine.intake.backoffice import KINDS
from engine.intake.files.items import Format

RUNNING_MAX: Final = 2
"""Files read at once: together they share the time of one process with everybody else."""

FILE_NAME_MAX_CHARS: Final = 120
"""With a line number behind it, it must be an id."""

_ID: Final = re.compile("[A-Za-z0-9_-]{1,64}")

FORMATS: Final[tuple[Format, ...]] = get_args(Format)

MEDIA_TYPES: Final[dict[str, Format]] = {
    "text/csv": "csv",
    "application/x-ndjson": "ndjson",
    "application/ndjson": "ndjson",
    "application/jsonl": "ndjson",
}

QUERIES: Final = (
    Query(name="kind", meaning=f"What the rows are: {', '.join(KINDS)}."),
    Query(name="format", meaning="`csv` or `ndjson`; else by Content-Type or the file's name."),
    Query(name="file", meaning="The file's name: rows without an id are called `file:line`."),
    Query(name="updatedAt", meaning="The file's time, for customers without one of their own."),
    Query(name="id", meaning="What the import shall be called, to ask for its progress."),
)
"""Of an upload."""

IMPORT_MAX_BYTES: Final = 64 * 1024**3
"""Of a file, unpacked: a bound all the same."""

REPORT_COLUMNS: Final = ("line", "code", "message", "path", "payload")
REPORT_PAGE_ROWS: Final = 5_000


class ImportEndpoints:
    """Takes files while they arrive; what becomes of them is in `api.imports`."""

    def __init__(
        self,
        *,
        importer: Importer,
        imports: Imports,
        reader: Reader,
        now: Callable[[], int],
        region: Callable[[], str | None] = lambda: None,
    ) -> None:
        """`now` gives epoch ms, `region` the country of numbers written without one."""
        self._importer = importer
        self._imports = imports
        self._reader = reader
        self._now = now
        self._region = region

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        path = "/api/imports"
        return (
            Endpoint(
                method="POST",
                path=path,
                handler=self.upload,
                summary="Import a file of the back office; the body is the file, of any length.",
                queries=QUERIES,
                statuses=(400, 408, 413, 415, 503),
            ),
            Endpoint(
                method="GET",
                path=path,
                handler=self.list,
                summary="The last imports of this process, newest first.",
            ),
            Endpoint(
                method="GET",
                path=f"{path}/{{id}}",
                handler=self.get,
                summary="How far an import is, and the first rows that were refused.",
                statuses=(404,),
            ),
            Endpoint(
                method="GET",
                path=f"{path}/{{id}}/report",
                handler=self.report,
                summary="Every refused row with its line and reason, as CSV.",
                statuses=(404, 503),
            ),
        )

    async def upload(self, request: Request) -> Response:
        """Answer when the whole file is in the log, or why it is not.

        Raises:
            ProblemError: the file is none; what was accepted before stays.
        """
        job = self._begun(request)
        if self._imports.running_count() >= RUNNING_MAX:
            raise UnavailableError(
                "too_many_imports", f"{RUNNING_MAX} files are being imported", retry_after_ms=10_000
            )
        self._imports.add(job)
        await self._importer.run(job, bodies.streamed(request, max_bytes=IMPORT_MAX_BYTES))
        if job.state == "done":
            return answers.json(shape(job))
        if job.code == UNAVAILABLE:
            raise UnavailableError(job.code, job.problem)
        status = 408 if job.code == "body_timeout" else 400
        raise ProblemError(status, job.code, job.problem, headers={"connection": "close"})

    async def list(self, _: Request) -> Response:
        """All that are remembered."""
        found = [shape(job) for job in self._imports.newest()]
        return answers.json({"items": found, "cursor": None})

    async def get(self, request: Request) -> Response:
        """One of them."""
        return answers.json(shape(self._known(request)))

    async def report(self, request: Request) -> Response:
        """A table, page by page: there may be a hundred thousand rows."""
        job = self._known(request)
        first = await self._page(job, after=0)

        async def lines() -> AsyncIterator[str]:
            yield tables.text([], header=REPORT_COLUMNS)
            found = first
            while found:
                yield tables.text(
                    [msgspec.structs.asdict(row) for row in found], columns=REPORT_COLUMNS
                )
                found = await self._page(job, after=found[-1].line)

        name = f'attachment; filename="{job.id}.refused.csv"'
        return StreamingResponse(
            lines(), media_type="text/csv", headers={"content-disposition": name}
        )

    async def _page(self, job: Import, *, after: int) -> Sequence[RefusedLine]:
        return await rejections.of_file(
            self._reader, source=rows.source_of(job.id), after=after, limit=REPORT_PAGE_ROWS
        )

    def _known(self, request: Request) -> Import:
        id_ = requests.path_id(request)
        job = self._imports.get(id_)
        if job is None:
            raise NotFoundError("import", id_)
        return job

    def _begun(self, request: Request) -> Import:
        asked = request.query_params
        kind = asked.get("kind", "")
        if kind not in KINDS:
            raise _wrong("kind", f"one of {', '.join(KINDS)}")
        file = asked.get("file", "") or kind
        if len(file) > FILE_NAME_MAX_CHARS or not file.isprintable():
            raise _wrong("file", f"a name of at most {FILE_NAME_MAX_CHARS} printable characters")
        id_ = asked.get("id", "") or uuid.uuid4().hex
        if not _ID.fullmatch(id_):
            raise _wrong("id", "letters, digits, - and _, at most 64")
        known = self._imports.get(id_)
        if known is not None and known.state == "running":
            raise ConflictError("import_running", f"the import {id_!r} is being read")
        return Import(
            id=id_,
            kind=kind,
            format=_format(request, file),
            file=file,
            started_at=self._now(),
            stated_at=_stated_at(asked.get("updatedAt", "")),
            region=self._region(),
        )


def shape(job: Import) -> dict[str, object]:
    """An import as it stands."""
    elapsed_ms = None if job.ended_at is None else job.ended_at - job.started_at
    return {
        "id": job.id,
        "kind": job.kind,
        "format": job.format,
        "file": job.file,
        "state": job.state,
        "code": job.code or None,
        "message": job.problem or None,
        "startedAt": answers.time(job.started_at),
        "endedAt": answers.time_or_none(job.ended_at),
        "elapsedMs": elapsed_ms,
        "bytes": job.bytes_count,
        "rows": job.rows_count,
        "accepted": job.accepted_count,
        "refused": job.refused_count,
        "errors": [msgspec.structs.asdict(row) for row in job.refused],
        "report": f"/api/imports/{job.id}/report" if job.refused_count else None,
    }


def _format(request: Request, file: str) -> Format:
    asked = request.query_params.get("format", "")
    if asked:
        for known in FORMATS:
            if asked == known:
                return known
        raise _wrong("format", "csv or ndjson")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in MEDIA_TYPES:
        return MEDIA_TYPES[kind]
    name = file.removesuffix(".gz")
    if name.endswith(".csv"):
        return "csv"
    if name.endswith((".ndjson", ".jsonl")):
        return "ndjson"
    raise _wrong("format", "csv or ndjson: neither Content-Type nor the file's name says which")


def _stated_at(asked: str) -> int | None:
    if not asked:
        return None
    try:
        return times.instant(asked, path="updatedAt")
    except RejectedError as error:
        raise _wrong("updatedAt", 'a time like "2026-11-22T10:00:00Z"') from error


def _wrong(name: str, expected: str) -> BadRequestError:
    flaw = Flaw(path=name, message=expected)
    return BadRequestError("invalid_query", f"{name}: {expected}", flaws=[flaw])
