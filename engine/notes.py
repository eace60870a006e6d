"""What triggers remember of a customer between two events: counts, last times, firings that wait.

A trigger's note stands under the id of its timer, so it outlives the versions of its campaign.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

NOTES_MAX: Final = 100
"""About 40 bytes each and 9 for each time: 22 KB at most, texts not counted. The ones that were
written longest ago leave."""

TIMES_MAX: Final = 20
"""Of one note."""

TEXTS_MAX: Final = 10
"""Notes that hold a text, at most 2 KB each; of an older one the text leaves."""


class Note(msgspec.Struct, frozen=True, array_like=True):
    """What one trigger remembers."""

    at: int
    """Log time of the last word, epoch ms."""
    times: tuple[int, ...] = ()
    """Epoch ms, the last `TIMES_MAX`; what they are of, the machine knows."""
    text: str = ""


def kept(notes: Mapping[str, Note], name: str, note: Note) -> dict[str, Note]:
    """With this note; one that says nothing is left out."""
    others = {other: known for other, known in notes.items() if other != name}
    return bounded({**others, name: note}) if note.times or note.text else others


def merged(one: Mapping[str, Note], other: Mapping[str, Note]) -> dict[str, Note]:
    """Those of two identities: the times of both, and the later text."""
    found = dict(one)
    for name, note in other.items():
        known = found.get(name, note)
        newer = max(known, note, key=lambda each: (each.at, each.text))
        times = tuple(sorted({*known.times, *note.times}))[-TIMES_MAX:]
        found[name] = Note(newer.at, times, newer.text)
    return bounded(found)


def bounded(notes: Mapping[str, Note]) -> dict[str, Note]:
    """Within what a row may hold of them."""
    newest = dict(sorted(notes.items(), key=lambda entry: (entry[1].at, entry[0]))[-NOTES_MAX:])
    told = [name for name, note in newest.items() if note.text]
    for name in told[:-TEXTS_MAX]:
        newest[name] = Note(newest[name].at, newest[name].times)
    return newest
