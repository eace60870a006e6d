"""What comes of a message that was accepted, and what must be known beside the message."""

from collections.abc import Mapping

import msgspec

from engine.events import Event, Kind, Listed


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """Ready for `events`."""

    key: str
    """Row key: whose log it belongs to."""
    kind: Kind
    event: Event


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """Ready for `catalogue`."""

    key: str
    """What is listed: `product/ID`, `category/ID`."""
    kind: Kind
    event: Listed


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a request came from: the same for each of its messages."""

    source: str
    """Name of the write key or of the door."""
    is_trusted: bool = False
    """Came with a secret key, or through a door that only the shop itself can reach."""
    received_at: int
    seed: str
    """Hash of write key and body, or a position in Kafka: with the message's place in the
    request it makes the id of a message that has none."""
    stated_at: int | None = None
    """Epoch ms from when on an object goes that does not say it: a file's. None: as received."""
    sent_at: object = None
    """`sentAt` of the batch as it came; a message's own goes first."""
    context: Mapping[str, object] = {}
    """Of the batch; a message's own fields go first."""
    region: str | None = None
    """Of phone numbers written without a country: two letters, where the company is."""
