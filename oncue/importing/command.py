"""`oncue import`: the command, from its arguments to its exit code."""

import asyncio
import uuid
from pathlib import Path
from typing import Final

import httpx
import msgspec
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from oncue.importing.errors import ImportFailedError
from oncue.importing.uploading import LOOK_EVERY_S, PATIENCE_S, Progress, Upload

SHOWN_MAX: Final = 10
"""Refused rows on the screen; all of them are in the report."""

INTERRUPTED: Final = 130
"""What shells expect of a command ended by Ctrl-C."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line asks for."""

    kind: str
    file: Path
    format_name: str = ""
    url: str = "http://127.0.0.1:8080"
    admin_token: str = "demo-admin"  # noqa: S105 the demo's
    report: Path | None = None


def run(request: Request, *, console: Console) -> int:
    """Carry the command out; 0 only when every row was accepted."""
    try:
        ended = asyncio.run(_import(request, console))
    except ImportFailedError as error:
        console.print(str(error), markup=False, highlight=False, soft_wrap=True)
        return 1
    except OSError as error:
        reason = f"cannot read {request.file}: {error.strerror}"
        console.print(reason, markup=False, highlight=False, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    return 1 if ended.refused else 0


async def _import(request: Request, console: Console) -> Progress:
    size_bytes = request.file.stat().st_size
    async with httpx.AsyncClient(
        base_url=request.url.rstrip("/"),
        headers={"authorization": f"Bearer {request.admin_token}"},
        timeout=httpx.Timeout(PATIENCE_S, connect=5),
        trust_env=False,
    ) as client:
        upload = Upload(client, file=request.file, id_=uuid.uuid4().hex)
        with _bar(console) as bar:
            watching = asyncio.create_task(_watch(upload, bar, size_bytes))
            try:
                ended = await upload.send(kind=request.kind, format_name=request.format_name)
            finally:
                watching.cancel()
                await asyncio.wait([watching])
        _tell(ended, console)
        if ended.refused:
            await _save(upload, ended, request, console)
        return ended


def _bar(console: Console) -> Bar:
    return Bar(
        BarColumn(bar_width=20),
        DownloadColumn(),
        TextColumn("{task.description}"),
        TimeRemainingColumn(),
        console=console,
    )


async def _watch(upload: Upload, bar: Bar, size_bytes: int) -> None:
    task = bar.add_task("", total=size_bytes)
    while True:
        known = await upload.look()
        words = f"{known.rows:,} rows, {known.refused:,} refused"
        bar.update(task, completed=upload.sent_bytes, description=words)
        await asyncio.sleep(LOOK_EVERY_S)


def _tell(ended: Progress, console: Console) -> None:
    elapsed_s = max((ended.elapsed_ms or 0) / 1000, 0.001)
    line = (
        f"{ended.accepted:,} of {ended.rows:,} rows accepted in {elapsed_s:.1f} s, "
        f"{ended.rows / elapsed_s:,.0f} rows/s, {ended.refused:,} refused"
    )
    console.print(line, highlight=False, soft_wrap=True)
    for row in ended.errors[:SHOWN_MAX]:
        place = f"line {row.line}" + (f", {row.path}" if row.path else "")
        told = f"  {place}: {row.message} ({row.code})"
        console.print(told, markup=False, highlight=False, soft_wrap=True)


async def _save(upload: Upload, ended: Progress, request: Request, console: Console) -> None:
    path = request.report or request.file.with_name(f"{request.file.name}.refused.csv")
    table = await upload.report(refused_count=ended.refused)
    await asyncio.to_thread(path.write_bytes, table)
    told = f"every refused row, with its line and reason: {path}"
    console.print(told, markup=False, highlight=False, soft_wrap=True)
