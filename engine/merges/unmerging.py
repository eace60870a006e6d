"""An identity is split off again: the survivor's side of it, and the identity's.

    UnmergeRequested ──▶ freeze, and a mark into the log of every identity, the own one too
    each mark, back  ──▶ what stands before it in its log is for the replay, what follows is held
    all marks back   ──▶ ready: whoever can read the logs replays them apart
    Unmerged         ──▶ the survivor takes its row; the identity is Restored; the held events
                         are decided, or given back to whom they came to

Nothing waits for the answer longer than the freeze does: at a bound the customer goes on as they
were, and the unmerge is given up. Why marks: docs/decisions/0024.
"""

from typing import Final

import msgspec

from engine import claims, ids, keys, registering
from engine.definitions import pasts
from engine.definitions.folded import Definitions
from engine.emissions import Emission
from engine.events import Event
from engine.links import OWNED, SPLIT, UNDER_WAY, Held, Link, Unmerge
from engine.mergers import (
    LogMarked,
    MergeRefused,
    MergeRequested,
    Moved,
    ReleaseRequested,
    Restored,
    Unlinked,
    Unmerged,
    UnmergeRequested,
)
from engine.merges import freezing, linking, moving, releasing, telling, writing
from engine.rows import Row

_OF_MERGES: Final = MergeRequested | ReleaseRequested | Moved | MergeRefused | Unlinked
_decode: Final = msgspec.json.Decoder(Event).decode


def request(
    row: Row, event: UnmergeRequested, definitions: Definitions, *, now: int
) -> list[Emission]:
    """Freeze, and mark the logs; what cannot be is refused, and the row says why."""
    known = row.unmerge
    if known is not None and known.state in UNDER_WAY:
        row.unmerge = msgspec.structs.replace(known, turned_away=event.id)
        return []
    reason = refusal(row, event.identity)
    if not reason and pasts.warming(definitions):
        reason = "warming"
    if not reason and not freezing.begin(row, [event.id], now=now):
        reason = "too_large"
    identities = () if reason else marked_identities(row)
    row.unmerge = Unmerge(
        id=event.id,
        identity=event.identity,
        state="refused" if reason else "waiting",
        at=now,
        reason=reason,
        waiting_for=identities,
    )
    if reason:
        return []
    return [_mark(event.id, identity, now=now) for identity in identities]


def refusal(row: Row, identity: str) -> str:
    """Why an identity cannot be split off; empty: it can."""
    link = row.links.get(identity)
    if link is None or link.state == "lost":
        return "not_merged"
    if link.state == "refused":
        return "already_unmerged" if link.merge_id == SPLIT else "not_merged"
    if link.state == "linked":
        return "only_linked"
    if link.state == "asked" or row.freeze is not None:
        return "merge_under_way"
    return ""


def marked_identities(row: Row) -> tuple[str, ...]:
    """The row keys whose logs hold what this person did from some time on up to now."""
    states = {*OWNED, "linked"}
    others = (key for key, link in row.links.items() if link.state in states)
    return (writing.own_key(row), *others)


def mark(row: Row, event: LogMarked) -> list[Emission]:
    """A mark is back: from here on its identity's events come after the replay."""
    unmerge = row.unmerge
    if unmerge is None or unmerge.id != event.unmerge_id or unmerge.state != "waiting":
        return []
    goes_along = unmerge.identity in event.via
    left = tuple(key for key in unmerge.waiting_for if key != event.identity)
    row.unmerge = msgspec.structs.replace(
        unmerge,
        state="waiting" if left else "ready",
        waiting_for=left,
        along=(*unmerge.along, event.identity) if goes_along else unmerge.along,
    )
    return []


def interrupted(row: Row, event: Event, definitions: Definitions) -> list[Emission]:
    """Give an unmerge up where another merge begins or ends: its replay would be without it."""
    if row.unmerge is None or row.unmerge.state not in UNDER_WAY:
        return []
    if not (isinstance(event, _OF_MERGES) or linking.shown(row, event)):
        return []
    return freezing.thaw(row, definitions, because="interrupted")


def separate(row: Row, event: Unmerged, definitions: Definitions, *, now: int) -> list[Emission]:
    """Take the own row, give the identity its own, and go on; once, and only while frozen for it.

    Raises:
        RejectedError: an effect of a held event is too large.
    """
    unmerge, freeze = row.unmerge, row.freeze
    is_awaited = unmerge is not None and unmerge.id == event.unmerge_id
    if unmerge is None or freeze is None or not is_awaited or unmerge.state != "ready":
        return []
    if not pasts.is_known_by(definitions, offset=event.definitions):
        return freezing.thaw(row, definitions, because="warming")
    state = moving.decoded(event.survivor)
    row.customer, row.freeze, row.merges_count = state.customer, None, state.merges_count
    row.timers = {name: timer for name, timer in row.timers.items() if claims.claim_of(name)}
    moving.rearm(row, state.timers)
    row.unmerge = msgspec.structs.replace(unmerge, state="done")
    for identity in unmerge.along:
        linking.remember(row, identity, Link("refused", SPLIT, now))
    # The replay has not heard what was said of its addresses: they are asked anew.
    found = [
        *registering.forgotten(row, event.id),
        _restored(row, unmerge, event, now=now),
        *_facts(row, unmerge, now=now),
        *telling.changes(freeze.base, row.customer, event, definitions, now=now),
    ]
    for one in freeze.held:
        found += _after(row, one, definitions)
    return found


def restore(row: Row, event: Restored, *, now: int) -> list[Emission]:
    """Be a customer again; a device that has changed hands meanwhile brings its past along."""
    own = writing.own_key(row)
    if not row.forward:
        return []
    if releasing.is_user(row.forward) and row.forward != event.survivor:
        moved = Moved(
            id=writing.event_id("moved", event.unmerge_id),
            occurred_at=now,
            merge_id=event.unmerge_id,
            origin=own,
            state=event.state,
        )
        releasing.flush_later(row, now=now)
        return [writing.to(row.forward, moved)]
    state = moving.decoded(event.state)
    row.customer, row.forward, row.timers = state.customer, "", {}
    row.seen, row.links, row.merges_count = dict(state.seen), dict(state.links), state.merges_count
    moving.rearm(row, state.timers)
    releasing.flush_later(row, now=now)
    return []


def _mark(unmerge_id: str, identity: str, *, now: int) -> Emission:
    event = LogMarked(
        id=mark_id(unmerge_id, identity),
        occurred_at=now,
        unmerge_id=unmerge_id,
        identity=identity,
    )
    return writing.to(identity, event)


def mark_id(unmerge_id: str, identity: str) -> str:
    """The id of the mark in an identity's log."""
    return ids.derived("mark", unmerge_id, identity)


def _restored(row: Row, unmerge: Unmerge, event: Unmerged, *, now: int) -> Emission:
    restored = Restored(
        id=writing.event_id("restored", unmerge.id),
        occurred_at=now,
        unmerge_id=unmerge.id,
        survivor=writing.own_key(row),
        state=event.identity,
    )
    return writing.to(unmerge.identity, restored)


def _facts(row: Row, unmerge: Unmerge, *, now: int) -> list[Emission]:
    """One for each identity that goes: `after` is whom it belongs to from now on."""
    owner = keys.public_id(unmerge.identity)
    return [
        writing.fact(row, "unmerged", identity, merge_id=unmerge.id, now=now, after=owner)
        for identity in unmerge.along
    ]


def _after(row: Row, one: Held, definitions: Definitions) -> list[Emission]:
    """What follows its log's mark: decided, or given back."""
    if one.is_before_mark:
        return []
    if linking.is_split(row, one.origin):
        return [writing.forwarded(one.origin, _decode(one.value), origin=one.origin)]
    return freezing.decided(row, one, definitions)
