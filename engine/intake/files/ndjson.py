"""One JSON object a line."""

from collections.abc import Iterator

from engine.intake.files.items import Item, Refused
from engine.intake.files.lines import LINE_MAX_BYTES, Line, Lines


class Objects:
    """A `Reader` of NDJSON; whether a line is an object is seen by who decodes it."""

    def __init__(self) -> None:
        self._lines = Lines()

    def feed(self, chunk: bytes) -> Iterator[Item | Refused]:
        """Yield what is complete now; errors as `Reader.feed`."""
        for line in self._lines.feed(chunk):
            yield from _of(line)

    def finish(self) -> Iterator[Item | Refused]:
        """Yield what the end completes; errors as `Reader.feed`."""
        for line in self._lines.finish():
            yield from _of(line)


def _of(line: Line) -> Iterator[Item | Refused]:
    if not line.is_whole:
        yield too_long(line)
    elif not line.content.isspace() and line.content:
        yield Item(line=line.number, payload=line.content)


def too_long(line: Line) -> Refused:
    """What becomes of a line nobody reads."""
    return Refused(
        line=line.number, code="line_too_long", message=f"more than {LINE_MAX_BYTES} bytes"
    )
