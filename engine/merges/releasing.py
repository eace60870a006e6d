"""The weaker identity's side: it gives itself up once, or says why not, and is a forward then.

A forward keeps its offsets, causes and outbox, and passes on whatever comes for it, under the
original ids. It leads to a stronger identity, so a chain of forwards has an end.
"""

from typing import Final

import msgspec

from engine import keys
from engine.customer import Customer
from engine.emissions import Emission
from engine.events import Event
from engine.mergers import LogMarked, MergeReason, ReleaseRequested, Unlinked
from engine.merges import linking, moving, writing
from engine.merges.moving import FLUSH_TIMER
from engine.rows import Row, Timer

FLUSH_MS: Final = 60_000

_decode: Final = msgspec.json.Decoder(Event).decode


def release(row: Row, event: ReleaseRequested, *, history_days: int, now: int) -> list[Emission]:
    """Answer with everything, or with the reason why not."""
    reason = _refusal(row, event)
    if reason is not None:
        return [writing.refused(event.survivor, row, event.merge_id, reason=reason, now=now)]
    moved = moving.packed(row, event, history_days=history_days, now=now)
    if moved is None:
        return [writing.refused(event.survivor, row, event.merge_id, reason="too_large", now=now)]
    held = () if row.freeze is None else row.freeze.held
    own = writing.own_key(row)
    passed_on = [
        writing.forwarded(event.survivor, _decode(one.value), origin=one.origin or own)
        for one in held
    ]
    _become_forward(row, event.survivor)
    flush_later(row, now=now)
    return [writing.to(event.survivor, moved), *passed_on]


def pass_on(row: Row, event: Event, *, now: int, origin: str = "") -> list[Emission]:
    """Answer for a forward: most things are for who it leads to.

    Args:
        origin: Row key of the identity it came to, where that was another one.
    """
    own = writing.own_key(row)
    if isinstance(event, LogMarked):
        event = msgspec.structs.replace(event, via=(*event.via, own))
    if not isinstance(event, ReleaseRequested):
        emissions = [writing.forwarded(row.forward, event, origin=origin or own)]
    elif event.survivor == row.forward:
        emissions = [_refused(row, event, "already_merged", now=now)]
    elif is_user(row.forward) and is_user(event.survivor):
        emissions = _other_user(row, event, now=now)
    else:
        emissions = [writing.forwarded(row.forward, event, origin=origin or own)]
    flush_later(row, now=now)
    return emissions


def flush_later(row: Row, *, now: int) -> None:
    """A forward has few visitors: its outbox would stay in it for good."""
    row.generation += 1
    row.timers[FLUSH_TIMER] = Timer(now + FLUSH_MS, row.generation)


def is_user(key: str) -> bool:
    """Whether it is a user id: two of them never merge."""
    return key.startswith("u:")


def _other_user(row: Row, event: ReleaseRequested, *, now: int) -> list[Emission]:
    """A device changes hands, its past does not; an address or a card stays with who had it."""
    refused = _refused(row, event, "other_users", now=now)
    own = writing.own_key(row)
    if not own.startswith("a:"):
        return [refused]
    before, row.forward = row.forward, event.survivor
    unlinked = Unlinked(
        id=writing.event_id("unlinked", event.merge_id), occurred_at=now, origin=own
    )
    return [refused, writing.to(before, unlinked)]


def _refused(row: Row, event: ReleaseRequested, reason: MergeReason, *, now: int) -> Emission:
    return writing.refused(event.survivor, row, event.merge_id, reason=reason, now=now)


def _refusal(row: Row, event: ReleaseRequested) -> MergeReason | None:
    own = writing.own_key(row)
    if own == event.survivor:
        return "already_merged"
    if is_user(own):
        return "two_users" if is_user(event.survivor) else "turned_round"
    if keys.strength(own) < keys.strength(event.survivor):
        return "turned_round"
    if linking.is_split(row, event.survivor):
        return "split"
    if row.merges_count + event.merges_count >= linking.MERGES_MAX:
        return "too_many"
    return None


def _become_forward(row: Row, survivor: str) -> None:
    row.customer = Customer(id=row.customer.id)
    row.forward, row.freeze = survivor, None
    row.timers, row.seen, row.links, row.claims = {}, {}, {}, {}
    row.merges_count = 0
