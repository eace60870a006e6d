"""Records of kind merge, between the rows of two identities: `engine.merges` says who answers."""

from typing import Literal, TypeAlias

from engine.baseevent import BaseEvent

MergeReason: TypeAlias = Literal[
    "two_users",
    "other_users",
    "too_many",
    "too_large",
    "erased",
    "already_merged",
    "turned_round",
    "split",
]
"""Why two identities were not merged: `docs/glossary.md` says each in words."""


class MergeRequested(
    BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="merge_requested"
):
    """The weaker of two identities was told of the other: the stronger one is to ask for it."""

    merge_id: str
    weaker: str
    """Row key."""


class ReleaseRequested(
    BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="release_requested"
):
    """The stronger identity asks the weaker one for everything it knows."""

    merge_id: str
    survivor: str
    """Row key of who asks."""
    merges_count: int = 0
    """Merges the survivor went through: with the other's they stay within the limit."""
    is_guess: bool = False
    """The id may belong to nobody: then there is nothing to answer."""


class Moved(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="moved"):
    """The weaker identity's answer: its state. From here on it is a forward."""

    merge_id: str
    origin: str
    """Row key of whose state it is."""
    state: bytes
    """`engine.merges.moving.State` in msgpack, as a row is stored; base64 in JSON."""


class MergeRefused(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="merge_refused"):
    """The weaker identity's answer: no, and why."""

    merge_id: str
    origin: str
    reason: MergeReason


class Unlinked(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="unlinked"):
    """The device is another user's from now on; what it did before stays where it is."""

    origin: str
    """Row key of the device."""


class UnmergeRequested(
    BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="unmerge_requested"
):
    """An operator says that an identity is another person's; `id` is the unmerge's."""

    identity: str
    """Row key."""


class LogMarked(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="log_marked"):
    """Stands in the log of each identity of a person: what comes before it is replayed."""

    unmerge_id: str
    identity: str
    """Row key of whose log it stands in."""
    via: tuple[str, ...] = ()
    """Row keys of the forwards that passed it on."""


class Unmerged(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="unmerged"):
    """The two people, replayed apart up to the marks: `engine.merges.moving.State` of each."""

    unmerge_id: str
    survivor: bytes
    identity: bytes
    definitions: int = -1
    """Offset of the definitions up to which both have counted what is filled in."""


class Restored(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="restored"):
    """The identity that was split off is a customer again, with this state."""

    unmerge_id: str
    survivor: str
    """Row key of whom it was split off from."""
    state: bytes


UnmergeEvent: TypeAlias = UnmergeRequested | LogMarked | Unmerged | Restored

MergeEvent: TypeAlias = (
    MergeRequested | ReleaseRequested | Moved | MergeRefused | Unlinked | UnmergeEvent
)
