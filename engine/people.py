"""The way into a row: an arrival, for a person who may have several identities.

a forward            ──▶ passes it on
a record of a merge  ──▶ asks, gives itself up, takes in
an identity is shown ──▶ asks for it, and waits
waiting              ──▶ shows what is known, decides later
an identity's that was split off ──▶ gives it back
anything else        ──▶ `engine.rows.advance`
"""

from typing import Final, assert_never, get_args

import msgspec

from engine import rows
from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.emissions import Emission
from engine.events import Aliased, Event, TimerFired
from engine.links import Link
from engine.mergers import (
    LogMarked,
    MergeEvent,
    MergeRefused,
    MergeRequested,
    Moved,
    ReleaseRequested,
    Restored,
    Unlinked,
    Unmerged,
    UnmergeEvent,
    UnmergeRequested,
)
from engine.merges import (
    fitting,
    freezing,
    linking,
    moving,
    releasing,
    telling,
    unmerging,
    writing,
)
from engine.merges.fitting import Level
from engine.merges.moving import FLUSH_TIMER, FREEZE_TIMER
from engine.rows import Arrival, Ignored, Row

_MERGES: Final = frozenset({*get_args(MergeEvent), Aliased})


def advance(row: Row, arrival: Arrival, definitions: Definitions) -> list[Emission] | Ignored:
    """Apply one arrival to the row, in place; as `engine.rows.advance`, which see.

    Raises:
        RejectedError: an effect is too large; the row is as it was.
    """
    if not (is_about_merges(row, arrival.event) or is_anothers(row, arrival)):
        return rows.advance(row, arrival, definitions)
    candidate = rows.copied(row)
    result = _advanced(candidate, arrival, definitions)
    rows.become(row, candidate)
    return result


def is_about_merges(row: Row, event: Event) -> bool:
    """Whether more than this row and its customer is at stake: the row may grow by another."""
    return bool(
        row.forward or row.freeze is not None or type(event) in _MERGES or linking.shown(row, event)
    )


def is_anothers(row: Row, arrival: Arrival) -> bool:
    """Whether a forward passed it on that was split off meanwhile: then it goes back."""
    return bool(arrival.origin) and linking.is_split(row, arrival.origin)


def _advanced(row: Row, arrival: Arrival, definitions: Definitions) -> list[Emission] | Ignored:
    reason = rows.ignored(row, arrival)
    if reason is not None:
        return reason
    now = max(arrival.logged_at, row.now_at)
    event = arrival.event
    if isinstance(event, ReleaseRequested) and event.is_guess and _is_nobody(row):
        return "nobody"
    if isinstance(event, Moved):
        now = max(now, moving.opened(event).now_at)
    if isinstance(event, Restored):
        now = max(now, event.occurred_at)
    if row.forward and not isinstance(event, Restored):
        rows.remember(row, arrival, now)
        return _passed_on(row, arrival, now=now)
    if is_anothers(row, arrival):
        rows.remember(row, arrival, now)
        return [writing.forwarded(arrival.origin, event, origin=arrival.origin)]
    given_up = unmerging.interrupted(row, event, definitions)
    result = _decided(row, arrival, definitions, now=now)
    rows.remember(row, arrival, now)
    if not given_up:
        return result
    return given_up if isinstance(result, str) else [*given_up, *result]


def _passed_on(row: Row, arrival: Arrival, *, now: int) -> list[Emission]:
    row.seen.clear()
    event = arrival.event
    if isinstance(event, TimerFired):
        row.timers.pop(event.timer_id, None)
        return []
    return releasing.pass_on(row, event, now=now, origin=arrival.origin)


def _decided(  # noqa: C901, PLR0911 one arm per event
    row: Row, arrival: Arrival, definitions: Definitions, *, now: int
) -> list[Emission] | Ignored:
    event = arrival.event
    match event:
        case MergeRequested(weaker=weaker) if linking.is_open(row, weaker):
            return []
        case MergeRequested(weaker=weaker):
            return _asked(row, [weaker], event, now=now)
        case ReleaseRequested():
            return _released(row, event, definitions, now=now)
        case Moved():
            return _joined(row, event, definitions, now=now)
        case MergeRefused():
            return _refused(row, event, definitions, now=now)
        case Unlinked(origin=origin) if linking.is_split(row, origin):
            return []
        case Unlinked(origin=origin):
            row.links[origin] = Link("lost", event.id, now)
            return []
        case UnmergeRequested() | LogMarked() | Unmerged() | Restored():
            return _split_off(row, event, definitions, now=now)
        case TimerFired(timer_id=timer_id) if timer_id == FREEZE_TIMER:
            return freezing.thaw(row, definitions)
        case TimerFired(timer_id=timer_id) if timer_id == FLUSH_TIMER:
            row.timers.pop(timer_id, None)
            return []
        case _:
            return _happened(row, arrival, definitions, now=now)


def _split_off(
    row: Row, event: UnmergeEvent, definitions: Definitions, *, now: int
) -> list[Emission]:
    match event:
        case UnmergeRequested():
            return unmerging.request(row, event, definitions, now=now)
        case LogMarked():
            return unmerging.mark(row, event)
        case Unmerged():
            return unmerging.separate(row, event, definitions, now=now)
        case Restored():
            return unmerging.restore(row, event, now=now)
        case _:
            assert_never(event)


def _happened(
    row: Row, arrival: Arrival, definitions: Definitions, *, now: int
) -> list[Emission] | Ignored:
    event = arrival.event
    emissions = _asked(row, linking.shown(row, event), event, now=now)
    if isinstance(event, Aliased):
        emissions.append(linking.guess(row, event, now=now))
    if row.freeze is None:
        return [*emissions, *rows.decide(row, event, definitions, now=now)]
    held = freezing.hold(row, event, definitions, now=now, origin=arrival.origin)
    return held if isinstance(held, str) else [*emissions, *held]


def _asked(row: Row, identities: list[str], event: Event, *, now: int) -> list[Emission]:
    emissions: list[Emission] = []
    awaited: list[str] = []
    for identity in identities:
        asked, merge_id = linking.ask(row, identity, because=event.id, now=now)
        emissions += asked
        awaited += [] if merge_id is None else [merge_id]
    freezing.begin(row, awaited, now=now)
    return emissions


def _released(
    row: Row, event: ReleaseRequested, definitions: Definitions, *, now: int
) -> list[Emission]:
    days = definitions.settings.anonymous_history_days
    answer = releasing.release(row, event, history_days=days, now=now)
    is_stronger = not row.forward and linking.is_stronger(row, event.survivor)
    if not is_stronger or linking.is_open(row, event.survivor):
        return answer
    return [*answer, *_asked(row, [event.survivor], event, now=now)]


def _joined(row: Row, event: Moved, definitions: Definitions, *, now: int) -> list[Emission]:
    """Take the other in; whatever has no room, since its row is given up by now."""
    candidate, found = row, list[Emission]()
    for level in fitting.levels():
        candidate = rows.copied(row)
        found = _taken_in(candidate, event, definitions, level=level, now=now)
        if fitting.fits(candidate, found):
            break
    rows.become(row, candidate)
    return found


def _taken_in(
    row: Row, event: Moved, definitions: Definitions, *, level: Level, now: int
) -> list[Emission]:
    decided = freezing.thaw(row, definitions) if level.is_thawed else []
    state = moving.opened(event)
    link = Link("claimed" if moving.is_blank(state) else "merged", event.merge_id, now)
    linking.settle(row, event.merge_id, link, origin=event.origin)
    less = fitting.trimmed(state.customer, level.of_joined)
    before, told = telling.standing(row), freezing.begun(row, event)
    facts = moving.join(row, event, msgspec.structs.replace(state, customer=less), now=now)
    if left_out := fitting.left_out(level):
        row.customer = fitting.trimmed(row.customer, level.of_whole)
        merge_id = event.merge_id
        facts.append(
            writing.fact(row, "trimmed", event.origin, merge_id=merge_id, now=now, after=left_out)
        )
    facts += telling.changes(before, telling.standing(row), told, definitions, now=now)
    return [*decided, *facts, *freezing.answered(row, event.merge_id, definitions)]


def _refused(
    row: Row, event: MergeRefused, definitions: Definitions, *, now: int
) -> list[Emission]:
    state = linking.state_after(event)
    link = Link(state, event.merge_id, now)
    linking.settle(row, event.merge_id, link, origin=event.origin)
    facts = []
    if event.reason not in {"already_merged", "turned_round"}:
        facts = [
            writing.fact(
                row,
                "not_merged",
                event.origin,
                merge_id=event.merge_id,
                now=now,
                after=event.reason,
            )
        ]
    if state == "linked":
        facts.append(
            writing.fact(
                row, "linked", event.origin, merge_id=event.merge_id, now=event.occurred_at
            )
        )
    return [*facts, *freezing.answered(row, event.merge_id, definitions)]


def _is_nobody(row: Row) -> bool:
    return row.customer == Customer(id=row.customer.id)
