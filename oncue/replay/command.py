"""`oncue replay`: the command, from its arguments to its exit code."""

import asyncio
from pathlib import Path
from typing import Final

import msgspec
from rich.console import Console

from oncue.formats import reading
from oncue.formats.errors import FileError, WrongFormatError
from oncue.formats.notices import Notices
from oncue.formats.reading import Survey
from oncue.replay import progress, schedule
from oncue.replay.collector import Collector
from oncue.replay.errors import ReplayError
from oncue.replay.schedule import Pace
from oncue.replay.sending import Sender
from oncue.replay.tally import Tally

INTERRUPTED: Final = 130
"""What shells expect of a command ended by Ctrl-C."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line asks for."""

    file: Path
    format_name: str
    speed: float = 60.0
    url: str = "http://127.0.0.1:8080"
    write_key: str = "demo"


def run(request: Request, *, console: Console) -> int:
    """Carry the command out; 0 only when every event was stored."""
    notices = Notices(console.file)
    try:
        found = _survey(request, notices)
        if not found.events_count:
            console.print(f"{request.file} holds no events")
            return 0
        return asyncio.run(_replay(request, found, console))
    except (FileError, ReplayError) as error:
        notices.tell(str(error))
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        notices.close()


def _survey(request: Request, notices: Notices) -> Survey:
    schedule.checked_speed(request.speed)
    read_as = reading.known(request.format_name)
    found = reading.survey(request.file, read_as, report=notices.malformed)
    if not found.events_count and found.malformed_count:
        raise WrongFormatError(f"no line of {request.file} is {request.format_name}")
    return found


async def _replay(request: Request, found: Survey, console: Console) -> int:
    entries = reading.in_order(request.file, reading.known(request.format_name), found)
    tally = Tally(total_count=found.events_count)
    collector = Collector(request.url, key=request.write_key)
    try:
        await collector.greet(tally)
        pace = Pace(first_at=found.first_at, speed=request.speed)
        with progress.bar(console, pace=pace, tally=tally):
            await Sender(collector, pace=pace, tally=tally).send(entries)
    finally:
        await collector.close()
        # Where nothing was ever taken, the error says all there is to say.
        if tally.sent_count or tally.refused_count:
            line = summary(tally, elapsed_s=pace.elapsed_s())
            console.print(line, highlight=False, soft_wrap=True)
    return 0 if tally.is_whole else 1


def summary(tally: Tally, *, elapsed_s: float) -> str:
    """One line of what became of the events."""
    stored = tally.sent_count - tally.rejected_count
    rate = tally.sent_count / max(elapsed_s, 0.001)
    parts = [
        f"{stored:,} of {tally.total_count:,} events stored in {elapsed_s:.1f} s",
        f"{rate:,.0f} events/s",
        f"{tally.rejected_count + tally.refused_count:,} rejected",
        f"{tally.missing_count:,} not sent",
        f"{tally.retries_count:,} retries",
    ]
    if tally.refused_count:
        parts.append(tally.problem)
    return ", ".join(parts)
