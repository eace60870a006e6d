"""What the tests and the application they start agree on."""

from typing import Final

import msgspec

MARKER: Final = b"\x00owner"
"""Key of the record that an owner appends to its changelog partition."""


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How a worker takes its chunks."""

    max_batch: int = 2000
    pause_s: float = 0.0
    """After each chunk."""
    hang_at: int | None = None
    """The chunk with this offset never ends."""
    fail_at: int | None = None
    """The chunk with this offset raises."""


class Arguments(msgspec.Struct, frozen=True, kw_only=True):
    """Of one worker."""

    brokers: str
    group: str
    source: str
    changelog: str
    effects: str
    partitions: int
    owner: str
    session_timeout_s: float = 6.0
    pace: Pace


class Row(msgspec.Struct, array_like=True, kw_only=True):
    """Of one key; of two, the one with the higher epoch counts, then the higher offset."""

    epoch: int = -1
    offset: int = -1
    count: int = 0

    @property
    def rank(self) -> tuple[int, int]:
        """Higher wins, whichever was written last: a zombie writes late."""
        return (self.epoch, self.offset)


def take(rows: dict[bytes, Row], key: bytes | None, value: bytes | None) -> None:
    """Fold one record of the changelog."""
    if key is None or value is None or key == MARKER:
        return
    row = msgspec.msgpack.decode(value, type=Row)
    if row.rank > rows.get(key, Row()).rank:
        rows[key] = row
