"""What all events have in common."""

import msgspec


class BaseEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """What every event carries."""

    id: str
    """Chosen by the producer, or a hash of the request; the same id twice is the same event."""

    occurred_at: int
    """Epoch ms UTC, by the source's clock: may be late or ahead of ours."""

    name: str = ""
    """As the source called it, but in Segment's words where it has any: `Product Viewed`."""

    source: str = ""
    """Name of the write key or door it came through."""
