"""The stores a customer bought in, by number of receipts."""

import hashlib
from typing import Final

import msgspec

KEY_BYTES: Final = 4
"""Two of a customer's 100 stores collide once in a million customers."""


class Store(msgspec.Struct, frozen=True, array_like=True):
    """About 40 bytes."""

    id: str
    name: str = ""
    named_at: int = 0
    """Source time of the name: the last one stands."""
    folded_count: int = 0
    """Receipts among the sums that no longer change."""

    @property
    def key(self) -> bytes:
        """What an entry keeps of it."""
        return key_of(self.id)

    def joined(self, other: "Store") -> "Store":
        """The same store with its newer name; of two at one time the greater."""
        name, named_at = max((self.name, self.named_at), (other.name, other.named_at), key=_order)
        return msgspec.structs.replace(self, name=name, named_at=named_at)

    def folding(self) -> "Store":
        """With one receipt more that no longer changes."""
        return msgspec.structs.replace(self, folded_count=self.folded_count + 1)


class Visited(msgspec.Struct, frozen=True, kw_only=True):
    """A store and how often it was bought in."""

    id: str
    name: str | None
    receipts_count: int
    last_at: int | None


def key_of(store_id: str) -> bytes:
    """Hash a store's id."""
    return hashlib.blake2b(store_id.encode(), digest_size=KEY_BYTES).digest()


def _order(said: tuple[str, int]) -> tuple[bool, int, str]:
    name, named_at = said
    return bool(name), named_at, name
