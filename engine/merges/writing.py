"""Records of kind merge, and the facts about merges, as emissions of a row."""

import msgspec

from engine import emissions, ids, keys
from engine.baseevent import BaseEvent
from engine.emissions import Emission
from engine.events import KINDS
from engine.facts import ChangeKind, Fact
from engine.mergers import MergeEvent, MergeReason, MergeRefused
from engine.rows import Row


def own_key(row: Row) -> str:
    """The row's own identity."""
    return keys.from_public_id(row.customer.id)


def event_id(record: str, merge_id: str) -> str:
    """The id of one of a merge's records: each is written once for a merge."""
    return ids.derived(record, merge_id)


def to(key: str, event: MergeEvent) -> Emission:
    """A record for another identity's row."""
    return Emission("events", msgspec.json.encode(event), key=key, kind=KINDS[type(event)])


def passed_to(key: str, event: BaseEvent) -> Emission:
    """A record for another identity's row that is about more than a merge."""
    return Emission("events", msgspec.json.encode(event), key=key, kind=KINDS[type(event)])


def forwarded(key: str, event: BaseEvent, *, origin: str) -> Emission:
    """What came to the identity `origin`, passed on under its own id."""
    value = msgspec.json.encode(event)
    kind = KINDS[type(event)]
    return Emission("events", value, key=key, kind=kind, is_forwarded=True, origin=origin)


def refused(key: str, row: Row, merge_id: str, *, reason: MergeReason, now: int) -> Emission:
    """The answer no."""
    event = MergeRefused(
        id=event_id("refused", merge_id),
        occurred_at=now,
        merge_id=merge_id,
        origin=own_key(row),
        reason=reason,
    )
    return to(key, event)


def fact(
    row: Row, kind: ChangeKind, identity: str, *, merge_id: str, now: int, after: str = ""
) -> Emission:
    """What became of an identity of the customer: `name` is its public id."""
    name = keys.public_id(identity)
    return emissions.emission(
        "facts",
        Fact(
            id=ids.derived(kind, row.customer.id, merge_id, name),
            customer=row.customer.id,
            kind=kind,
            at=now,
            name=name,
            after=after or row.customer.id,
            cause=merge_id,
        ),
    )
