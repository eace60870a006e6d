"""The way into a counter's row: a record of `shared`, in the order of its log.

    record of `shared` ──▶ not above its cause? ──yes──▶ ignored
                              │ no
                              ▼
          Claimed ──▶ has the place already, or one is free? ──▶ ClaimGranted, else ClaimRefused
          Released ─▶ one place more
          a word on an address ─▶ `engine.shared.standings`
          CampaignFailed ─▶ `engine.shared.campaigns`

No clock and no timers: a window's places become free when the next claim looks, by its log time.
"""

import msgspec

from engine import ids
from engine.claims import (
    ClaimAnswer,
    Claimed,
    ClaimGranted,
    ClaimRefused,
    CounterRewriteRequested,
    Released,
    SharedEvent,
)
from engine.emissions import Emission
from engine.events import KINDS
from engine.faults import CampaignFailed
from engine.rows import Cause, Ignored, hashed
from engine.shared import addresses, campaigns, counters, standings
from engine.shared.counters import CounterRow, Grant
from engine.shared.standings import AddressState


class SharedArrival(msgspec.Struct, frozen=True, kw_only=True):
    """A record as the log gives it to a counter."""

    counter: str
    event: SharedEvent
    logged_at: int
    cause: Cause | None = None


def advance(row: CounterRow, arrival: SharedArrival) -> list[Emission] | Ignored:
    """Apply one arrival to the row, in place.

    Returns:
        The answers to be emitted, or why the arrival changed nothing.
    """
    cause = arrival.cause
    if cause is not None and (cause.offset, cause.n) <= row.causes.get(cause.source, (-1, -1)):
        return "cause"
    now = row.now_at = max(arrival.logged_at, row.now_at)
    if cause is not None:
        row.causes[cause.source] = (cause.offset, cause.n)
    match arrival.event:
        case Claimed() as event:
            answer = _answer(row, arrival.counter, event, now=now)
            return [_sent(event.customer, answer), *campaigns.guard(row, event, answer, now=now)]
        case Released() as event:
            _give_back(row, event, now=now)
            return []
        case CounterRewriteRequested():
            return []
        case CampaignFailed() as event:
            return campaigns.fail(row, event, now=now)
        case _:
            row.address, found = standings.advance(
                row.address or AddressState(), arrival.counter, arrival.event, now=now
            )
            return found


def _give_back(row: CounterRow, event: Released, *, now: int) -> None:
    if addresses.is_kept(row, event):
        addresses.settle(row, event)
    else:
        grant = Grant(event.grant, event.granted_at)
        counters.give_back(row, hashed(event.claim_id), grant, now=now)


def _answer(row: CounterRow, counter: str, event: Claimed, *, now: int) -> ClaimAnswer:
    if event.capped is not None:
        return addresses.answer(row, counter, event, event.capped, now=now)
    row.window_ms = event.window_ms
    counters.expire(row, now)
    name = hashed(event.claim_id)
    grant = row.held.get(name)
    if grant is None:
        grant = counters.grant(row, event.number, limit=event.limit, is_numbered=event.is_numbered)
        if grant is not None:
            counters.hold(row, name, grant)
    answer_id = ids.derived("claim", event.customer, event.claim_id, event.number)
    if grant is None:
        return ClaimRefused(
            id=answer_id,
            occurred_at=now,
            claim_id=event.claim_id,
            counter=counter,
            number=event.number,
            free_at=counters.free_at(row, event.limit),
        )
    return ClaimGranted(
        id=answer_id,
        occurred_at=now,
        claim_id=event.claim_id,
        counter=counter,
        number=event.number,
        grant=grant.number,
        granted_at=grant.at,
        place=grant.place if event.is_numbered else None,
        left_count=max(0, event.limit - row.taken_count) if event.is_numbered else None,
    )


def _sent(customer: str, answer: ClaimAnswer) -> Emission:
    return Emission("events", msgspec.json.encode(answer), key=customer, kind=KINDS[type(answer)])
