"""What must have come of a log of events: one owner that never crashed, over the whole of it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from agents.worker.batches import LogRecord
from agents.worker.owned import Owned
from agents.worker.owner import CUSTOMERS, Table
from agents.worker.recovery import Recovery
from engine.catalogue.shelf import Shelf
from engine.definitions.folded import Definitions
from engine.definitions.history import History
from streams import wire
from tables.rows import Switch

FAR_FUTURE = 2**62
"""The clock of a replay: nothing in the log is ahead of it."""


class Replayed(NamedTuple):
    """The owner at the end, and the effects by topic."""

    partition: Owned[Any, Any]
    effects: dict[str, set[bytes]]


def replay(
    records: Sequence[LogRecord],
    history: History,
    shelf: Shelf | None = None,
    *,
    table: Table[Any] = CUSTOMERS,
) -> Replayed:
    """Fold one partition's log from its beginning."""
    partition: Owned[Any, Any] = table.own(epoch=0, restored=Recovery())
    effects: dict[str, set[bytes]] = {
        topic: set() for topic in ("messages", "facts", "events", "shared", "dead-letters")
    }
    while records:
        batch = partition.fold(records, now=FAR_FUTURE)
        for emitted in batch.effects:
            effects[emitted.emission.topic].add(emitted.emission.value)
        last = records[batch.consumed - 1]
        if batch.switch is not None:
            switched = wire.decode_switch(last.value)
            wanted = Switch(switched.definitions_offset, switched.catalogue_offset)
            partition.switch(folded(history, shelf or Shelf(), wanted), offset=last.offset)
        records = records[batch.consumed :]
    return Replayed(partition, effects)


def folded(history: History, shelf: Shelf, switch: Switch) -> Definitions:
    """What an owner decides under after a switch."""
    definitions = history.at(switch.definitions)
    return msgspec.structs.replace(definitions, catalogue=shelf.at(switch.catalogue))


def ids(values: set[bytes]) -> set[str]:
    """The ids of messages or facts."""
    return {str(msgspec.json.decode(value)["id"]) for value in values}
