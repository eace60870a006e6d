"""One upload: the file in pieces, its progress, its report."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import httpx
import msgspec

from oncue.importing.errors import ImportFailedError

PIECE_BYTES: Final = 64 * 1024

LOOK_EVERY_S: Final = 0.5

PATIENCE_S: Final = 300.0
"""For one piece, or for the answer: an import is slowed down on purpose."""

REPORT_WITHIN_S: Final = 60.0
"""How long the report may be behind: refused rows go through Kafka into ClickHouse."""

GZIP_MAGIC: Final = b"\x1f\x8b"


class RefusedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row that was refused."""

    line: int
    code: str
    message: str
    path: str = ""


class Progress(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An import as the server tells it."""

    state: str = "waiting"
    message: str | None = None
    elapsed_ms: int | None = None
    rows: int = 0
    accepted: int = 0
    refused: int = 0
    errors: tuple[RefusedRow, ...] = ()


class _Problem(msgspec.Struct, frozen=True, kw_only=True):
    message: str = ""


class Upload:
    """A file on its way."""

    def __init__(self, client: httpx.AsyncClient, *, file: Path, id_: str) -> None:
        self.sent_bytes = 0
        self._client = client
        self._file = file
        self._id = id_

    async def send(self, *, kind: str, format_name: str) -> Progress:
        """Send the file, and wait until all of it is taken.

        Raises:
            ImportFailedError: why not.
        """
        asked = {
            "kind": kind,
            "file": self._file.name[-100:],
            "id": self._id,
            # Of rows that say no time: the same file again must not say it anew.
            "updatedAt": self._changed_at(),
        }
        if format_name:
            asked["format"] = format_name
        try:
            response = await self._client.post(
                "/api/imports",
                params=asked,
                content=self._pieces(),
                headers={"content-encoding": "gzip"} if self._is_packed() else {},
            )
        except httpx.ConnectError as error:
            raise ImportFailedError(f"cannot reach {self._client.base_url}: {error}") from error
        except (httpx.TransportError, httpx.InvalidURL) as error:
            # A server that refuses early closes before it has heard everything.
            told = (await self.look()).message or str(error) or type(error).__name__
            raise ImportFailedError(told) from error
        return _answer(response)

    async def look(self) -> Progress:
        """Ask how far it is; one that is not known yet has not begun."""
        try:
            response = await self._client.get(f"/api/imports/{self._id}")
            return msgspec.json.decode(response.content, type=Progress)
        except (httpx.TransportError, msgspec.DecodeError):
            return Progress()

    async def report(self, *, refused_count: int) -> bytes:
        """Fetch the table of all refused rows, once it is whole.

        Raises:
            ImportFailedError: it is not whole in time; what there is stands in `/api/rejections`.
        """
        tried_s = 0.0
        while tried_s < REPORT_WITHIN_S:
            try:
                response = await self._client.get(f"/api/imports/{self._id}/report")
            except httpx.TransportError as error:
                raise ImportFailedError(f"no report: {error}") from error
            if response.is_success and _rows_count(response.content) >= refused_count:
                return response.content
            await asyncio.sleep(LOOK_EVERY_S)
            tried_s += LOOK_EVERY_S
        raise ImportFailedError("the report is not whole yet: look into /api/rejections")

    async def _pieces(self) -> AsyncIterator[bytes]:
        with self._file.open("rb") as stream:
            while piece := await asyncio.to_thread(stream.read, PIECE_BYTES):
                yield piece
                self.sent_bytes += len(piece)

    def _changed_at(self) -> str:
        return datetime.fromtimestamp(self._file.stat().st_mtime, tz=UTC).isoformat()

    def _is_packed(self) -> bool:
        with self._file.open("rb") as stream:
            return stream.read(2) == GZIP_MAGIC


def _answer(response: httpx.Response) -> Progress:
    try:
        if response.is_success:
            return msgspec.json.decode(response.content, type=Progress)
        told = msgspec.json.decode(response.content, type=_Problem).message
    except msgspec.DecodeError:
        told = ""
    raise ImportFailedError(told or f"{response.url.host} answers {response.status_code}")


def _rows_count(table: bytes) -> int:
    return sum(1 for _ in csv.reader(io.StringIO(table.decode()))) - 1
