"""Several identities, each in a partition of its own: what goes between them is delivered by hand.

A record that a row appends waits in the queue of its source until it is delivered, once or, as
after a crash, more than once; every source keeps its order. Minutes since midnight.
"""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple, Self

import msgspec

from engine import emissions, erasing, rows
from engine.definitions.folded import Definitions
from engine.events import (
    Aliased,
    CartItemAdded,
    Event,
    Identified,
    OrderCompleted,
    PageViewed,
    TimerFired,
)
from engine.facts import Fact
from engine.mergers import LogMarked, UnmergeRequested
from engine.messages import Message
from engine.products import Product
from engine.replay import Occurrence
from engine.rows import Arrival, Cause, Ignored, Row
from tests.support.story import MINUTE, one_campaign

_decode = msgspec.json.Decoder(Event).decode


class Pending(NamedTuple):
    """A record on its way to another identity's log."""

    key: str
    event: Event
    cause: Cause
    origin: str


class Crowd:
    """Rows by key, and what is on its way between them."""

    def __init__(self, definitions: Definitions | None = None) -> None:
        self.definitions = one_campaign() if definitions is None else definitions
        self.rows: dict[str, Row] = {}
        self.queues: dict[str, list[Pending]] = {}
        self.messages: list[Message] = []
        self.facts: list[Fact] = []
        self.now = 0
        self.happened: list[Occurrence] = []
        """What came from outside, in the order of arrival: as ClickHouse keeps it."""
        self.marks: dict[tuple[str, str], int] = {}
        """By unmerge and row key, how much of `happened` stands before the mark."""
        self._offsets: Counter[str] = Counter()
        self._ids = 0
        self._fired: set[tuple[str, str, int]] = set()

    def row(self, key: str) -> Row:
        """As it stands; blank for who was never seen."""
        return self.rows.setdefault(key, rows.blank(key))

    def survivor(self, key: str) -> str:
        """The key at the end of the forwards."""
        while forward := self.row(key).forward:
            key = forward
        return key

    def facts_of(self, *kinds: str) -> list[tuple[str, str, str, str | None]]:
        """(kind, customer, name, after) of the facts of these kinds."""
        return [(f.kind, f.customer, f.name, f.after) for f in self.facts if f.kind in kinds]

    def identifies(self, key: str, at: int, *, device: str | None = None, **traits: object) -> Self:
        """A user says who they are."""
        user = key.removeprefix("u:")
        return self.says(
            key,
            Identified(
                id=self.id(),
                occurred_at=at * MINUTE,
                user_id=user,
                anonymous_id=device,
                traits=traits,
            ),
        )

    def consents(self, key: str, at: int) -> Self:
        """An address and a yes to email."""
        return self.says(
            key,
            Identified(
                id=self.id(),
                occurred_at=at * MINUTE,
                traits={"email": "ada@shop.io"},
                subscriptions={"email": True},
            ),
        )

    def adds(self, key: str, product: str, at: int) -> Self:
        """A product into the cart."""
        event = CartItemAdded(
            id=self.id(),
            occurred_at=at * MINUTE,
            product=Product(id=product, price=Decimal(10)),
        )
        return self.says(key, event)

    def buys(self, key: str, product: str, at: int) -> Self:
        """An order of one product."""
        order = self.id()
        event = OrderCompleted(
            id=order,
            occurred_at=at * MINUTE,
            order_id=order,
            total=Decimal(10),
            products=(Product(id=product),),
        )
        return self.says(key, event)

    def views(
        self, key: str, at: int, *, user_id: str | None = None, anonymous_id: str | None = None
    ) -> Self:
        """A page."""
        event = PageViewed(
            id=self.id(), occurred_at=at * MINUTE, user_id=user_id, anonymous_id=anonymous_id
        )
        return self.says(key, event)

    def aliases(self, key: str, previous_id: str, at: int) -> Self:
        """Alias, as trackers call it."""
        user = key[2:] if key.startswith("u:") else None
        event = Aliased(
            id=self.id(), occurred_at=at * MINUTE, user_id=user, previous_id=previous_id
        )
        return self.says(key, event)

    def says(self, key: str, event: Event) -> Self:
        """An event arrives in the log of an identity, when it occurred."""
        self.now = max(self.now, event.occurred_at)
        self.arrive(key, event, None)
        return self

    def unmerges(self, key: str, identity: str) -> str:
        """An operator says that the identity is another person's; the unmerge's id."""
        unmerge_id = self.id()
        self.says(key, UnmergeRequested(id=unmerge_id, occurred_at=self.now, identity=identity))
        return unmerge_id

    def arrive(
        self, key: str, event: Event, cause: Cause | None, origin: str = ""
    ) -> Ignored | None:
        """Apply a record as the worker does; what follows goes into the queue."""
        if not origin and isinstance(event, LogMarked):
            self.marks.setdefault((event.unmerge_id, key), len(self.happened))
        if not origin and rows.is_from_client(event):
            self.happened.append(Occurrence(key, event, self.now))
        arrival = Arrival(event=event, logged_at=self.now, cause=cause, origin=origin)
        offset = self._offsets[key]
        self._offsets[key] += 1
        result = erasing.advance(self.row(key), arrival, self.definitions)
        if isinstance(result, str):
            return result
        self._emit(key, offset, result)
        return None

    def deliver(self, source: str, *, times: int = 1) -> Self:
        """The oldest record of a source reaches its log, maybe more than once."""
        pending = self.queues[source].pop(0)
        if not self.queues[source]:
            del self.queues[source]
        for _ in range(times):
            self.arrive(*pending)
        return self

    def settle(self) -> Self:
        """Everything on its way arrives."""
        while self.queues:
            self.deliver(min(self.queues))
        return self

    def wait(self, until: int) -> Self:
        """Timers fire in time, each generation once, and what they cause arrives."""
        while due := self._due(until * MINUTE):
            at, key, timer_id = min(due)
            self.now = max(self.now, at)
            generation = self.rows[key].timers[timer_id].generation
            self._fired.add((key, timer_id, generation))
            event = TimerFired(
                id=self.id(), occurred_at=at, timer_id=timer_id, generation=generation
            )
            self.arrive(key, event, None)
            self.settle()
        self.now = max(self.now, until * MINUTE)
        return self

    def id(self) -> str:
        """A fresh event id."""
        self._ids += 1
        return f"e{self._ids}"

    def _due(self, now: int) -> list[tuple[int, str, str]]:
        return [
            (timer.due_at, key, timer_id)
            for key, row in self.rows.items()
            for timer_id, timer in row.timers.items()
            if timer.due_at <= now and (key, timer_id, timer.generation) not in self._fired
        ]

    def _emit(self, key: str, offset: int, found: Sequence[emissions.Emission]) -> None:
        for n, emission in enumerate(found):
            if emission.topic == "messages":
                self.messages.append(msgspec.json.decode(emission.value, type=Message))
            elif emission.topic == "facts":
                self.facts.append(msgspec.json.decode(emission.value, type=Fact))
            elif emission.topic == "events":
                cause = Cause(f"events/{key}", offset, n)
                pending = Pending(emission.key, _decode(emission.value), cause, emission.origin)
                self.queues.setdefault(key, []).append(pending)
