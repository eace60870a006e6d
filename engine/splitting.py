"""Two people who were taken for one: what each of them would be, had nothing shown them to be one.

Every event is stored under the identity it came by, whatever was merged later. So a split is a
replay of both histories apart. Nothing is decided anew: what was sent was sent.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec

from engine import keys, people, rows
from engine.definitions.folded import Definitions
from engine.events import Event
from engine.links import Link
from engine.replay import Occurrence
from engine.rows import Arrival, Row

REASON: Final = "split"
"""Stands for the merge id in the link that keeps the two apart."""

_decode: Final = msgspec.json.Decoder(Event).decode


class Split(NamedTuple):
    """The rows after a split."""

    identity: Row
    """Of the identity that was split off, by its own events alone."""
    others: dict[str, Row]
    """The others by row key, merged as they were; who came by way of the identity only is alone."""


def apart(happened: Iterable[Occurrence], identity: str, definitions: Definitions) -> Split:
    """Replay the events of a person's identities, in the order of the log, with one of them apart.

    Args:
        happened: Each event once, under the row key it came by first; records between rows, and
            copies that a forward passed on, are not among them.
        identity: Row key of who is split off.

    Raises:
        RejectedError: an event that a worker would refuse; leave it out.
    """
    split = Split(rows.blank(identity), {})
    for occurrence in happened:
        arrival = Arrival(event=occurrence.event, logged_at=occurrence.at)
        if occurrence.key == identity:
            rows.advance(split.identity, arrival, definitions)
        else:
            _advance(split, occurrence.key, arrival, definitions)
    return split


def _advance(split: Split, key: str, arrival: Arrival, definitions: Definitions) -> None:
    """Apply it, and at once what follows from it for the others."""
    if key not in split.others:
        split.others[key] = rows.blank(key)
        own = keys.from_public_id(split.identity.customer.id)
        split.others[key].links[own] = Link("refused", REASON, 0)
    found = people.advance(split.others[key], arrival, definitions)
    if isinstance(found, str):
        return
    for emission in found:
        if emission.topic == "events":
            event = _decode(emission.value)
            follows = Arrival(event=event, logged_at=arrival.logged_at)
            _advance(split, emission.key, follows, definitions)
