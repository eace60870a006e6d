"""Customers, the counters of `shared`, and a provider, on one virtual clock.

What goes to a counter and what it answers arrive at once; what a provider says comes when the test
says so, or after a while by chance. Minutes since midnight.
"""

from collections.abc import Callable
from typing import NamedTuple, Self

import msgspec

from engine import facts, people, rows
from engine.claims import ClaimAnswer, SharedEvent
from engine.definitions import folded
from engine.definitions.changes import Action, Change
from engine.definitions.folded import Definitions
from engine.emissions import Emission
from engine.events import Event, Identified, RecheckRequested, Responded, TimerFired
from engine.facts import Fact
from engine.messages import Message
from engine.rows import Arrival, Row
from engine.sends import Response
from engine.shared import answering
from engine.shared.answering import SharedArrival
from engine.shared.counters import CounterRow
from tests.support.story import MINUTE


class Outcome(NamedTuple):
    """What the provider makes of a message, and how many ms later."""

    response: Response = "accepted"
    after_ms: int = 1_000


class Town:
    """Rows by key; `provider` says what becomes of each message, None: nothing is ever heard."""

    def __init__(
        self,
        definitions: Definitions,
        provider: Callable[[Message], Outcome | None] = lambda _: Outcome(),
    ) -> None:
        self.definitions = definitions
        self.rows: dict[str, Row] = {}
        self.counters: dict[str, CounterRow] = {}
        self.messages: list[Message] = []
        self.accepted: list[tuple[Message, int]] = []
        self.facts: list[Fact] = []
        self.now = 0
        self.is_answering = True
        """Whether the counters' worker is up."""
        self._provider = provider
        self._coming: list[tuple[int, int, str, Event]] = []
        self._ids = 0

    @property
    def sent(self) -> list[tuple[int, str, str]]:
        """(minute, customer, campaign) of each message."""
        return [(one.decided_at // MINUTE, one.customer, one.campaign) for one in self.messages]

    def reasons(self, customer: str, campaign: str) -> list[str]:
        """`kind: reason` of what was decided about them."""
        return [
            f"{fact.kind}: {fact.reason}" if fact.reason else fact.kind
            for fact in self.facts
            if (fact.customer, fact.campaign) == (customer, campaign)
        ]

    def joins(self, *customers: str, email: str = "") -> Self:
        """Users with an address of their own, or this one, who say yes."""
        for who in customers:
            event = Identified(
                id=self.id(),
                occurred_at=self.now,
                user_id=who,
                traits={"email": email or f"{who}@example.com"},
                subscriptions={"email": True},
            )
            self.says(who, event)
        return self

    def says(self, customer: str, event: Event) -> Self:
        """An event of a user, now."""
        return self.says_as(f"u:{customer}", event)

    def says_as(self, key: str, event: Event) -> Self:
        """The same under a row key."""
        self._apply(key, event)
        return self

    def changes(self, change: Change) -> Self:
        """A change of definitions, known everywhere at once."""
        offset = self.definitions.offset + 1
        self.definitions = folded.fold(self.definitions, change, offset=offset).definitions
        return self

    def does(self, campaign: str, action: Action, body: object = None) -> Self:
        """An operator's action, now."""
        change = Change(
            change_id=self.id(),
            kind="campaigns",
            id=campaign,
            action=action,
            based_on=folded.revision_of(self.definitions, "campaigns", campaign),
            body=msgspec.Raw(msgspec.json.encode(body)),
            at=self.now,
        )
        return self.changes(change)

    def rechecks(self, message: Message) -> Self:
        """Delivery gives a message back, now."""
        event = RecheckRequested(id=self.id(), occurred_at=self.now, message=message)
        return self.says(message.customer, event)

    def wait(self, until: int) -> Self:
        """Timers fire in time, and what the provider says arrives."""
        return self.run_until(until * MINUTE)

    def run_until(self, now: int) -> Self:
        """The same to the millisecond."""
        while (found := self._next()) is not None and found[0] <= now:
            at, key, event = found
            self._coming = [one for one in self._coming if one[3] is not event]
            self.now = max(self.now, at)
            self._apply(key, event)
        self.now = max(self.now, now)
        return self

    def id(self) -> str:
        """A fresh event id."""
        self._ids += 1
        return f"e{self._ids}"

    def _next(self) -> tuple[int, str, Event] | None:
        """What comes next; of one instant the provider's word before a timer."""
        coming = min(self._coming, key=lambda one: one[:2], default=None)
        due = min(
            (
                (timer.due_at, key, timer.generation, name)
                for key, row in self.rows.items()
                for name, timer in row.timers.items()
            ),
            default=None,
        )
        if coming is not None and (due is None or coming[0] <= due[0]):
            return coming[0], coming[2], coming[3]
        if due is None:
            return None
        at, key, generation, name = due
        event = TimerFired(id=self.id(), occurred_at=at, timer_id=name, generation=generation)
        return at, key, event

    def _apply(self, key: str, event: Event) -> None:
        row = self.rows.setdefault(key, rows.blank(key))
        arrival = Arrival(event=event, logged_at=self.now)
        found = people.advance(row, arrival, self.definitions)
        for emission in () if isinstance(found, str) else found:
            self._emitted(key, emission)

    def _emitted(self, key: str, emission: Emission) -> None:
        match emission.topic:
            case "messages":
                self._sent(key, msgspec.json.decode(emission.value, type=Message))
            case "shared" if self.is_answering:
                self._count(emission)
            case "facts":
                fact = msgspec.json.decode(emission.value, type=Fact)
                if facts.is_decision(fact.kind):
                    self.facts.append(fact)
            case "events":
                event = msgspec.json.decode(emission.value, type=Event)
                self._coming.append((self.now, -1, emission.key, event))
            case _:
                pass

    def _sent(self, key: str, message: Message) -> None:
        self.messages.append(message)
        outcome = self._provider(message)
        if outcome is None:
            return
        at = self.now + outcome.after_ms
        if outcome.response == "accepted":
            self.accepted.append((message, at))
        event = Responded(
            id=self.id(),
            occurred_at=at,
            message_id=message.id,
            channel=message.channel,
            campaign=message.campaign,
            response=outcome.response,
        )
        self._coming.append((at, len(self.messages), key, event))

    def _count(self, emission: Emission) -> None:
        counter = self.counters.setdefault(emission.key, CounterRow())
        event = msgspec.json.decode(emission.value, type=SharedEvent)
        arrival = SharedArrival(counter=emission.key, event=event, logged_at=self.now)
        found = answering.advance(counter, arrival)
        for answer in () if isinstance(found, str) else found:
            if answer.topic == "definitions":
                self.changes(msgspec.json.decode(answer.value, type=Change))
            else:
                self._apply(answer.key, msgspec.json.decode(answer.value, type=ClaimAnswer))
