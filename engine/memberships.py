"""What a row remembers of the segments that are live: who is in, and when to look again."""

from typing import Final

import msgspec

TIMER: Final = "segments"
"""Id of the row's one timer for all of them."""

NEVER_JUDGED: Final = -1


class Member(msgspec.Struct, frozen=True, array_like=True):
    """Inside since when, epoch ms, and by which version of the definition."""

    since: int
    version: int


class Memberships(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of at most 100 segments and 100 triggers.

    25 KB where every id is of 64 characters and each holds and turns by time; as a rule 10 to 20
    bytes and the id for each.
    """

    judged_at: int = NEVER_JUDGED
    """Everything is as the definitions up to this offset want it."""
    inside: dict[str, Member] = {}
    flips: dict[str, int] = {}
    """When time alone turns a verdict round, or it must be looked at again; epoch ms."""
    next_at: int | None = None
    """The earliest of them."""
    is_stale: bool = False
    """Two customers became one: everything is to be looked at."""
    cell: str = ""
    """The last known RFM cell, `5-4-3`, while a trigger asks for changes; empty: none."""
    fired: dict[str, int] = {}
    """When triggers fired that may not do so at each crossing."""


def joined(survivor: Memberships, other: Memberships) -> Memberships:
    """Of two identities of one person: the survivor's, to be looked at anew."""
    if survivor.judged_at == other.judged_at == NEVER_JUDGED:
        return survivor
    fired = dict(survivor.fired)
    for name, at in other.fired.items():
        fired[name] = max(at, fired.get(name, at))
    return msgspec.structs.replace(survivor, is_stale=True, fired=fired)


def segments(known: Memberships) -> list[str]:
    """The live segments the customer is in, by id; the watches of triggers are no segments."""
    return sorted(name for name in known.inside if not name.startswith("\n"))
