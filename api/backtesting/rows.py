"""Rows of a back-test: the last ones decoded, the others in a file that goes with it."""

import heapq
import sqlite3
from collections import OrderedDict
from collections.abc import Iterator
from types import TracebackType
from typing import Final, Self

import msgspec

from engine.rows import Row

DECODED_MAX: Final = 20_000
"""Some 10 KB each."""

_decode: Final = msgspec.msgpack.Decoder(Row).decode
_encode: Final = msgspec.msgpack.Encoder().encode


class SpilledRows:
    """Grows on disk, not in memory."""

    def __init__(self, *, decoded_max: int = DECODED_MAX) -> None:
        self._decoded: OrderedDict[str, Row] = OrderedDict()
        self._decoded_max = decoded_max
        # An empty name is a file of SQLite's own that nobody else sees, gone when it is closed.
        self._file = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._file.execute("PRAGMA journal_mode = OFF")
        self._file.execute("PRAGMA synchronous = OFF")
        self._file.execute("CREATE TABLE row (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def get(self, key: str) -> Row | None:
        """See `engine.rehearsal.past.Rows`."""
        row = self._decoded.get(key)
        if row is not None:
            self._decoded.move_to_end(key)
            return row
        found = self._file.execute("SELECT value FROM row WHERE key = ?", (key,)).fetchone()
        return None if found is None else self._kept(key, _decode(found[0]))

    def put(self, key: str, row: Row) -> None:
        """See `engine.rehearsal.past.Rows`."""
        self._kept(key, row)

    def __iter__(self) -> Iterator[str]:
        """See `engine.rehearsal.past.Rows`; those that come meanwhile are left out."""
        decoded = list(self._decoded)
        known = set(decoded)
        found = self._file.execute("SELECT key FROM row")
        while some := found.fetchmany(1_000):
            yield from (key for (key,) in some if key not in known)
        yield from decoded

    def ordered(self, *, after: str) -> Iterator[str]:
        """The keys above one, by key, each once; none may come meanwhile."""
        decoded = sorted(key for key in self._decoded if key > after)
        before = after
        for key in heapq.merge(decoded, self._filed(after)):
            if key != before:
                yield key
            before = key

    def _filed(self, after: str) -> Iterator[str]:
        while True:
            found = self._file.execute(
                "SELECT key FROM row WHERE key > ? ORDER BY key LIMIT 1000", (after,)
            ).fetchall()
            if not found:
                return
            yield from (key for (key,) in found)
            after = found[-1][0]

    def _kept(self, key: str, row: Row) -> Row:
        self._decoded[key] = row
        self._decoded.move_to_end(key)
        if len(self._decoded) > self._decoded_max:
            oldest, other = self._decoded.popitem(last=False)
            self._file.execute("REPLACE INTO row VALUES (?, ?)", (oldest, _encode(other)))
        return row
