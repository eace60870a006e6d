"""Erased means erased: a stub stays of the row, and nothing brings the customer back.

    row ──ErasureRequested──▶ stub: the id, since when, an outbox until it is delivered
    stub ──a release────────▶ refused
    stub ──a granted claim──▶ given back
    stub ──moved────────────▶ dropped: what was on its way is erased, too
    stub ──anything else────▶ ignored
    forward ────────────────▶ passes the request on to the survivor, who asks for its stub

The stub has to stay: without it a late event would begin a new row under the old id. Asked again,
it says `erased` again, so that what was put back (a backup of ClickHouse) is deleted once more.
"""

from typing import Final

import msgspec

from engine import claiming, emissions, ids, keys, links, people, registering, rows
from engine.claims import ClaimAnswer
from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.emissions import Emission, OutboxEntry
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

_KEPT: Final = frozenset({"events", "shared"})
"""Of an outbox: what other rows wait for, or count."""


def advance(row: Row, arrival: Arrival, definitions: Definitions) -> list[Emission] | Ignored:
    """Apply one arrival to the row, in place; as `engine.rows.advance`, which see.

    Whatever it made of the customer's addresses is told to them.

    Raises:
        RejectedError: an effect is too large; the row is as it was.
    """
    result = _advanced(row, arrival, definitions)
    if isinstance(result, str):
        return result
    return [*result, *registering.told(row, arrival.event.id)]


def _advanced(row: Row, arrival: Arrival, definitions: Definitions) -> list[Emission] | Ignored:
    event, now = arrival.event, max(arrival.logged_at, row.now_at)
    is_ours = not people.is_anothers(row, arrival)
    if isinstance(event, ErasureRequested) and is_ours and (event.survivor or not row.forward):
        return "erased" if _is_anothers(row, event) else _erased(row, event, now=now)
    if row.erasure is not None:
        return _of_stub(row, arrival)
    return people.advance(row, arrival, definitions)


def _erased(row: Row, event: ErasureRequested, *, now: int) -> list[Emission]:
    own, known = row.customer.id, () if row.erasure is None else row.erasure.identities
    others = dict.fromkeys((*known, *links.owned(row.links)))
    others.pop(own, None)
    # An address, a phone or a card is what was to be forgotten; an id is not.
    kept = [other for other in others if not keys.is_contact(other)]
    _become_stub(row, Erasure(event.id, now, (own, *kept)))
    if event.survivor:
        return []
    fact = Fact(
        id=ids.derived("erased", own, event.id),
        customer=own,
        kind="erased",
        at=event.occurred_at,
        name=event.id,
        identities=(own, *others),
    )
    told = msgspec.structs.replace(event, source="worker", survivor=keys.from_public_id(own))
    return [
        emissions.emission("facts", fact),
        *(writing.passed_to(keys.from_public_id(other), told) for other in others),
    ]


def _is_anothers(row: Row, event: ErasureRequested) -> bool:
    """A device that has changed hands since is not the erased customer's any more."""
    return bool(event.survivor) and row.forward.startswith("u:") and row.forward != event.survivor


def _become_stub(row: Row, erasure: Erasure) -> None:
    """Leave nothing but the erasure, and what other rows wait for."""
    row.customer = Customer(id=row.customer.id)
    row.erasure, row.now_at = erasure, erasure.at
    # A zombie may repeat a grant that was taken before: given back now, its place would be free.
    row.causes = {name: at for name, at in row.causes.items() if name.startswith("shared/")}
    row.seen, row.links, row.claims = {}, {}, {}
    row.forward, row.freeze, row.merges_count, row.unmerge = "", None, 0, None
    row.generation += 1
    row.timers = {FLUSH_TIMER: Timer(erasure.at + FLUSH_MS, row.generation)}
    # A message decided in the same batch may still leave; it is not kept for a repetition.
    entries = [(e.offset, tuple(m for m in e.emissions if m.topic in _KEPT)) for e in row.outbox]
    row.outbox = [OutboxEntry(offset, kept) for offset, kept in entries if kept]


def _of_stub(row: Row, arrival: Arrival) -> list[Emission] | Ignored:
    event = arrival.event
    now = max(arrival.logged_at, row.now_at)
    if isinstance(event, ReleaseRequested):
        return [writing.refused(event.survivor, row, event.merge_id, reason="erased", now=now)]
    if isinstance(event, Moved):
        row.links[event.origin] = Link("merged", event.merge_id, now)
        request = ErasureRequested(id=event.id, occurred_at=event.occurred_at, source="worker")
        return _erased(row, request, now=now)
    if isinstance(event, ClaimAnswer):
        return _given_back(row, arrival, event, now=now)
    if not isinstance(event, TimerFired):
        return "erased"
    timer = row.timers.get(event.timer_id)
    if timer is None or timer.generation != event.generation or timer.due_at > arrival.logged_at:
        return "timer"
    del row.timers[event.timer_id]
    return []


def _given_back(
    row: Row, arrival: Arrival, event: ClaimAnswer, *, now: int
) -> list[Emission] | Ignored:
    """Nobody waits any more; the minute's timer takes the outbox out again."""
    reason = rows.ignored(row, arrival)
    if reason is not None:
        return reason
    rows.remember(row, arrival, now)
    row.generation += 1
    row.timers[FLUSH_TIMER] = Timer(now + FLUSH_MS, row.generation)
    return claiming.given_back(keys.from_public_id(row.customer.id), event, now=now)
