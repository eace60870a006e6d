"""A record on its way to Kafka, and one that came back."""

from collections.abc import Mapping
from typing import Final

import msgspec

KIND_HEADER: Final = "kind"
"""What an `events` record is: see `engine.events.Kind`."""

CAUSE_HEADER: Final = "cause"
"""`topic/partition/offset/n` of what made us append this record; absent on client events."""

FORWARDED_HEADER: Final = "forwarded"
"""Row key of the identity an event came to, on the copy that a forward passed on: the original is
in the log, for whoever stores events."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """To be appended; without a partition, murmur2 of the key chooses it."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    partition: int | None = None
    timestamp_at: int | None = None
    """Epoch ms; the producer's clock when absent."""


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """As the log holds it."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Mapping[str, bytes]
    logged_at: int
    """CreateTime, epoch ms, stamped by our writer at the append."""


class Position(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One place in the log."""

    topic: str
    partition: int
    offset: int
