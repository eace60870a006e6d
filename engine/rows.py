"""A customer's row: the customer, and what makes each event count exactly once.

    record of `events` ──▶ not above its cause? seen its id? a stale timer? ──yes──▶ ignored
                                            │ no
                                            ▼
                          step(customer, event, definitions, now) ──▶ timers, emissions

The way in is `engine.people.advance`, which also knows of the person's other identities.

The row is the working copy: it changes in place, and only after `step` and every check passed.
What is stored of it and in which order is the owner's business (`agents.worker.partition`).
"""

import functools
import hashlib
from typing import Final, Literal, NamedTuple, TypeAlias, assert_never, get_args

import msgspec

from engine import claiming, claims, emissions, faults, keys
from engine.addresses import AddressType
from engine.claiming import Waiting
from engine.claims import ClaimAnswer
from engine.commands import Backfilled, Reassessed
from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.effects import (
    AbandonClaim,
    CancelTimer,
    ClaimShared,
    Effect,
    RecordFact,
    ReleaseShared,
    ReportAddress,
    ReportCampaign,
    ScheduleTimer,
    SendMessage,
    StartCampaign,
)
from engine.emissions import Emission, OutboxEntry
from engine.erasures import Erasure
from engine.events import (
    ErasureRequested,
    Event,
    RecheckRequested,
    RewriteRequested,
    TimerFired,
)
from engine.links import Freeze, Link, Unmerge
from engine.mergers import MergeEvent
from engine.step import step
from engine.suppressions import SuppressionChanged

ROW_MAX_BYTES: Final = 256 * 1024
"""A record above Kafka's 1 MB kills the writer; a quarter of it is far from any real customer."""

SEEN_MIN: Final = 64
"""Ids of client events always remembered; 15 bytes each."""

SEEN_FOR_MS: Final = 15 * 60 * 1000
"""Trackers retry within minutes: Segment's give up after ten tries with back-off."""

SEEN_MAX: Final = 2_500
"""A batch of the largest size sent twice is recognised whole; about 37 KB."""


class Timer(msgspec.Struct, frozen=True, array_like=True):
    """Set to fire at `due_at`; the generation tells it from the one it replaced."""

    due_at: int
    generation: int


class Cause(NamedTuple):
    """What made us append a record: its place in a source partition, and the how-manieth of it."""

    source: str
    """`topic/partition`."""
    offset: int
    n: int


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """An event as the log gives it to a row."""

    event: Event
    logged_at: int
    cause: Cause | None = None
    origin: str = ""
    """Row key of the identity it came to, where a forward passed it on."""


Ignored: TypeAlias = Literal["cause", "duplicate", "timer", "nobody", "erased"]

OWN_EVENTS: Final = frozenset(
    {
        TimerFired,
        RecheckRequested,
        RewriteRequested,
        Reassessed,
        Backfilled,
        ErasureRequested,
        SuppressionChanged,
    }
    | {*get_args(MergeEvent), *get_args(ClaimAnswer)}
)
"""Appended by us, with ids of our making: what makes them count once is not their id."""


class Row(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Everything stored of one customer."""

    customer: Customer
    now_at: int = 0
    generation: int = 0
    timers: dict[str, Timer] = {}
    causes: dict[str, tuple[int, int]] = {}
    seen: dict[bytes, int] = {}
    outbox: list[OutboxEntry] = []
    erasure: Erasure | None = None
    """The row is a stub: `engine.erasing`."""
    forward: str = ""
    """Row key of the stronger identity this one was merged into; then nothing else is kept here."""
    links: dict[str, Link] = {}
    """Other identities of the customer, by row key."""
    merges_count: int = 0
    freeze: Freeze | None = None
    claims: dict[str, Waiting] = {}
    """Claims on `shared` that are not answered yet, by claim id: `engine.claiming`."""
    unmerge: Unmerge | None = None
    registered: dict[AddressType, str] = {}
    """The addresses whose rows were told that this customer has them: `engine.registering`."""

    @property
    def next_due_at(self) -> int | None:
        """When the first timer is due."""
        if not self.timers:
            return None
        return min(timer.due_at for timer in self.timers.values())


def blank(key: str) -> Row:
    """The row of whoever was never seen."""
    return Row(customer=Customer(id=keys.public_id(key)))


def copied(row: Row) -> Row:
    """A row that can be advanced without the other; shares what is never changed in place."""
    return msgspec.structs.replace(
        row,
        timers=dict(row.timers),
        causes=dict(row.causes),
        seen=dict(row.seen),
        outbox=list(row.outbox),
        links=dict(row.links),
        claims=dict(row.claims),
    )


def become(row: Row, other: Row) -> None:
    """Take the other's state, whoever holds the row."""
    for name in Row.__struct_fields__:
        setattr(row, name, getattr(other, name))


def advance(row: Row, arrival: Arrival, definitions: Definitions) -> list[Emission] | Ignored:
    """Apply one arrival to the row, in place.

    Returns:
        What is to be emitted, or why the arrival changed nothing; of a duplicate the cause stays
        known, since a door may replay it when its id is long forgotten.

    Raises:
        RejectedError: an effect is too large; the row is as it was.
    """
    reason = ignored(row, arrival)
    if reason is not None:
        return reason
    now = max(arrival.logged_at, row.now_at)
    found = decide(row, arrival.event, definitions, now=now)
    remember(row, arrival, now)
    return found


def decide(row: Row, event: Event, definitions: Definitions, *, now: int) -> list[Emission]:
    """Step, set the timers and make the claims; errors as `advance`."""
    is_own = not is_from_client(event)
    if is_own and isinstance(event, ClaimAnswer) and _is_moot(row, event):
        return claiming.given_back(_key(row), event, now=now)
    decision = step(row.customer, event, definitions, now)
    found = list(emissions.of(decision.customer, decision.effects))
    row.customer = decision.customer
    if is_own:
        _forget_wait(row, event)
    for effect in decision.effects:
        found += _carried_out(row, effect, now=now)
    return found


def _is_moot(row: Row, answer: ClaimAnswer) -> bool:
    return claiming.outcome(row.claims, answer) != "taken"


def is_from_client(event: Event) -> bool:
    """Its id was chosen outside, so the same id may come twice."""
    return type(event) not in OWN_EVENTS


def ignored(row: Row, arrival: Arrival) -> Ignored | None:
    """Tell why an arrival changes nothing; of a duplicate the cause stays known from here on."""
    reason = _reason(row, arrival)
    if reason == "duplicate":
        _remember_cause(row, arrival)
    return reason


def _reason(row: Row, arrival: Arrival) -> Ignored | None:
    cause, event = arrival.cause, arrival.event
    if cause is not None and (cause.offset, cause.n) <= row.causes.get(cause.source, (-1, -1)):
        return "cause"
    if isinstance(event, TimerFired):
        timer = row.timers.get(event.timer_id)
        is_due = timer is not None and timer.due_at <= max(arrival.logged_at, row.now_at)
        is_current = timer is not None and timer.generation == event.generation
        return None if is_due and is_current else "timer"
    if isinstance(event, Reassessed | Backfilled) and row.now_at == 0:
        return "nobody"
    if is_from_client(event) and hashed(event.id) in row.seen:
        return "duplicate"
    return None


@functools.lru_cache(maxsize=1)
def hashed(event_id: str) -> bytes:
    """64 bits of a client event's id: two of one customer's 2,500 collide once in 10^12 rows.

    The last one is kept: it is asked for to see whether the id is known, and to remember it.
    """
    return hashlib.blake2b(event_id.encode(), digest_size=8).digest()


def remember(row: Row, arrival: Arrival, now: int) -> None:
    """Note that it was applied, so that it counts once."""
    row.now_at = now
    _remember_cause(row, arrival)
    if is_from_client(arrival.event):
        row.seen[hashed(arrival.event.id)] = now
        forget(row, now)


def forget(row: Row, now: int) -> None:
    """Drop the ids that no retry can bring back any more."""
    while len(row.seen) > SEEN_MIN:
        oldest, at = next(iter(row.seen.items()))
        if at > now - SEEN_FOR_MS and len(row.seen) <= SEEN_MAX:
            break
        del row.seen[oldest]


def _remember_cause(row: Row, arrival: Arrival) -> None:
    if arrival.cause is not None:
        row.causes[arrival.cause.source] = (arrival.cause.offset, arrival.cause.n)


def _forget_wait(row: Row, event: Event) -> None:
    """What came is waited for no longer."""
    if isinstance(event, TimerFired):
        row.timers.pop(event.timer_id, None)
        row.claims.pop(claims.claim_of(event.timer_id), None)
    elif isinstance(event, ClaimAnswer):
        _abandon(row, event.claim_id)


def _carried_out(row: Row, effect: Effect, *, now: int) -> list[Emission]:
    """Set timers and claims; return what goes to counters."""
    match effect:
        case ScheduleTimer(timer_id=timer_id, due_at=due_at):
            known = row.timers.get(timer_id)
            if effect.is_latest and known is not None:
                due_at = max(due_at, known.due_at)
            _set_timer(row, timer_id, due_at)
        case CancelTimer(timer_id=timer_id):
            row.timers.pop(timer_id, None)
        case ClaimShared():
            return [_claim(row, effect, now=now)]
        case ReleaseShared():
            _abandon(row, effect.claim_id)
            return [claiming.released(_key(row), effect, now=now)]
        case AbandonClaim(claim_id=claim_id):
            _abandon(row, claim_id)
        case ReportAddress(counter=counter, report=report):
            return [Emission("shared", msgspec.json.encode(report), key=counter)]
        case ReportCampaign(report=report):
            key = faults.counter(report.campaign)
            return [Emission("shared", msgspec.json.encode(report), key=key)]
        case SendMessage() | RecordFact() | StartCampaign():
            pass
        case _:
            assert_never(effect)
    return []


def _set_timer(row: Row, timer_id: str, due_at: int) -> None:
    known = row.timers.get(timer_id)
    if known is None or known.due_at != due_at:
        reset_timer(row, timer_id, due_at)


def reset_timer(row: Row, timer_id: str, due_at: int) -> None:
    """Set it anew, also where it stands at that time already."""
    row.generation += 1
    row.timers[timer_id] = Timer(due_at, row.generation)


def _claim(row: Row, effect: ClaimShared, *, now: int) -> Emission:
    """Wait for the answer, under a timer."""
    _abandon(row, effect.claim_id)
    end_waits(row, now, at_most=claiming.CLAIMS_MAX - 1)
    reset_timer(row, claims.TIMER + effect.claim_id, now + effect.timeout_ms)
    number = row.generation
    row.claims[effect.claim_id] = Waiting(effect.counter, number)
    return claiming.claimed(_key(row), effect, number=number, now=now)


def end_waits(row: Row, now: int, *, at_most: int) -> None:
    """Keep the bound: the oldest waits end as if their time were up."""
    while len(row.claims) > at_most:
        oldest = next(iter(row.claims))
        del row.claims[oldest]
        reset_timer(row, claims.TIMER + oldest, now)


def _abandon(row: Row, claim_id: str) -> None:
    if row.claims.pop(claim_id, None) is not None:
        row.timers.pop(claims.TIMER + claim_id, None)


def _key(row: Row) -> str:
    return keys.from_public_id(row.customer.id)
