"""The HTTP side: requests to the engine's threads, answers with the headers that clients read."""

import asyncio
import secrets
import uuid
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import msgspec
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from oncue.up.clickhouse import encodings, queries
from oncue.up.clickhouse.engine import STREAMABLE, Answer, Engine, Stream
from oncue.up.clickhouse.errors import ClickHouseError
from oncue.up.clickhouse.queries import Query

READ_THREADS: Final = 8
WRITE_THREADS: Final = 4
"""Two pools, so that neither kind of statement waits for the other."""

TIMEZONE: Final = "UTC"

T = TypeVar("T")


class Interface:
    """ClickHouse's HTTP interface, as far as its Python client goes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._readers = ThreadPoolExecutor(READ_THREADS, thread_name_prefix="read")
        self._writers = ThreadPoolExecutor(WRITE_THREADS, thread_name_prefix="write")
        self.running_count = 0
        """Statements that a thread is at work on."""

    async def ping(self, _: HttpRequest) -> Response:
        """Answer that the process lives, as the real server does."""
        return PlainTextResponse("Ok.\n")

    async def query(self, http: HttpRequest) -> Response:
        """Carry out one statement."""
        if "origin" in http.headers:
            # A page in a browser could send SQL to loopback; no other client has an origin.
            return PlainTextResponse("Not for browsers.\n", status_code=403)
        body = await http.body()
        if not body and "query" not in http.query_params:
            return PlainTextResponse("Ok.\n")
        try:
            return await self._answered(http, body)
        except ClickHouseError as error:
            return _failed(error)

    async def _answered(self, http: HttpRequest, body: bytes) -> Response:
        query = queries.read(
            queries.Request(
                method=http.method,
                url_parameters=dict(http.query_params),
                headers=dict(http.headers),
                body=body,
            )
        )
        encoding = None
        if http.query_params.get("enable_http_compression") == "1":
            encoding = encodings.chosen(http.headers.get("accept-encoding", ""))
        if query.statement.is_read and query.is_streamed and query.format in STREAMABLE:
            return await self._streamed(query, encoding)
        pool = self._readers if query.statement.is_read else self._writers
        answer = await self._in(pool, lambda: self._engine.execute(query))
        return _whole(query, answer, encoding)

    async def _streamed(self, query: Query, encoding: str | None) -> Response:
        # The first block tells whether the statement works at all: until then it can still fail
        # with a status of its own.
        stream = await self._in(self._readers, lambda: self._engine.stream(query))
        try:
            first = await self._in(self._readers, stream.next_chunk)
        except ClickHouseError:
            self._readers.submit(stream.close)
            raise
        tag = secrets.token_hex(8)
        chunks = self._chunks(stream, first, tag)
        headers = _headers(query, encoding) | {"X-ClickHouse-Exception-Tag": tag}
        body = _encoded(chunks, encoding) if encoding else chunks
        return StreamingResponse(body, headers=headers)

    async def _chunks(self, stream: Stream, first: bytes, tag: str) -> AsyncIterator[bytes]:
        chunk = first
        try:
            while chunk:
                yield chunk
                chunk = await self._in(self._readers, stream.next_chunk)
        except ClickHouseError as error:
            text = error.message.encode()
            yield b"__exception__\r\n%b\r\n%b\n%d %b\r\n__exception__\r\n" % (
                *(tag.encode(), text, len(text) + 1, tag.encode()),
            )
        finally:
            # On a thread, and not awaited: a client that left cancels this, maybe amid a block.
            self._readers.submit(stream.close)

    async def _in(self, pool: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        def counted() -> T:
            try:
                return work()
            finally:
                loop.call_soon_threadsafe(self._done)

        loop = asyncio.get_running_loop()
        self.running_count += 1
        return await loop.run_in_executor(pool, counted)

    def _done(self) -> None:
        self.running_count -= 1


def application(interface: Interface) -> Starlette:
    """Build the application; it answers to names of loopback only, whatever DNS says."""
    return Starlette(
        routes=[
            Route("/ping", interface.ping),
            Route("/", interface.query, methods=["GET", "POST"]),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
    )


def _whole(query: Query, answer: Answer, encoding: str | None) -> Response:
    body = answer.body
    if encoding and body:
        encoder = encodings.encoder(encoding)
        body = encoder.compress(body) + encoder.flush()
    headers = _headers(query, encoding if answer.body else None)
    summary = {
        "read_rows": str(answer.read_rows),
        "read_bytes": str(answer.read_bytes),
        "written_rows": str(answer.written_rows),
        "written_bytes": str(answer.written_bytes),
        "elapsed_ns": str(int(answer.elapsed_s * 1_000_000_000)),
    }
    headers["X-ClickHouse-Summary"] = msgspec.json.encode(summary).decode()
    if not query.statement.is_read and not answer.body:
        # Clients take the name of a format for an answer with rows.
        del headers["X-ClickHouse-Format"]
    return Response(body, headers=headers)


def _headers(query: Query, encoding: str | None) -> dict[str, str]:
    headers = {
        "Content-Type": _content_type(query.format),
        "X-ClickHouse-Query-Id": query.query_id or str(uuid.uuid4()),
        "X-ClickHouse-Format": query.format,
        "X-ClickHouse-Timezone": TIMEZONE,
    }
    if encoding:
        headers["Content-Encoding"] = encoding
    return headers


def _content_type(format_: str) -> str:
    if format_.startswith("JSON"):
        return "application/json; charset=UTF-8"
    if format_.startswith(("TabSeparated", "TSV")):
        return "text/tab-separated-values; charset=UTF-8"
    if format_.startswith("CSV"):
        return "text/csv; charset=UTF-8"
    return "application/octet-stream"


def _failed(error: ClickHouseError) -> Response:
    headers = {"X-ClickHouse-Exception-Code": str(error.code)}
    return PlainTextResponse(error.message + "\n", status_code=error.status, headers=headers)


async def _encoded(chunks: AsyncIterator[bytes], encoding: str) -> AsyncIterator[bytes]:
    encoder = encodings.encoder(encoding)
    async for chunk in chunks:
        compressed = encoder.compress(chunk)
        if compressed:
            yield compressed
    yield encoder.flush()
