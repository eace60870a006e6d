"""What a row remembers of the customer's other identities: stored with it."""

from collections.abc import Collection, Mapping
from typing import Final, Literal, TypeAlias

import msgspec

from engine import keys
from engine.customer import Customer

LinkState: TypeAlias = Literal["asked", "merged", "claimed", "linked", "refused", "lost"]
"""`claimed`: merged, and nothing was known there: an address that a user was the first to show.
`linked`: a device that another user had before; only what it does from now on is ours.
`lost`: a device that is another user's by now."""


OWNED: Final[frozenset[LinkState]] = frozenset({"merged", "claimed"})


class Link(msgspec.Struct, frozen=True, array_like=True):
    """Another identity of the customer; about 60 bytes with its key."""

    state: LinkState
    merge_id: str
    at: int
    """Log time of the last change, epoch ms."""


def merged(links: Mapping[str, Link]) -> list[str]:
    """Public ids that something was known under, and that answer with who has these links."""
    return _in_state(links, {"merged", "linked"})


def owned(links: Mapping[str, Link]) -> list[str]:
    """Public ids whose whole past is that of who has these links."""
    return _in_state(links, OWNED)


def _in_state(links: Mapping[str, Link], states: Collection[LinkState]) -> list[str]:
    return sorted(keys.public_id(key) for key, link in links.items() if link.state in states)


class Held(msgspec.Struct, frozen=True, array_like=True):
    """An event that waits for the answer."""

    kind: str
    value: bytes
    """JSON, as in the log."""
    now: int
    """What `step` is to be told: as if the answer had been there before."""
    origin: str = ""
    """Row key of the identity it came to, where a forward passed it on."""
    is_before_mark: bool = False
    """While an identity is split off: it stands before the mark in the log it came to."""


UnmergeState: TypeAlias = Literal["waiting", "ready", "done", "given_up", "refused"]
"""`waiting`: for the marks; `ready`: for the two rows; the others are ends."""

UNDER_WAY: Final[frozenset[UnmergeState]] = frozenset({"waiting", "ready"})

SPLIT: Final = "split"
"""Stands for the merge id in a link that keeps two people apart."""


class Unmerge(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The last unmerge that was asked of the row; about 200 bytes, more while it is under way."""

    id: str
    identity: str
    """Row key of who is to be split off."""
    state: UnmergeState
    at: int
    """Log time when it was asked for, epoch ms."""
    reason: str = ""
    """Why it was refused or given up."""
    waiting_for: tuple[str, ...] = ()
    """Row keys in whose logs the mark was not met yet."""
    along: tuple[str, ...] = ()
    """Row keys of who came by way of the identity, itself among them: they go with it."""
    turned_away: str = ""
    """Id of the last one that was asked for in the meantime."""


def is_split(links: Mapping[str, Link], key: str) -> bool:
    """Whether an operator said that these are two people."""
    known = links.get(key)
    return known is not None and known.state == "refused" and known.merge_id == SPLIT


class Freeze(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The row waits for identities that it asked for.

    The row's customer shows what is known already; `base` is without the held events, so that they
    are decided anew, in their order, once the answers are in.
    """

    base: Customer
    waiting_for: tuple[str, ...] = ()
    """Merge ids."""
    held: tuple[Held, ...] = ()

    @property
    def held_bytes(self) -> int:
        """Of the held events."""
        return sum(len(one.value) for one in self.held)
