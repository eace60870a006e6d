"""Steps and timers on a virtual clock: what would have been decided had these events come in.

    events by time ──▶ timers due at or before the next event fire first, earliest first
                  ──▶ then the event is applied ──▶ decisions, in the order they were made

One row per customer is held, and one entry of the timer index per row that has a timer.
"""

import heapq
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple, TypeAlias, assert_never

import msgspec

from engine import erasing, rows
from engine.claims import SharedEvent
from engine.deadletters import DeadLetter
from engine.definitions import folded
from engine.definitions.changes import Change
from engine.definitions.folded import Definitions
from engine.emissions import Emission
from engine.errors import RejectedError
from engine.events import Event, TimerFired
from engine.facts import Fact
from engine.messages import Message
from engine.rows import Arrival, Row
from engine.shared import answering
from engine.shared.answering import SharedArrival
from engine.shared.counters import CounterRow


class Occurrence(NamedTuple):
    """An event, whose row it belongs to and when the virtual clock reaches it."""

    key: str
    event: Event
    at: int


class Refused(NamedTuple):
    """An event or a timer that a running worker would make a dead letter of."""

    key: str
    event_id: str
    error: RejectedError


Decision: TypeAlias = Fact | Message | Refused

_decode_fact: Final = msgspec.json.Decoder(Fact).decode
_decode_message: Final = msgspec.json.Decoder(Message).decode
_decode_event: Final = msgspec.json.Decoder(Event).decode
_decode_shared: Final = msgspec.json.Decoder(SharedEvent).decode
_decode_change: Final = msgspec.json.Decoder(Change).decode
_decode_letter: Final = msgspec.json.Decoder(DeadLetter).decode


def replay(
    occurrences: Iterable[Occurrence], definitions: Definitions, *, until: int | None = None
) -> Iterator[Decision]:
    """Yield each decision when the clock reaches it.

    Args:
        occurrences: By time; one earlier than those before it counts as logged when it comes.
        until: Epoch ms, inclusive, where the clock stops; at the last event when absent.
    """
    timeline = Timeline(definitions)
    now: int | None = None
    for occurrence in occurrences:
        at = occurrence.at if now is None else max(now, occurrence.at)
        if until is not None and at > until:
            break
        now = at
        yield from timeline.run_until(at)
        yield from timeline.apply(occurrence.key, occurrence.event, at)
    end = now if until is None else until
    if end is not None:
        yield from timeline.run_until(end)


class Timeline:
    """Every row and counter under one clock; who drives it says when what happens."""

    def __init__(self, definitions: Definitions) -> None:
        self.definitions = definitions
        """Decided under from now on."""
        self._rows: dict[str, Row] = {}
        self._counters: dict[str, CounterRow] = {}
        self._due: list[tuple[int, str]] = []
        self._indexed: dict[str, int] = {}
        """Per row the due time its one valid entry in `_due` has."""

    @property
    def next_due_at(self) -> int | None:
        """When to look next; a timer that moved on since may make it too early."""
        return self._due[0][0] if self._due else None

    def row(self, key: str) -> Row:
        """The row as it stands, of a merged identity its survivor's; blank: never seen."""
        row = self._rows.get(key)
        if row is None:
            return rows.blank(key)
        return self.row(row.forward) if row.forward else row

    def place(self, key: str, row: Row) -> None:
        """Begin with a row as it stands somewhere else; it changes here only."""
        self._rows[key] = rows.copied(row)
        self._index(key, self._rows[key])

    def run_until(self, now: int) -> Iterator[Decision]:
        """Fire every timer due by then, also those that a firing sets."""
        while self._due and self._due[0][0] <= now:
            yield from self.fire_next()

    def fire_next(self) -> Iterator[Decision]:
        """Fire the timer due first."""
        due_at, key = heapq.heappop(self._due)
        if self._indexed.get(key) != due_at:
            return
        del self._indexed[key]
        row = self._rows[key]
        if row.next_due_at == due_at:
            yield from self._fire(key, row)
        self._index(key, row)

    def apply(self, key: str, event: Event, at: int) -> Iterator[Decision]:
        """Advance the customer; what the row ignores decides nothing."""
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = rows.blank(key)
        try:
            result = erasing.advance(row, Arrival(event=event, logged_at=at), self.definitions)
        except RejectedError as error:
            yield Refused(key, event.id, error)
            return
        if row.timers:
            self._index(key, row)
        if not isinstance(result, str):
            yield from self._carried_out(key, result, at)

    def _carried_out(self, key: str, found: Iterable[Emission], at: int) -> Iterator[Decision]:
        """Yield the decisions; what goes to other rows is there at once, and their answers too."""
        for_others: list[Emission] = []
        for emission in found:
            match emission.topic:
                case "messages":
                    yield _decode_message(emission.value)
                case "facts":
                    yield _decode_fact(emission.value)
                case "definitions":
                    self._change(_decode_change(emission.value))
                case "events" | "shared":
                    for_others.append(emission)
                case "dead-letters":
                    letter = _decode_letter(emission.value)
                    error = RejectedError(letter.code, letter.message)
                    yield Refused(key, letter.id, error)
                case _:
                    assert_never(emission.topic)
        for emission in for_others:
            if emission.topic == "shared":
                yield from self._count(emission, at)
                continue
            yield from self.apply(emission.key, _decode_event(emission.value), at)

    def _change(self, change: Change) -> None:
        """What the log of definitions is told holds at once."""
        known = self.definitions
        self.definitions = folded.fold(known, change, offset=known.offset + 1).definitions

    def _count(self, emission: Emission, at: int) -> Iterator[Decision]:
        """Apply what goes to a counter."""
        counter = self._counters.setdefault(emission.key, CounterRow())
        arrival = SharedArrival(
            counter=emission.key, event=_decode_shared(emission.value), logged_at=at
        )
        answers = answering.advance(counter, arrival)
        if not isinstance(answers, str):
            yield from self._carried_out(emission.key, answers, at)

    def _fire(self, key: str, row: Row) -> Iterator[Decision]:
        timer_id, timer = min(
            row.timers.items(), key=lambda item: (item[1].due_at, item[1].generation)
        )
        event = TimerFired(
            id=f"timer:{timer_id}:{timer.generation}",
            occurred_at=timer.due_at,
            timer_id=timer_id,
            generation=timer.generation,
        )
        yield from self.apply(key, event, timer.due_at)
        # A refused firing leaves the row as it was; without this it would be refused for ever.
        if row.timers.get(timer_id) == timer:
            del row.timers[timer_id]

    def _index(self, key: str, row: Row) -> None:
        """Keep one entry per row; a timer that moved on is found when its old entry comes up."""
        due_at = row.next_due_at
        if due_at is None:
            return
        indexed = self._indexed.get(key)
        if indexed is None or due_at < indexed:
            self._indexed[key] = due_at
            heapq.heappush(self._due, (due_at, key))
