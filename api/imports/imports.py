"""What is known of the imports of this process."""

from collections import OrderedDict
from typing import Final, Literal, TypeAlias

import msgspec

from engine.intake.files.items import Format

State: TypeAlias = Literal["running", "done", "failed"]

KEPT_MAX: Final = 100
"""Imports remembered; a few KB each."""

SHOWN_MAX: Final = 100
"""Refusals shown with an import; all of them are in its report."""


class RefusedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row that did not reach the log."""

    line: int
    code: str
    message: str
    path: str
    """The field or column; empty where it is the whole row."""


class Import(msgspec.Struct, kw_only=True):
    """One file; changes in place while it is read."""

    id: str
    kind: str
    format: Format
    file: str
    started_at: int
    stated_at: int | None = None
    """Epoch ms from when on rows go that do not say it: the file's. None: as they come."""
    region: str | None = None
    """Of phone numbers written without a country."""
    state: State = "running"
    ended_at: int | None = None
    bytes_count: int = 0
    """Taken so far, as they came: packed where the file is."""
    rows_count: int = 0
    """Objects of the file, refused ones included."""
    accepted_count: int = 0
    refused_count: int = 0
    refused: list[RefusedRow] = []
    """The first `SHOWN_MAX`."""
    code: str = ""
    problem: str = ""
    """Why it failed; what was accepted before stays, and running it again is harmless."""


class Imports:
    """The last ones, newest last."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Import] = OrderedDict()

    def add(self, begun: Import) -> None:
        """Remember an import; one of the same id is forgotten."""
        self._known.pop(begun.id, None)
        self._known[begun.id] = begun
        ended = [known.id for known in self._known.values() if known.state != "running"]
        for id_ in ended[: max(len(self._known) - KEPT_MAX, 0)]:
            del self._known[id_]

    def get(self, id_: str) -> Import | None:
        """Find one."""
        return self._known.get(id_)

    def newest(self) -> list[Import]:
        """All that are remembered, newest first."""
        return list(reversed(self._known.values()))

    def running_count(self) -> int:
        """How many are being read now."""
        return sum(known.state == "running" for known in self._known.values())
