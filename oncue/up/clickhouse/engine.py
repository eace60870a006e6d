"""chdb behind a handle per request.

A handle (0.2 ms) carries a request's settings and database and is closed with it, so nothing
leaks into the next one, not even after a failure: on a handle that lives longer, `readonly` can
be set but never taken back. Handles do not wait for each other; one handle serves one thread.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import chdb
import msgspec
from chdb.state.sqlitelike import Connection

from oncue.up.clickhouse import errors
from oncue.up.clickhouse.queries import Query

MARK_CACHE_BYTES: Final = 256 * 1024 * 1024
"""chdb would take 5 GB; ours is one guest among others on a small machine."""

STREAMABLE: Final = frozenset({"Native", "TabSeparated", "TSV", "CSV", "RowBinary", "JSONEachRow"})
"""Formats whose blocks may simply follow each other; the others have a head or an end."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A finished statement."""

    body: bytes = b""
    read_rows: int = 0
    read_bytes: int = 0
    written_rows: int = 0
    written_bytes: int = 0
    elapsed_s: float = 0.0


class Stream:
    """A running read, from whatever thread."""

    def __init__(self, handle: Connection, query: Query) -> None:
        self._handle = handle
        self._turn = threading.Lock()
        with _engine_errors():
            # Half of chdb is typed, and this half not.
            self._chunks: Any = handle.send_query(
                query.statement.sql, query.format, params=dict(query.parameters)
            )

    def next_chunk(self) -> bytes:
        """Wait for the next block; empty at the end.

        Raises:
            ClickHouseError: the statement failed, at its start or in the middle.
        """
        with self._turn, _engine_errors():
            chunk = self._chunks.fetch()
        return b"" if chunk is None else bytes(chunk.bytes())

    def close(self) -> None:
        """Stop reading, once the block that is being read has come: a handle serves one thread."""
        with self._turn, _engine_errors():
            try:
                self._chunks.close()
            finally:
                self._handle.close()


class Engine:
    """The one engine of this process."""

    def __init__(self, path: Path, *, memory_bytes: int) -> None:
        self._path = str(path)
        options = f"max_server_memory_usage={memory_bytes}&mark_cache_size={MARK_CACHE_BYTES}"
        # The options are the engine's, taken from the first handle; it keeps the engine open.
        self._first = chdb.connect(f"{self._path}?{options}")

    def execute(self, query: Query) -> Answer:
        """Carry out a statement; blocks until it is done.

        Raises:
            ClickHouseError: with the engine's code and text.
        """
        handle = chdb.connect(self._path)
        try:
            with _engine_errors():
                _prepare(handle, query)
                if query.statement.data is not None:
                    return _insert(handle, query)
                return _run(handle, query)
        finally:
            handle.close()

    def stream(self, query: Query) -> Stream:
        """Begin a read whose answer comes in blocks.

        Raises:
            ClickHouseError: with the engine's code and text.
        """
        handle = chdb.connect(self._path)
        try:
            with _engine_errors():
                _prepare(handle, query)
            return Stream(handle, query)
        except errors.ClickHouseError:
            handle.close()
            raise

    def close(self) -> None:
        """Flush and leave; no statement may be running."""
        self._first.close()


def _prepare(handle: Connection, query: Query) -> None:
    if query.database not in {"", "default"}:
        handle.query("USE {name:Identifier}", params={"name": query.database})
    if query.settings:
        changes = ", ".join(f"{name} = {_quoted(value)}" for name, value in query.settings.items())
        handle.query(f"SET {changes}")


def _run(handle: Connection, query: Query) -> Answer:
    result = handle.query(query.statement.sql, query.format, params=dict(query.parameters))
    return Answer(
        body=bytes(result.bytes()),
        read_rows=result.rows_read(),
        read_bytes=result.bytes_read(),
        written_rows=result.rows_written(),
        written_bytes=result.bytes_written(),
        elapsed_s=result.elapsed(),
    )


def _insert(handle: Connection, query: Query) -> Answer:
    with handle.send_insert(query.statement.sql, query.statement.format or "") as insert:
        insert.append(query.statement.data)
        result = insert.finish()
    return Answer(
        written_rows=result.rows_written,
        written_bytes=result.bytes_written,
        elapsed_s=result.elapsed,
    )


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


@contextmanager
def _engine_errors() -> Iterator[None]:
    # chdb raises its ChdbError, a RuntimeError, in some places and plain RuntimeError in others.
    try:
        yield
    except RuntimeError as error:
        raise errors.of_engine(str(error)) from error
