"""Erased means erased: a stub stays of the row, and nothing brings the customer back.

    row ──ErasureRequested──▶ stub: the id, since when, an outbox until it is delivered
    stub ──a release────────▶ refused
    stub ──moved────────────▶ dropped: what was on its way is erased, too
    stub ──anything else────▶ ignored
    forward ────────────────▶ passes the request on to the survivor

The stub has to stay: without it a late event would begin a new row under the old id. Asked again,
it says `erased` again, so that what was put back (a backup of ClickHouse) is deleted once more.
"""

from typing import Final

from engine import emissions, ids, links, people
from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.emissions import Emission
from engine.erasures import Erasure
from engine.events import ErasureRequested, TimerFired
from engine.facts import Fact
from engine.links import Link
from engine.mergers import Moved, ReleaseRequested
from engine.merges import writing
from engine.rows import Arrival, Ignored, Row, Timer

FLUSH_TIMER: Final = "outbox"
"""Has a stub written once more, without the outbox that is delivered by then."""

FLUSH_MS: Final = 60_000


def advance(row: Row, arrival: Arrival, definitions: Definitions) -> list[Emission] | Ignored:
    """Apply one arrival to the row, in place; as `engine.rows.advance`, which see.

    Raises:
        RejectedError: an effect is too large; the row is as it was.
    """
    if isinstance(arrival.event, ErasureRequested) and not row.forward:
        return _erased(row, arrival.event, now=max(arrival.logged_at, row.now_at))
    if row.erasure is not None:
        return _of_stub(row, arrival)
    return people.advance(row, arrival, definitions)


def _erased(row: Row, event: ErasureRequested, *, now: int) -> list[Emission]:
    known = () if row.erasure is None else row.erasure.identities
    identities = tuple(dict.fromkeys((row.customer.id, *known, *links.owned(row.links))))
    fact = Fact(
        id=ids.derived("erased", row.customer.id, event.id),
        customer=row.customer.id,
        kind="erased",
        at=event.occurred_at,
        name=event.id,
        identities=identities,
    )
    row.customer = Customer(id=row.customer.id)
    row.erasure = Erasure(event.id, now, identities)
    row.now_at = now
    row.causes, row.seen, row.links = {}, {}, {}
    row.freeze, row.merges_count = None, 0
    row.generation += 1
    row.timers = {FLUSH_TIMER: Timer(now + FLUSH_MS, row.generation)}
    return [emissions.emission("facts", fact)]


def _of_stub(row: Row, arrival: Arrival) -> list[Emission] | Ignored:
    event = arrival.event
    now = max(arrival.logged_at, row.now_at)
    if isinstance(event, ReleaseRequested):
        return [writing.refused(event.survivor, row, event.merge_id, reason="erased", now=now)]
    if isinstance(event, Moved):
        row.links[event.origin] = Link("merged", event.merge_id, now)
        request = ErasureRequested(id=event.id, occurred_at=event.occurred_at, source="worker")
        return _erased(row, request, now=now)
    if not isinstance(event, TimerFired):
        return "erased"
    timer = row.timers.get(event.timer_id)
    if timer is None or timer.generation != event.generation or timer.due_at > arrival.logged_at:
        return "timer"
    del row.timers[event.timer_id]
    return []
