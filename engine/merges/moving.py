"""What goes from one row to the other: the state, with timers and seen ids.

Offsets, causes and the outbox stay: they are about the log the row has read, and go on there.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from engine import claiming, memberships, merging, rows
from engine.claiming import Waiting
from engine.customer import Customer
from engine.emissions import EFFECT_MAX_BYTES, Emission
from engine.links import OWNED, Link
from engine.mergers import Moved, ReleaseRequested
from engine.merges import writing
from engine.rows import SEEN_MAX, Row, Timer

DAY_MS: Final = 24 * 60 * 60 * 1000

FREEZE_TIMER: Final = "merge"
"""Ends the waiting."""

FLUSH_TIMER: Final = "outbox"
"""Has a forward written once more, without the outbox that is delivered by then."""


class State(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A row on its way into another."""

    customer: Customer
    now_at: int = 0
    timers: dict[str, int] = {}
    """Due times; generations are the receiver's."""
    seen: dict[bytes, int] = {}
    links: dict[str, Link] = {}
    merges_count: int = 0
    claims: dict[str, Waiting] = {}
    """The answers come to the weaker identity, which passes them on."""


_decode: Final = msgspec.msgpack.Decoder(State).decode


def packed(row: Row, asked: ReleaseRequested, *, history_days: int, now: int) -> Moved | None:
    """Put the row's state into a record; None when it is too large for one.

    An anonymous visitor's past that ended longer ago than `history_days` stays out.
    """
    customer = row.customer if row.freeze is None else row.freeze.base
    own = writing.own_key(row)
    is_stale = (
        own.startswith("a:")
        and customer.last_seen_at is not None
        and customer.last_seen_at < now - history_days * DAY_MS
    )
    held = {rows.hashed(_id_of(one.value)) for one in (row.freeze.held if row.freeze else ())}
    state = State(
        customer=Customer(id=customer.id) if is_stale else customer,
        now_at=now,
        timers={} if is_stale else due_times(row),
        seen={key: at for key, at in row.seen.items() if key not in held},
        links=row.links,
        merges_count=row.merges_count,
        claims={} if is_stale else row.claims,
    )
    moved = Moved(
        id=writing.event_id("moved", asked.merge_id),
        occurred_at=now,
        merge_id=asked.merge_id,
        origin=own,
        state=msgspec.msgpack.encode(state),
    )
    return moved if len(msgspec.json.encode(moved)) <= EFFECT_MAX_BYTES else None


def join(row: Row, event: Moved, state: State, *, now: int) -> list[Emission]:
    """Take the state in: the customer (or what the freeze began with), timers, ids, links."""
    if row.freeze is None:
        row.customer = merging.merged(row.customer, state.customer)
    else:
        base = merging.merged(row.freeze.base, state.customer)
        row.freeze = msgspec.structs.replace(row.freeze, base=base)
    row.merges_count += state.merges_count + 1
    rearm(row, state.timers)
    after = row.customer if row.freeze is None else row.freeze.base
    if after.segments.is_stale:
        rows.reset_timer(row, memberships.TIMER, now)
    _take_claims(row, state, now=now)
    _take_seen(row, state, now=now)
    return _adopted(row, event, state, now=now)


def opened(event: Moved) -> State:
    """Read what came over."""
    return _decode(event.state)


def decoded(state: bytes) -> State:
    """Read a state by itself."""
    return _decode(state)


def rearm(row: Row, timers: Mapping[str, int]) -> None:
    """Set timers by due time, with generations of the row."""
    for timer_id, due_at in timers.items():
        _rearm(row, timer_id, due_at)


def is_blank(state: State) -> bool:
    """Whether nothing was known there."""
    return state.customer == Customer(id=state.customer.id) and not state.links


def _id_of(value: bytes) -> str:
    return str(msgspec.json.decode(value)["id"])


def due_times(row: Row) -> dict[str, int]:
    """When each timer of the customer is due; those of the row's own upkeep are none."""
    return {
        timer_id: timer.due_at
        for timer_id, timer in row.timers.items()
        if timer_id not in {FREEZE_TIMER, FLUSH_TIMER}
    }


def _rearm(row: Row, timer_id: str, due_at: int) -> None:
    """The later of two waits for the same goes: news of either identity prolonged it."""
    known = row.timers.get(timer_id)
    if known is None or known.due_at < due_at:
        row.generation += 1
        row.timers[timer_id] = Timer(due_at, row.generation)


def _take_claims(row: Row, state: State, *, now: int) -> None:
    """Their numbers are the other row's: ours go on above them."""
    for claim_id, waiting in state.claims.items():
        row.generation = max(row.generation, waiting.number)
        row.claims.setdefault(claim_id, waiting)
    rows.end_waits(row, now, at_most=claiming.CLAIMS_MAX)


def _take_seen(row: Row, state: State, *, now: int) -> None:
    both = {**state.seen, **row.seen}
    newest = sorted(both.items(), key=lambda item: item[1])[-SEEN_MAX:]
    row.seen = dict(newest)
    rows.forget(row, now)


def _adopted(row: Row, event: Moved, state: State, *, now: int) -> list[Emission]:
    """The identities of the other are this customer's, too: one fact for each.

    What the other had only asked for is asked for anew when it shows again, or answers: taken for
    asked by us, nobody would ask.
    """
    own = writing.own_key(row)
    facts = [writing.fact(row, "merged", event.origin, merge_id=event.merge_id, now=now)]
    for identity, link in state.links.items():
        if identity == own or identity in row.links or link.state == "asked":
            continue
        row.links[identity] = msgspec.structs.replace(link, at=now)
        if link.state in OWNED:
            facts.append(writing.fact(row, "merged", identity, merge_id=event.merge_id, now=now))
    return facts
