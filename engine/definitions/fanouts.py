"""Commands to many customers, as far as they got: what is told, to whom, and up to which customer.

A definition like the others, written by whoever appends the commands: another process goes on
where one ended, and what is told twice is known by the row.
"""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from engine.errors import Flaw
from engine.rules.nodes import Rule

DONE_MAX: Final = 100
"""Remembered when they are over; the ones that ended longest ago leave."""

BACKFILL: Final = "backfill:"
"""Before the offset, in the id of a backfill."""

PAYLOAD_MAX_BYTES: Final = 2_048
"""As much as a run remembers of what began it."""


class Call(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event that somebody calls out (T47)."""

    name: str
    key: str
    """Of idempotency."""
    payload: dict[str, object] = {}


class Fanout(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """One of them: the activation of a campaign's version, a call, or a backfill."""

    id: str
    campaign: str = ""
    version: int = 0
    call: Call | None = None
    rule: Rule | None = None
    """Whom it is for; None is everybody."""
    seam: int = -1
    """Offset of the change whose definitions are backfilled by it; -1: it is something else."""
    replayed_count: int = 0
    """Of a backfill: records of the log that are counted, of `records_count`."""
    records_count: int = 0
    state: Literal["running", "done"] = "running"
    after: str = ""
    """Public id of the last customer who was told; of a backfill the row key."""
    told_count: int = 0
    begun_at: int
    """Epoch ms."""
    by: str = ""
    """The process that is at it."""


class FanoutEntry(msgspec.Struct, frozen=True, kw_only=True):
    """How far it is."""

    revision: int
    fanout: Fanout
    at: int
    """Epoch ms of the last word; a process that says none for long is gone."""


def activation_id(campaign: str) -> str:
    """Of the activation of a campaign; the next version's takes its place."""
    return f"campaign:{campaign}"


def backfill_id(seam: int) -> str:
    """Of the backfill of what one change of the definitions has counted."""
    return f"{BACKFILL}{seam}"


def with_entry(entries: Mapping[str, FanoutEntry], entry: FanoutEntry) -> dict[str, FanoutEntry]:
    """With the newest word of one, the newest last."""
    others = {name: known for name, known in entries.items() if name != entry.fanout.id}
    found = {**others, entry.fanout.id: entry}
    over = [
        name
        for name, known in found.items()
        if known.fanout.state == "done" and not known.fanout.campaign
    ]
    gone = set(over[:-DONE_MAX])
    return {name: known for name, known in found.items() if name not in gone}


def flaws(fanout: Fanout) -> list[Flaw]:
    """Everything wrong that the types alone do not say."""
    kinds = (fanout.call is not None, bool(fanout.campaign), fanout.seam >= 0)
    if sum(kinds) == 1:
        return []
    return [Flaw(path="campaign", message="an activation, a call or a backfill: one of them")]
