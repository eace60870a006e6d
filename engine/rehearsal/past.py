"""The log of an installation once more: as it was decided, and from some time on as if.

    as it was   timers, merges and answers of counters come where they stand in the log
    as if       a campaign stands otherwise: what follows from it is in no log, so its timers come
                when they are due, and what rows say to each other and to counters is answered at
                once; of the others' timers those in the log come where they stand there

Nothing here appends or sends. What a forward passed on is stored with the original alone, so it is
applied at once, some ms earlier than it was.
"""

import heapq
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple, Protocol

import msgspec

from engine import claims, erasing, ids, keys, rows
from engine.claims import ClaimGranted, ClaimRefused, SharedEvent
from engine.commands import Activated
from engine.deadletters import DeadLetter
from engine.definitions.folded import Definitions
from engine.definitions.triggers import base
from engine.emissions import Emission
from engine.errors import RejectedError
from engine.events import Event, Responded, TimerFired
from engine.facts import Fact
from engine.journeys import walks
from engine.mergers import (
    LogMarked,
    MergeRefused,
    MergeRequested,
    Moved,
    ReleaseRequested,
    Restored,
    Unlinked,
)
from engine.messages import Message
from engine.replay import Decision, Refused
from engine.rows import Arrival, Cause, Row, Timer
from engine.shared import answering
from engine.shared.answering import SharedArrival
from engine.shared.counters import CounterRow

CLOCK_WAITS_MS: Final = 5 * 60 * 1000
"""How long a timer of another campaign that is due may stay away from the log, before it is taken
for one that only the supposed campaign led to."""

BETWEEN_ROWS: Final = frozenset(
    {
        MergeRequested,
        ReleaseRequested,
        Moved,
        MergeRefused,
        Unlinked,
        LogMarked,
        Restored,
        ClaimGranted,
        ClaimRefused,
    }
)
"""What rows and counters tell each other: as if, it comes of itself."""

_decode_fact: Final = msgspec.json.Decoder(Fact).decode
_decode_message: Final = msgspec.json.Decoder(Message).decode
_decode_event: Final = msgspec.json.Decoder(Event).decode
_decode_shared: Final = msgspec.json.Decoder(SharedEvent).decode
_decode_letter: Final = msgspec.json.Decoder(DeadLetter).decode


class LogEvent(NamedTuple):
    """A record of the log."""

    key: str
    event: Event
    at: int
    """Log time; never before that of the record before."""
    cause: Cause | None = None


class Rows(Protocol):
    """Where rows are kept; changed in place between `get` and `put`."""

    def get(self, key: str) -> Row | None:
        """Find a row."""

    def put(self, key: str, row: Row) -> None:
        """Keep it as it is now."""

    def __iter__(self) -> Iterator[str]:
        """Every key there is when it is asked."""


class Past:
    """Every row and counter, advanced record by record in the order of the logs."""

    def __init__(self, stored: Rows, *, campaign: str) -> None:
        """`campaign` is the one that may be supposed to stand otherwise."""
        self.is_supposing = False
        """From now on as if; it never goes back."""
        self._rows = stored
        self._campaign = campaign
        self._definitions = Definitions()
        self._counters: dict[str, CounterRow] = {}
        self._due: list[tuple[int, str]] = []
        self._indexed: dict[str, int] = {}
        """Per row the time its one valid entry in `_due` has."""

    def suppose(self, definitions: Definitions, *, version: int, at: int) -> Iterator[Decision]:
        """Go on as if: as at its publishing, its clocks are set for who was there before."""
        self.is_supposing = True
        self._definitions = definitions
        triggers = definitions.campaigns[self._campaign].draft.triggers
        if not any(base.is_activated(one) for one in triggers if one.enabled):
            return
        for key in self._rows:
            row = self._rows.get(key)
            if row is None or row.forward or row.erasure is not None:
                continue
            event = Activated(
                id=ids.derived("activated", self._campaign, version, row.customer.id),
                occurred_at=at,
                campaign=self._campaign,
                version=version,
            )
            yield from self._take(key, Arrival(event=event, logged_at=at))

    def apply(self, one: LogEvent, definitions: Definitions) -> Iterator[Decision]:
        """Advance whose record it is; as if, timers that are due come first."""
        self._definitions = definitions
        event = one.event
        if self.is_supposing:
            yield from self.run_until(one.at)
            if type(event) in BETWEEN_ROWS:
                return
            if isinstance(event, TimerFired):
                known = self._timer(one.key, event)
                if known is None:
                    return
                event = msgspec.structs.replace(event, generation=known.generation)
        yield from self._take(one.key, Arrival(event=event, logged_at=one.at, cause=one.cause))

    def run_until(self, at: int) -> Iterator[Decision]:
        """As if: let the timers come that the log does not hold."""
        while self.is_supposing and self._due and self._due[0][0] <= at:
            wakes_at, key = heapq.heappop(self._due)
            if self._indexed.get(key) != wakes_at:
                continue
            del self._indexed[key]
            row = self._rows.get(key)
            if row is None:
                continue
            if self._wakes_at(row) == wakes_at:
                yield from self._ring(key, row, wakes_at)
            self._index(key, row)

    def _ring(self, key: str, row: Row, at: int) -> Iterator[Decision]:
        timer_id, timer = min(
            row.timers.items(), key=lambda item: (self._comes_at(row, *item), item[1].generation)
        )
        event = TimerFired(
            id=f"timer:{timer_id}:{timer.generation}",
            occurred_at=timer.due_at,
            timer_id=timer_id,
            generation=timer.generation,
        )
        yield from self._take(key, Arrival(event=event, logged_at=at))
        # One that was refused would be for ever.
        if row.timers.get(timer_id) == timer:
            del row.timers[timer_id]
            self._rows.put(key, row)

    def _take(self, key: str, arrival: Arrival) -> Iterator[Decision]:
        row = self._rows.get(key)
        if row is None:
            row = rows.blank(key)
        try:
            found = erasing.advance(row, arrival, self._definitions)
        except RejectedError as error:
            yield Refused(key, arrival.event.id, error)
            return
        except ArithmeticError as error:
            told = RejectedError("not_computable", f"{error!r}")
            yield Refused(key, arrival.event.id, told)
            return
        self._rows.put(key, row)
        self._index(key, row)
        if not isinstance(found, str):
            yield from self._carried_out(key, found, arrival.logged_at)

    def _carried_out(self, key: str, found: Iterable[Emission], at: int) -> Iterator[Decision]:
        for emission in found:
            match emission.topic:
                case "messages":
                    message = _decode_message(emission.value)
                    yield message
                    yield from self._accepted(message, at)
                case "facts":
                    yield _decode_fact(emission.value)
                case "dead-letters":
                    letter = _decode_letter(emission.value)
                    yield Refused(key, letter.id, RejectedError(letter.code, letter.message))
                case "shared":
                    yield from self._count(emission, at)
                case "events" if self.is_supposing or emission.is_forwarded:
                    event = _decode_event(emission.value)
                    arrival = Arrival(event=event, logged_at=at, origin=emission.origin)
                    yield from self._take(emission.key or key, arrival)
                case _:
                    # What the log holds comes from there.
                    pass

    def _count(self, emission: Emission, at: int) -> Iterator[Decision]:
        """Keep the counter; its answer comes from the log, or as if at once."""
        counter = self._counters.setdefault(emission.key, CounterRow())
        arrival = SharedArrival(
            counter=emission.key, event=_decode_shared(emission.value), logged_at=at
        )
        answers = answering.advance(counter, arrival)
        if self.is_supposing and not isinstance(answers, str):
            yield from self._carried_out(emission.key, answers, at)

    def _accepted(self, message: Message, at: int) -> Iterator[Decision]:
        """What the supposed campaign sends is accepted at once: no log knows of it."""
        if not self.is_supposing or message.campaign != self._campaign:
            return
        event = Responded(
            id=ids.derived(message.id, "accepted"),
            occurred_at=message.decided_at,
            message_id=message.id,
            channel=message.channel,
            campaign=message.campaign,
            response="accepted",
        )
        key = keys.from_public_id(message.customer)
        yield from self._take(key, Arrival(event=event, logged_at=at))

    def _timer(self, key: str, event: TimerFired) -> Timer | None:
        """The timer that a record of the log means; generations may be others by now."""
        row = self._rows.get(key)
        timer = None if row is None else row.timers.get(event.timer_id)
        return timer if timer is not None and timer.due_at == event.occurred_at else None

    def _wakes_at(self, row: Row) -> int | None:
        times = (self._comes_at(row, name, timer) for name, timer in row.timers.items())
        return min(times, default=None)

    def _comes_at(self, row: Row, timer_id: str, timer: Timer) -> int:
        is_own = campaign_of(row, timer_id) == self._campaign
        return timer.due_at if is_own else timer.due_at + CLOCK_WAITS_MS

    def _index(self, key: str, row: Row) -> None:
        wakes_at = self._wakes_at(row)
        if wakes_at is None:
            return
        indexed = self._indexed.get(key)
        if indexed is None or wakes_at < indexed:
            self._indexed[key] = wakes_at
            heapq.heappush(self._due, (wakes_at, key))


def campaign_of(row: Row, timer_id: str) -> str:
    """Whose timer it is; empty: no campaign's."""
    run_id = claims.claim_of(timer_id)
    if timer_id.startswith(walks.TIMER):
        run_id = timer_id.removeprefix(walks.TIMER)
    if run_id:
        found = (run.campaign for run in row.customer.runs if run.id == run_id)
        return next(found, "")
    parts = timer_id.split(":")
    return parts[1] if len(parts) > 2 else ""
