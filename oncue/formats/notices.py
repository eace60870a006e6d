"""Lines that were passed over, told to a person: the first ones one by one, the rest as a count."""

from typing import IO, Final

from engine.errors import RejectedError
from oncue.formats.entries import Entry, Malformed

SHOWN_MAX: Final = 20
"""A file of another kind has nothing but malformed lines."""


class Notices:
    """What a command says beside its output."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._passed_over_count = 0

    def tell(self, text: str) -> None:
        """Say one line."""
        self._out.write(f"{text}\n")

    def malformed(self, malformed: Malformed) -> None:
        """A line the format's reader refused."""
        self._pass_over(malformed.line, malformed.reason)

    def refused(self, entry: Entry, error: RejectedError) -> None:
        """A line whose event a collector would refuse."""
        place = f"{error.path}: " if error.path else ""
        self._pass_over(entry.line, f"{place}{error}")

    def close(self) -> None:
        """Say how many lines were passed over, if any."""
        if self._passed_over_count:
            self.tell(f"{self._passed_over_count} lines passed over")

    def _pass_over(self, line: int, reason: str) -> None:
        self._passed_over_count += 1
        if self._passed_over_count <= SHOWN_MAX:
            self.tell(f"line {line}: {reason}")
        elif self._passed_over_count == SHOWN_MAX + 1:
            self.tell("...")
