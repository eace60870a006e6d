"""What was refused: the value of a `dead-letters` record."""

import msgspec


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The refused payload, where it was refused and why; enough to repair and send it again."""

    id: str
    """Hash of the place and of where the payload stood: the same refusal twice is one."""

    place: str
    """`collector`, the name of a door, `worker`, `delivery`, `sink`."""
    code: str
    message: str
    path: str = ""
    """`batch[3].userId`."""
    payload: bytes
    """As it came, at most 32 KiB of it; base64 in JSON."""
    source: str = ""
    """The write key's name, or `topic/partition/offset`."""
    at: int
