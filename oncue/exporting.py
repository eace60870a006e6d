"""`oncue export`: all customers of a running installation into a file that `oncue import` takes."""

import asyncio
from pathlib import Path
from typing import Final

import httpx
import msgspec
from rich.console import Console

KINDS: Final = ("customers",)

PATIENCE_S: Final = 60.0
"""For the next piece: a page of customers is one question to ClickHouse."""

INTERRUPTED: Final = 130
"""What shells expect of a command ended by Ctrl-C."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line asks for."""

    kind: str
    file: Path
    format_name: str
    url: str
    admin_token: str


class ExportFailedError(Exception):
    """The message is one line for people; the file stays as it was."""

    code = "export_failed"


def run(request: Request, *, console: Console) -> int:
    """Carry the command out; 0 only when the file is whole."""
    unfinished = request.file.with_name(f"{request.file.name}.part")
    try:
        size_bytes = asyncio.run(_download(request, unfinished))
        unfinished.replace(request.file)
    except ExportFailedError as error:
        console.print(str(error), markup=False, highlight=False, soft_wrap=True)
        return 1
    except OSError as error:
        reason = f"cannot write {request.file}: {error.strerror}"
        console.print(reason, markup=False, highlight=False, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        unfinished.unlink(missing_ok=True)
    console.print(f"{request.file}: {size_bytes:,} bytes", highlight=False, soft_wrap=True)
    return 0


async def _download(request: Request, into: Path) -> int:
    asked = f"/api/export/{request.kind}"
    try:
        async with (
            httpx.AsyncClient(
                base_url=request.url.rstrip("/"),
                headers={"authorization": f"Bearer {request.admin_token}"},
                timeout=httpx.Timeout(PATIENCE_S, connect=5),
                trust_env=False,
            ) as client,
            client.stream("GET", asked, params={"format": _format(request)}) as response,
        ):
            if not response.is_success:
                told = (await response.aread()).decode(errors="replace")
                raise ExportFailedError(f"{request.url} answers {response.status_code}: {told}")
            return await _write(response, into)
    except (httpx.TransportError, httpx.InvalidURL) as error:
        told = str(error) or type(error).__name__
        raise ExportFailedError(f"no export from {request.url}: {told}") from error


async def _write(response: httpx.Response, into: Path) -> int:
    size_bytes = 0
    with into.open("wb") as stream:
        async for piece in response.aiter_bytes():
            await asyncio.to_thread(stream.write, piece)
            size_bytes += len(piece)
    return size_bytes


def _format(request: Request) -> str:
    if request.format_name:
        return request.format_name
    return "csv" if request.file.suffix == ".csv" else "ndjson"
