"""`oncue simulate`: what the campaigns of a folder would decide over a file, without any server.

The decisions are NDJSON, one a line, in the order of time; everything else goes to the other
stream, so that the first can be piped.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Final, assert_never

import msgspec

from engine import facts, replay
from engine.errors import RejectedError
from engine.facts import Fact, FactKind
from engine.intake import messages, times
from engine.intake.arrivals import Origin
from engine.messages import Message
from engine.reasons import Reason
from engine.replay import Decision, Occurrence, Refused
from oncue import definitions
from oncue.definitions import InvalidFolderError
from oncue.formats import instants, reading
from oncue.formats.entries import Entry
from oncue.formats.errors import FileError, WrongFormatError
from oncue.formats.notices import Notices

SOURCE: Final = "simulate"


class SimulationLine(msgspec.Struct, frozen=True, kw_only=True):
    """One decision as clients read it."""

    at: str
    customer: str
    kind: FactKind
    campaign: str
    trigger: str
    reason: Reason | None


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line asks for."""

    file: Path
    format_name: str
    definitions: Path
    until: str | None = None
    """An instant; the last event's when absent."""
    out: Path | None = None
    """Standard output when absent."""


def run(request: Request, *, told: IO[str] = sys.stderr) -> int:
    """Carry the command out; the exit code says whether the simulation ran to its end."""
    notices = Notices(told)
    try:
        _write(_lines(_decisions(request, notices), notices), request.out)
    except InvalidFolderError as error:
        for flaw in error.flaws:
            notices.tell(flaw)
        return 1
    except RejectedError as error:
        notices.tell(f"{error.path}: {error}")
        return 1
    except FileError as error:
        notices.tell(str(error))
        return 1
    except BrokenPipeError:
        _close_standard_output()
    except OSError as error:
        notices.tell(f"cannot write {request.out or 'the decisions'}: {error.strerror}")
        return 1
    notices.close()
    return 0


def _decisions(request: Request, notices: Notices) -> Iterator[Decision]:
    """Check everything that was asked for, then decide lazily."""
    until = None if request.until is None else times.instant(request.until, path="--until")
    read_as = reading.known(request.format_name)
    folder = definitions.load(request.definitions, at=0)
    for warning in folder.warnings:
        notices.tell(warning)
    found = reading.survey(request.file, read_as, report=notices.malformed)
    if not found.events_count and found.malformed_count:
        raise WrongFormatError(f"no line of {request.file} is {request.format_name}")
    entries = reading.in_order(request.file, read_as, found)
    return replay.replay(_occurrences(entries, notices), folder.definitions, until=until)


def _write(lines: Iterator[SimulationLine], out: Path | None) -> None:
    if out is None:
        _write_to(sys.stdout.buffer, lines)
        return
    with out.open("wb") as file:
        _write_to(file, lines)


def _write_to(file: IO[bytes], lines: Iterator[SimulationLine]) -> None:
    for line in lines:
        file.write(msgspec.json.encode(line) + b"\n")
    file.flush()


def _close_standard_output() -> None:
    """The reader has seen enough (`| head`): let the exit find nothing left to flush."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _occurrences(entries: Iterable[Entry], notices: Notices) -> Iterator[Occurrence]:
    """Pass each event through the checks of the collector; what it refuses is told and left out."""
    for entry in entries:
        origin = Origin(source=SOURCE, received_at=entry.occurred_at, seed="")
        try:
            arrival = messages.arrive(entry.message, origin=origin)
        except RejectedError as error:
            notices.refused(entry, error)
            continue
        yield Occurrence(arrival.key, arrival.event, entry.occurred_at)


def _lines(decisions: Iterable[Decision], notices: Notices) -> Iterator[SimulationLine]:
    for decision in decisions:
        match decision:
            case Fact(kind=kind):
                if not facts.is_decision(kind):
                    continue
                yield SimulationLine(
                    at=instants.rfc3339(decision.at),
                    customer=decision.customer,
                    kind=kind,
                    campaign=decision.campaign,
                    trigger=decision.trigger,
                    reason=decision.reason,
                )
            case Message():
                # Its `sent` is a fact beside it.
                pass
            case Refused():
                notices.tell(f"{decision.event_id}: {decision.error.code}: {decision.error}")
            case _:
                assert_never(decision)
