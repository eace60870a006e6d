"""Waiting for the answer: events are shown at once, and decided once it is in.

    asked ──▶ base = the customer as it was ──▶ each event: shown, and held
                                                      │ answers in, or a bound is reached
                                                      ▼
              customer = base merged with what moved ──▶ the held events, decided in their order

So an order that follows an identify closes the cart that the visitor filled, whichever record is
met first, and no timer fires on half a customer.
"""

from typing import Final

import msgspec

from engine import emissions, ids, keys, rows
from engine.customer import Customer
from engine.deadletters import DeadLetter
from engine.definitions.folded import Definitions
from engine.emissions import Emission
from engine.errors import RejectedError
from engine.events import KINDS, Event, TimerFired
from engine.links import UNDER_WAY, Freeze, Held
from engine.mergers import Moved
from engine.merges import fitting
from engine.merges.moving import FREEZE_TIMER
from engine.rows import Ignored, Row, Timer
from engine.step import step

HELD_MAX: Final = 64
HELD_MAX_BYTES: Final = 64 * 1024
WAIT_MS: Final = 30_000
"""Then the customer goes on without the answer; it is taken in whenever it comes."""

PLACE: Final = "worker"

_decode: Final = msgspec.json.Decoder(Event).decode


def begin(row: Row, merge_ids: list[str], *, now: int) -> bool:
    """Wait for these, too; the bound is counted from the first.

    Returns:
        Whether it waits: a row that has no room for the customer twice goes on without.
    """
    if not merge_ids or (row.freeze is None and not fitting.fits_twice(row, HELD_MAX_BYTES)):
        return False
    if row.freeze is None:
        row.freeze = Freeze(base=row.customer)
        row.generation += 1
        row.timers[FREEZE_TIMER] = Timer(now + WAIT_MS, row.generation)
    waiting = (*row.freeze.waiting_for, *merge_ids)
    row.freeze = msgspec.structs.replace(row.freeze, waiting_for=waiting)
    return True


def hold(
    row: Row, event: Event, definitions: Definitions, *, now: int, origin: str = ""
) -> list[Emission] | Ignored:
    """Show what the event changes, and keep it; at a bound, go on without the answer.

    Args:
        origin: Row key of the identity it came to, where a forward passed it on.

    Raises:
        RejectedError: an effect of it would be too large.
    """
    assert row.freeze is not None
    held = row.freeze.held
    came_to = origin or keys.from_public_id(row.customer.id)
    is_before = row.unmerge is not None and came_to in row.unmerge.waiting_for
    one = Held(KINDS[type(event)], msgspec.json.encode(event), now, origin, is_before)
    if isinstance(event, TimerFired) and any(_is_same(event, other) for other in held):
        return "timer"
    row.customer = step(row.customer, event, definitions, now).customer
    row.freeze = msgspec.structs.replace(row.freeze, held=(*held, one))
    if len(row.freeze.held) < HELD_MAX and row.freeze.held_bytes < HELD_MAX_BYTES:
        return []
    return thaw(row, definitions, because="busy")


def begun(row: Row, event: Moved) -> Moved:
    """The answer, dated before the events that are decided after it: they build upon it."""
    held = () if row.freeze is None else row.freeze.held
    at = min((_decode(one.value).occurred_at for one in held), default=event.occurred_at)
    return msgspec.structs.replace(event, occurred_at=min(at, event.occurred_at))


def answered(row: Row, merge_id: str, definitions: Definitions) -> list[Emission]:
    """One answer less to wait for; the last one lets the customer go on."""
    if row.freeze is None:
        return []
    left = tuple(one for one in row.freeze.waiting_for if one != merge_id)
    row.freeze = msgspec.structs.replace(row.freeze, waiting_for=left)
    if not left:
        return thaw(row, definitions)
    row.customer = _shown(row.freeze, definitions)
    return []


def thaw(row: Row, definitions: Definitions, *, because: str = "timed_out") -> list[Emission]:
    """Decide the held events, each as of its own time.

    Args:
        because: Why an unmerge that is under way is given up by this.
    """
    if row.freeze is None:
        return []
    if row.unmerge is not None and row.unmerge.state in UNDER_WAY:
        row.unmerge = msgspec.structs.replace(
            row.unmerge, state="given_up", reason=because, waiting_for=(), along=()
        )
    held, row.customer, row.freeze = row.freeze.held, row.freeze.base, None
    row.timers.pop(FREEZE_TIMER, None)
    found: list[Emission] = []
    for one in held:
        found += decided(row, one, definitions)
    return found


def decided(row: Row, one: Held, definitions: Definitions) -> list[Emission]:
    """What cannot be decided on the merged customer is a dead letter; the others go on."""
    event = _decode(one.value)
    if isinstance(event, TimerFired) and not _is_set(row, event):
        return []
    try:
        return rows.decide(row, event, definitions, now=one.now)
    except (RejectedError, ArithmeticError) as error:
        letter = DeadLetter(
            id=ids.derived(PLACE, row.customer.id, event.id),
            place=PLACE,
            code=error.code if isinstance(error, RejectedError) else "not_computable",
            message=str(error),
            payload=one.value,
            source=row.customer.id,
            at=one.now,
        )
        return [emissions.emission("dead-letters", letter)]


def _shown(freeze: Freeze, definitions: Definitions) -> Customer:
    customer = freeze.base
    for one in freeze.held:
        customer = step(customer, _decode(one.value), definitions, one.now).customer
    return customer


def _is_set(row: Row, event: TimerFired) -> bool:
    timer = row.timers.get(event.timer_id)
    return timer is not None and timer.generation == event.generation


def _is_same(event: TimerFired, held: Held) -> bool:
    if held.kind != KINDS[TimerFired]:
        return False
    other = _decode(held.value)
    return (
        isinstance(other, TimerFired)
        and other.timer_id == event.timer_id
        and other.generation == event.generation
    )
