"""`oncue backtest`: begun in a running installation, watched here, its report printed."""

import json
import time
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

PATIENCE_S: Final = 60.0
LOOK_EVERY_S: Final = 0.5

INTERRUPTED: Final = 130
"""What shells expect of a command ended by Ctrl-C."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line asks for."""

    campaign: str
    since: str
    until: str | None
    version: int | None
    file: Path | None
    """A campaign that is nowhere saved, as JSON."""
    is_json: bool
    url: str
    admin_token: str


class BacktestFailedError(Exception):
    """The message is one line for people."""

    code = "backtest_failed"


def run(request: Request, *, out: Console, told: Console) -> int:
    """Carry the command out; 0 only with a report."""
    try:
        with httpx.Client(
            base_url=request.url.rstrip("/"),
            headers={"authorization": f"Bearer {request.admin_token}"},
            timeout=httpx.Timeout(PATIENCE_S, connect=5),
            trust_env=False,
        ) as client:
            return _report(_ended(client, _begun(client, request), told), request, out)
    except BacktestFailedError as error:
        told.print(str(error), markup=False, highlight=False, soft_wrap=True)
        return 1
    except (httpx.TransportError, httpx.InvalidURL) as error:
        reason = f"no answer from {request.url}: {str(error) or type(error).__name__}"
        told.print(reason, markup=False, highlight=False, soft_wrap=True)
        return 1


def _begun(client: httpx.Client, request: Request) -> dict[str, Any]:
    asked: dict[str, object] = {"since": request.since}
    if request.until is not None:
        asked["until"] = request.until
    if request.version is not None:
        asked["version"] = request.version
    if request.file is not None:
        try:
            asked["campaign"] = json.loads(request.file.read_text())
        except (OSError, ValueError) as error:
            raise BacktestFailedError(f"{request.file}: {error}") from error
    return _answer(client.post(f"/api/campaigns/{request.campaign}/backtest", json=asked))


def _ended(client: httpx.Client, job: dict[str, Any], told: Console) -> dict[str, Any]:
    path = f"/api/backtests/{job['id']}"
    bar = Progress(
        TextColumn("events"), BarColumn(), MofNCompleteColumn(), console=told, transient=True
    )
    try:
        with bar:
            task = bar.add_task("events", total=None)
            while job["state"] == "running":
                time.sleep(LOOK_EVERY_S)
                job = _answer(client.get(path))
                bar.update(task, total=job["events_total"], completed=job["events"])
    except KeyboardInterrupt:
        client.delete(path)
        raise SystemExit(INTERRUPTED) from None
    if job["state"] != "done":
        raise BacktestFailedError(f"{job['state']}: {job['message'] or 'it was stopped'}")
    return job


def _report(job: dict[str, Any], request: Request, out: Console) -> int:
    if request.is_json:
        out.print_json(data=job)
        return 0
    report = job["report"]
    lines = [
        f"{job['campaign']} from {job['since']} to {job['until']}: {report['events']:,} events",
        f"fired {report['fired']:,}, {report['fired_per_day']:,} a day",
        f"entered {report['entered']:,}, sent {report['sent']:,}",
        *_listed("not sent", report["refused"]),
        *_listed("deferred", report["deferred"]),
        *_listed("left", report["exited"]),
    ]
    lines += [
        f"on {one['customer_days']:,} days of customers {one['campaign']} writes to them, too"
        for one in report["conflicts"]
    ]
    lines += [
        f"{one['customer']} {one['template']}: {one['error'] or one['subject']}"
        for one in report["samples"]
    ]
    if report["is_as_recorded"]:
        lines.append("this version ran all the time: that is what it did")
    for line in lines:
        out.print(line, markup=False, highlight=False, soft_wrap=True)
    return 0


def _listed(word: str, counts: dict[str, int]) -> list[str]:
    return [f"{word}: {reason} {count:,}" for reason, count in counts.items()]


def _answer(answer: httpx.Response) -> dict[str, Any]:
    try:
        body: dict[str, Any] = answer.json()
    except ValueError:
        body = {"message": answer.text}
    if not answer.is_success:
        told = body.get("message", answer.text)
        raise BacktestFailedError(f"{answer.status_code}: {told}")
    return body
