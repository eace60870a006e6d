"""What a partition is given, and what it hands over to be carried out."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from agents.worker.recovery import ChangelogRecord
from engine.emissions import Emission, OutboxEntry
from engine.errors import RejectedError
from engine.events import Switched
from engine.rows import Ignored


class LogRecord(NamedTuple):
    """A record of the log as its owner reads it."""

    key: bytes | None
    value: bytes | None
    kind: bytes
    cause: bytes | None
    offset: int
    logged_at: int
    origin: bytes = b""


class WithOutbox(Protocol):
    """What the rows of all tables have in common."""

    outbox: list[OutboxEntry]


class Refusal(NamedTuple):
    """A record that goes to the dead letters."""

    record: LogRecord
    error: RejectedError


class Emitted(NamedTuple):
    """An effect, whose it is, and the record it follows from."""

    key: bytes
    offset: int
    emission: Emission
    n: int = 0
    """Its place among those of the record: part of its cause."""


class Batch(NamedTuple):
    """What follows from the first `consumed` records."""

    consumed: int
    rows: list[ChangelogRecord]
    effects: list[Emitted]
    refusals: list[Refusal]
    ignored: list[Ignored]
    switch: Switched | None
    """The batch ends with this record: the definitions it names are needed to go on."""


def emitted_by(record: LogRecord, emissions: Sequence[Emission]) -> list[Emitted]:
    """The effects that follow from a record."""
    assert record.key is not None
    return [Emitted(record.key, record.offset, emission, n) for n, emission in enumerate(emissions)]


def again(record: LogRecord, row: WithOutbox) -> list[Emitted]:
    """What a replayed record emitted when it was applied, unless that is known to be delivered."""
    assert record.key is not None
    return [
        emitted
        for entry in row.outbox
        if entry.offset == record.offset
        for emitted in emitted_by(record, entry.emissions)
    ]


def size(result: Sequence[Emission] | Ignored) -> int:
    """Bytes of what was emitted."""
    if not result or isinstance(result, str):
        return 0
    return sum(len(emission.value) for emission in result)
