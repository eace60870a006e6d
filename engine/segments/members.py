"""Keeps a row's memberships true: at each event, when time turns them, when definitions change.

    what the event changed ──▶ the watches that read it ─┐
    flips that are due ──────▶ those of them ────────────┼──▶ judged ──▶ crossings, facts, next flip
    definitions since then ──▶ those that mean otherwise ┘

One timer of the row stands at the earliest flip, so nobody polls. Where a definition or the
population changed, what the customer was before the event is judged first: what follows from the
one is not taken for the other.
"""

from typing import NamedTuple

import msgspec

from engine import ids
from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.definitions.watches import CELL, Watch
from engine.effects import CancelTimer, Effect, RecordFact, ScheduleTimer
from engine.events import Event, TimerFired
from engine.facts import Fact
from engine.judging.leaves import Known, Moment
from engine.memberships import NEVER_JUDGED, TIMER, Member, Memberships
from engine.segments import cells, index
from engine.segments.crossings import Begun, Cause, Crossing
from engine.segments.index import Index, Ready
from engine.segments.screens import Both


class Followed(NamedTuple):
    """The customer with memberships that are true now, and what that led to."""

    customer: Customer
    crossings: tuple[Crossing, ...] = ()
    begun: tuple[Begun, ...] = ()
    effects: tuple[Effect, ...] = ()


class Times(NamedTuple):
    """When a customer is judged."""

    event: Event
    definitions: Definitions
    now: int

    def moment(self, customer: Customer) -> Moment:
        """The customer, now, to be asked many rules."""
        return Moment(customer, self.now, self.definitions, known=Known())


def follow(before: Customer, customer: Customer, times: Times) -> Followed:
    """Judge what may have changed; `customer` is as the event left them."""
    watched, known = times.definitions.watched, customer.segments
    is_behind = known.judged_at < watched.changed_at
    if not is_behind and watched.is_empty:
        return Followed(customer)
    ready, both = index.of(watched), Both(times.moment(before), times.moment(customer))
    met = ready.met(both) if customer is not before else set()
    is_due = known.next_at is not None and known.next_at <= times.now
    if not (met or is_due or is_behind or known.is_stale):
        return _rearmed(customer, times)
    judging = _Judging(both, times, ready)
    judging.run(met)
    return judging.followed()


def _rearmed(customer: Customer, times: Times) -> Followed:
    """A timer that came too early is set again: the row has forgotten it."""
    next_at = customer.segments.next_at
    if next_at is None or not _is_ours(times.event):
        return Followed(customer)
    return Followed(customer, effects=(ScheduleTimer(timer_id=TIMER, due_at=next_at),))


class _Judging:
    """One customer being judged; the working copy of the memberships."""

    def __init__(self, both: Both, times: Times, ready: Index) -> None:
        self._customer = customer = both.after.customer
        self._moment = both.after
        self._before = None if _is_new(both.before.customer) else both.before
        self._times = times
        self._index = ready
        self._watched = times.definitions.watched
        self._known = customer.segments
        self._inside = dict(self._known.inside)
        self._flips = dict(self._known.flips)
        self._cell = self._known.cell
        self._crossings: list[Crossing] = []

    def run(self, met: set[str]) -> None:
        """Judge those that the event met, that are due, and that mean otherwise by now."""
        known, now = self._known, self._times.now
        names = set(self._index.by_id) if known.is_stale else met
        due: set[str] = set()
        if known.next_at is not None and known.next_at <= now:
            due = {name for name, at in known.flips.items() if at <= now}
        behind = self._behind()
        for one in self._index.ordered(names | due | behind.keys()):
            self._judge(one, met=one.watch.id in names, behind=behind.get(one.watch.id))
        self._judge_cell(met=CELL in names or known.is_stale)
        if known.is_stale or known.judged_at < self._watched.changed_at:
            watched = self._index.by_id.keys() | {CELL}
            for name in (self._inside.keys() | self._flips.keys()) - watched:
                self._forget(name)

    def followed(self) -> Followed:
        """What came of it."""
        next_at = min(self._flips.values(), default=None)
        after = Memberships(
            judged_at=self._watched.changed_at,
            inside=self._inside,
            flips=self._flips,
            next_at=next_at,
            cell=self._cell,
            fired=self._fired(),
        )
        customer = self._customer
        if after != self._known:
            customer = msgspec.structs.replace(customer, segments=after)
        return Followed(
            customer,
            tuple(self._crossings),
            tuple(self._begun()),
            (*self._facts(), *self._timer(next_at)),
        )

    def _behind(self) -> dict[str, Cause]:
        """The watches that mean otherwise than when the row was judged, or of other people."""
        judged_at = self._known.judged_at
        if judged_at >= self._watched.changed_at:
            return {}
        return {
            name: "definition" if ready.watch.defined_at > judged_at else "population"
            for name, ready in self._index.by_id.items()
            if ready.watch.changed_at > judged_at
        }

    def _judge(self, ready: Ready, *, met: bool, behind: Cause | None) -> None:
        watch, name = ready.watch, ready.watch.id
        flip_at = self._flips.pop(name, None)
        if watch.meaning.warming:
            # Half of a past says nothing: who is in stays in, and nobody comes in by it.
            return
        if self._before is None and not watch.is_segment:
            # Nobody crosses a threshold by coming into being below it.
            self._stand(watch, self._times.moment(Customer(id=self._customer.id)), ready)
        if behind is not None and self._before is not None:
            # What the event did not touch was before as it is now: read once, not twice.
            earlier = self._before if met else self._moment
            held = ready.judge(earlier, is_inside=name in self._inside)
            self._turn(watch, behind, None, holds=held)
        is_due = flip_at is not None and flip_at <= self._times.now
        cause: Cause = "event" if met or not is_due else "time"
        holds = ready.judge(self._moment, is_inside=name in self._inside)
        if holds != (name in self._inside):
            self._turn(watch, cause, flip_at if cause == "time" else None, holds=holds)
        if ready.is_timeless:
            return
        next_at = ready.next_at(self._moment, is_inside=holds)
        if next_at is not None:
            self._flips[name] = next_at

    def _stand(self, watch: Watch, moment: Moment, ready: Ready) -> None:
        """Begin where the customer stands at that moment, without a crossing."""
        if ready.judge(moment, is_inside=False):
            self._inside[watch.id] = Member(self._times.now, watch.version)

    def _turn(self, watch: Watch, cause: Cause, due_at: int | None, *, holds: bool) -> None:
        if holds == (watch.id in self._inside):
            return
        at = self._at(cause, due_at)
        if holds:
            self._inside[watch.id] = Member(
                at if cause == "time" else self._times.now, watch.version
            )
        else:
            del self._inside[watch.id]
        self._crossings.append(Crossing(watch.id, watch.version, holds, cause, at))

    def _at(self, cause: Cause, due_at: int | None) -> int:
        if cause == "event":
            return self._times.event.occurred_at
        return self._times.now if due_at is None else due_at

    def _judge_cell(self, *, met: bool) -> None:
        """The RFM cell, where a trigger asks for its changes."""
        cell_at = self._watched.cell_at
        flip_at = self._flips.pop(CELL, None)
        if cell_at is None:
            self._cell = ""
            return
        is_due = flip_at is not None and flip_at <= self._times.now
        judged_at = self._known.judged_at
        if judged_at < cell_at and self._before is not None:
            self._cell = cells.cell(self._before)
        elif judged_at < self._watched.cuts_at and self._before is not None:
            self._move(cells.cell(self._before), "population", None)
        cause: Cause = "event" if met or not is_due else "time"
        self._move(cells.cell(self._moment), cause, flip_at if cause == "time" else None)
        next_at = cells.next_at(self._moment)
        if next_at is not None:
            self._flips[CELL] = next_at

    def _move(self, cell: str, cause: Cause, due_at: int | None) -> None:
        if cell == self._cell:
            return
        at = self._at(cause, due_at)
        self._crossings.append(
            Crossing(CELL, 0, is_in=True, cause=cause, at=at, before=self._cell, after=cell)
        )
        self._cell = cell

    def _forget(self, name: str) -> None:
        """It is watched no more; whoever was in has left."""
        self._flips.pop(name, None)
        member = self._inside.pop(name, None)
        if member is not None and not name.startswith("\n"):
            self._crossings.append(
                Crossing(name, member.version, is_in=False, cause="definition", at=self._times.now)
            )

    def _fired(self) -> dict[str, int]:
        kept = self._known.fired
        gone = kept.keys() - self._index.by_id.keys()
        return {name: at for name, at in kept.items() if name not in gone} if gone else kept

    def _begun(self) -> list[Begun]:
        """Triggers that begin since the row was judged, of those who were and are members."""
        judged_at, entered = self._known.judged_at, {one.watch for one in self._crossings}
        return [
            Begun(segment, trigger)
            for trigger, (segment, at) in sorted(self._watched.activated.items())
            if at > judged_at and segment in self._inside and segment not in entered
        ]

    def _facts(self) -> list[Effect]:
        event, now = self._times.event, self._times.now
        found: list[Effect] = []
        for one in self._crossings:
            if one.watch.startswith("\n"):
                continue
            kind = "segment_entered" if one.is_in else "segment_left"
            fact = Fact(
                id=ids.derived(kind, self._customer.id, one.watch, event.id, now, one.cause),
                customer=self._customer.id,
                kind="segment_entered" if one.is_in else "segment_left",
                at=one.at,
                version=one.version,
                name=one.watch,
                cause=event.id,
                origin=one.cause,
            )
            found.append(RecordFact(fact=fact))
        return found

    def _timer(self, next_at: int | None) -> list[Effect]:
        if next_at is not None:
            known = self._known
            if next_at == known.next_at and not known.is_stale and not _is_ours(self._times.event):
                # It stands there already.
                return []
            return [ScheduleTimer(timer_id=TIMER, due_at=next_at)]
        return [CancelTimer(timer_id=TIMER)] if self._known.next_at is not None else []


def _is_ours(event: Event) -> bool:
    """The timer of all of them has fired: it stands no more."""
    return isinstance(event, TimerFired) and event.timer_id == TIMER


def _is_new(customer: Customer) -> bool:
    """Whether nothing was known before the event: then nothing was true of it either."""
    return customer.segments.judged_at == NEVER_JUDGED and customer == Customer(id=customer.id)
