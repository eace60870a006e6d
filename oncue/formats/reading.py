"""A file of events in the order of time, whatever its format.

Two passes: the first counts, finds the ends and whether the lines are in order already; the second
hands the events out. Only a file out of order is held in memory, about 1 KB an event, to be sorted.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from oncue.formats import entries, lines, rees46, segment, taobao
from oncue.formats.entries import Entry, Malformed
from oncue.formats.errors import MalformedLineError, UnknownFormatError, WrongFormatError
from oncue.formats.lines import Line
from oncue.formats.parsing import Format, Parser

FORMATS: Final[Mapping[str, Format]] = {
    "rees46": rees46.start,
    "taobao": taobao.start,
    "segment": segment.start,
}


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """What the first pass found."""

    events_count: int = 0
    malformed_count: int = 0
    first_at: int = 0
    last_at: int = 0
    is_in_order: bool = True


def known(name: str) -> Format:
    """The format of that name.

    Raises:
        UnknownFormatError: with the names there are.
    """
    if name not in FORMATS:
        raise UnknownFormatError(name, FORMATS)
    return FORMATS[name]


def survey(
    path: Path, read_as: Format, *, report: Callable[[Malformed], None] = lambda _: None
) -> Survey:
    """Make the first pass, reporting each line that will be passed over.

    Raises:
        FileError: nothing can be read from it.
    """
    events_count = malformed_count = first_at = last_at = previous_at = 0
    is_in_order = True
    for entry in read(path, read_as):
        if isinstance(entry, Malformed):
            malformed_count += 1
            report(entry)
            continue
        at = entry.occurred_at
        is_in_order = is_in_order and (not events_count or at >= previous_at)
        first_at = min(first_at, at) if events_count else at
        last_at = max(last_at, at) if events_count else at
        previous_at = at
        events_count += 1
    return Survey(
        events_count=events_count,
        malformed_count=malformed_count,
        first_at=first_at,
        last_at=last_at,
        is_in_order=is_in_order,
    )


def in_order(path: Path, read_as: Format, found: Survey) -> Iterator[Entry]:
    """Yield the events by time; those of the same instant keep the file's order.

    Raises:
        FileError: nothing can be read from it.
    """
    events = (entry for entry in read(path, read_as) if isinstance(entry, Entry))
    if found.is_in_order:
        return events
    return iter(sorted(events, key=lambda entry: entry.occurred_at))


def read(path: Path, read_as: Format) -> Iterator[Entry | Malformed]:
    """Yield each line as it stands, except blank ones and the header.

    Raises:
        FileError: nothing can be read from it.
    """
    source = entries.source_name(path.name)
    parser: Parser | None = None
    for line in lines.read(path):
        text = _text(line)
        if isinstance(text, Malformed):
            yield text
        elif text and parser is None:
            parser, has_header = _started(path, read_as, text)
            if not has_header:
                yield _parsed(parser, text, line=line.number, source=source)
        elif text and parser is not None:
            yield _parsed(parser, text, line=line.number, source=source)


def _text(line: Line) -> str | Malformed:
    if not line.is_whole:
        return Malformed(line=line.number, reason=f"longer than {lines.LONGEST_BYTES} bytes")
    try:
        return line.content.decode().strip()
    except UnicodeDecodeError as error:
        return Malformed(line=line.number, reason=f"not UTF-8: {error.reason}")


def _started(path: Path, read_as: Format, text: str) -> tuple[Parser, bool]:
    try:
        return read_as(text)
    except (WrongFormatError, MalformedLineError) as error:
        raise WrongFormatError(f"{path}: {error}") from error


def _parsed(parser: Parser, text: str, *, line: int, source: str) -> Entry | Malformed:
    try:
        return parser(text, line=line, message_id=f"{source}:{line}")
    except MalformedLineError as error:
        return Malformed(line=line, reason=str(error))
