"""What stays of a customer who was erased."""

import msgspec


class Erasure(msgspec.Struct, frozen=True, array_like=True):
    """Enough to keep the customer away; about 100 bytes."""

    id: str
    """Of the command, the last one if there were several."""
    at: int
    """Log time, epoch ms."""
    identities: tuple[str, ...]
    """Public ids under which something was stored, this one among them."""
