"""Tell a customer's day in a test: virtual clock, timers fire by themselves.

The story runs on the real row (`engine.rows`), as a worker would: minutes since midnight, one
customer, one campaign unless the test brings its own definitions.
"""

from decimal import Decimal
from typing import Self

import msgspec

from engine import facts, people, rows
from engine.claims import SharedEvent
from engine.declarations import SubscriptionsChanged
from engine.definitions import folded
from engine.definitions.changes import Action, Change, DefinitionKind
from engine.definitions.folded import Definitions
from engine.events import (
    CartItemAdded,
    CartItemRemoved,
    CartReplaced,
    Event,
    Identified,
    OrderCompleted,
    RecheckRequested,
    TimerFired,
)
from engine.facts import Fact
from engine.messages import Message
from engine.products import Product
from engine.rows import Arrival

MINUTE = 60_000

TEMPLATE = {"id": "cart-mail", "subject": "Your cart waits", "text": "Come back"}


def campaign(**params: object) -> dict[str, object]:
    """A cart reminder; `params` go into the trigger."""
    return {
        "id": "cart-reminder",
        "triggers": [{"id": "t", "type": "T01", "params": params}],
        "start": "s1",
        "steps": {"s1": {"type": "send", "channel": "email", "template": "cart-mail"}},
    }


class Book:
    """Definitions, written change by change."""

    def __init__(self) -> None:
        self.definitions = Definitions()
        self.at = 0
        """When changes are made, epoch ms."""

    def change(
        self, kind: DefinitionKind, definition_id: str, action: Action, body: object = None
    ) -> Self:
        """Append a change based on what stands."""
        change = self.made(kind, definition_id, action, body)
        after = folded.fold(self.definitions, change, offset=self.definitions.offset + 1)
        assert not after.is_void, change
        self.definitions = after.definitions
        return self

    def made(
        self, kind: DefinitionKind, definition_id: str, action: Action, body: object = None
    ) -> Change:
        """A change based on what stands, not appended."""
        return Change(
            change_id=str(self.definitions.offset + 1),
            kind=kind,
            id=definition_id,
            action=action,
            based_on=folded.revision_of(self.definitions, kind, definition_id),
            body=msgspec.Raw(msgspec.json.encode(body)),
            at=self.at,
        )

    def publish(self, body: dict[str, object]) -> Self:
        """Save and publish a campaign."""
        name = str(body["id"])
        return self.change("campaigns", name, "put", body).change("campaigns", name, "publish")


def one_campaign(body: dict[str, object] | None = None) -> Definitions:
    """The usual template and one live campaign."""
    book = Book().change("templates", "cart-mail", "put", TEMPLATE)
    return book.publish(body or campaign()).definitions


class Story:
    """One customer's events in the order of the log."""

    def __init__(self, definitions: Definitions | None = None, *, key: str = "u:c") -> None:
        self.definitions = one_campaign() if definitions is None else definitions
        self.row = rows.blank(key)
        self.messages: list[Message] = []
        self.facts: list[Fact] = []
        self.changes: list[Fact] = []
        """What changed in the customer: no decisions."""
        self.shared: list[SharedEvent] = []
        """What went to counters; nobody answers but the test."""
        self._count = 0

    @property
    def sent(self) -> list[str]:
        """Templates of the messages so far."""
        return [message.template for message in self.messages]

    @property
    def reasons(self) -> list[str]:
        """`kind` or `kind: reason` of the facts so far."""
        return [f"{f.kind}: {f.reason}" if f.reason else f.kind for f in self.facts]

    def consents(self, at: int = 0, *, email: bool = True) -> Self:
        """The customer has an address and says yes or no to email."""
        return self.event(
            Identified(
                id=self._id(),
                occurred_at=at * MINUTE,
                traits={"email": "c@example.com"},
                subscriptions={"email": email},
            )
        )

    def adds(self, *products: str, at: int, price: str = "10") -> Self:
        """Products into the cart."""
        for product in products:
            self.event(
                CartItemAdded(
                    id=self._id(),
                    occurred_at=at * MINUTE,
                    product=Product(id=product, price=Decimal(price)),
                )
            )
        return self

    def removes(self, product: str, at: int, quantity: int = 1) -> Self:
        """A product out of the cart."""
        return self.event(
            CartItemRemoved(
                id=self._id(),
                occurred_at=at * MINUTE,
                product=Product(id=product, quantity=quantity),
            )
        )

    def sees_cart(self, *products: str, at: int) -> Self:
        """The whole cart as it is."""
        return self.event(
            CartReplaced(
                id=self._id(),
                occurred_at=at * MINUTE,
                products=tuple(Product(id=product) for product in products),
            )
        )

    def buys(self, *products: str, at: int, order: str = "o1") -> Self:
        """An order, seen by the tracker."""
        return self.event(
            OrderCompleted(
                id=self._id(),
                occurred_at=at * MINUTE,
                order_id=order,
                total=Decimal(10),
                products=tuple(Product(id=product) for product in products),
            )
        )

    def says(self, subscriptions: dict[str, bool | dict[str, bool]], at: int) -> Self:
        """Consent, by an operator."""
        return self.event(
            SubscriptionsChanged(
                id=self._id(),
                occurred_at=at * MINUTE,
                subscriptions=subscriptions,
                origin="operator",
            )
        )

    def rechecks(self, message: Message, at: int) -> Self:
        """Delivery sends a message back that waited too long."""
        return self.event(RecheckRequested(id=self._id(), occurred_at=at * MINUTE, message=message))

    def wait(self, until: int) -> Self:
        """Nothing happens until `until` minutes in, but timers fire."""
        return self._run_until(until * MINUTE)

    def event(self, event: Event, *, logged_at: int | None = None) -> Self:
        """Any event, logged when it occurred unless told otherwise."""
        at = event.occurred_at if logged_at is None else logged_at
        self._run_until(at)
        return self._apply(event, logged_at=at)

    def _run_until(self, now: int) -> Self:
        while (due := self.row.next_due_at) is not None and due <= now:
            timer_id, timer = min(self.row.timers.items(), key=lambda item: item[1].due_at)
            self._apply(
                TimerFired(
                    id=self._id(),
                    occurred_at=due,
                    timer_id=timer_id,
                    generation=timer.generation,
                ),
                logged_at=due,
            )
        return self

    def _apply(self, event: Event, *, logged_at: int) -> Self:
        result = people.advance(
            self.row, Arrival(event=event, logged_at=logged_at), self.definitions
        )
        if isinstance(result, str):
            return self
        for emission in result:
            if emission.topic == "messages":
                self.messages.append(msgspec.json.decode(emission.value, type=Message))
            elif emission.topic == "shared":
                self.shared.append(msgspec.json.decode(emission.value, type=SharedEvent))
            elif emission.topic == "facts":
                fact = msgspec.json.decode(emission.value, type=Fact)
                (self.facts if facts.is_decision(fact.kind) else self.changes).append(fact)
        return self

    def _id(self) -> str:
        self._count += 1
        return f"e{self._count}"
