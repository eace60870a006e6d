"""What a row remembers of the customer's other identities: stored with it."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

import msgspec

from engine import keys
from engine.customer import Customer

LinkState: TypeAlias = Literal["asked", "merged", "linked", "refused", "lost"]
"""`linked`: a device that another user had before; only what it does from now on is ours.
`lost`: a device that is another user's by now."""


class Link(msgspec.Struct, frozen=True, array_like=True):
    """Another identity of the customer; about 60 bytes with its key."""

    state: LinkState
    merge_id: str
    at: int
    """Log time of the last change, epoch ms."""


def merged(links: Mapping[str, Link]) -> list[str]:
    """Public ids that answer with the customer who has these links."""
    return sorted(
        keys.public_id(key) for key, link in links.items() if link.state in {"merged", "linked"}
    )


class Held(msgspec.Struct, frozen=True, array_like=True):
    """An event that waits for the answer."""

    kind: str
    value: bytes
    """JSON, as in the log."""
    now: int
    """What `step` is to be told: as if the answer had been there before."""


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
