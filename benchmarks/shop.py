"""The shop that every benchmark replays: customers it knows, and a log of what they do next.

No chance in it: customers take turns and go through the same round of events, each from another
place of it, so every run has the same log. Taking turns is the worst case for a worker that writes
one row per customer and batch: real visits come in bursts.
"""

import hashlib
import heapq
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

import msgspec

from engine import keys, rows
from engine.commands import Reassessed
from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.events import (
    CartItemAdded,
    CartItemRemoved,
    Event,
    Identified,
    OrderCompleted,
    PageViewed,
    ProductViewed,
    TimerFired,
    TrackerEvent,
)
from engine.links import Link
from engine.products import Product
from engine.rows import Arrival, Row

ROUND: Final = "VPVVPVVAVPVRVPVVIVVO"
"""Twenty events: pages and products seen, once each into the cart, out of it, who it is, an order.
A timer fires for nearly every cart that is filled: about one event in 25."""

AHEAD_MS: Final = 45_000
SPAN_MS: Final = 240_000
"""The log begins so far ahead of the clock and lasts so long: both together are less than what a
worker refuses. Its own clock then finds no timer due, and everybody meets the timers in the log."""

HISTORY_COUNT: Final = 40
"""Events that a known customer has behind it."""

PROPERTIES: Final = msgspec.Raw(
    b'{"brand":"Fleet","colour":"blue","list":"search","position":3,"size":"42","variant":"wide"}'
)

CONTEXT: Final = msgspec.Raw(
    b'{"ip":"203.0.113.7","locale":"de-DE","page":{"path":"/shop/item/12345","referrer":"https://'
    b'search.example/","title":"Shoes and more","url":"https://shop.example/shop/item/12345"},'
    b'"userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"}'
)


SHOES: Final = Product(
    id="",
    name="Running shoe, blue, 42",
    price=Decimal("79.90"),
    url="https://shop.example/shop/item/12345",
)

EVENTS: Final[dict[str, TrackerEvent]] = {
    "V": ProductViewed(id="", occurred_at=0, name="Product Viewed", product=SHOES),
    "P": PageViewed(id="", occurred_at=0, name="Home", url="https://shop.example/"),
    "A": CartItemAdded(id="", occurred_at=0, name="Product Added", product=SHOES),
    "R": CartItemRemoved(id="", occurred_at=0, name="Product Removed", product=SHOES),
    "I": Identified(
        id="",
        occurred_at=0,
        traits={"firstName": "Ada", "plan": "gold", "city": "Hamburg"},
        subscriptions={"email": True},
    ),
    "O": OrderCompleted(id="", occurred_at=0, name="Order Completed", order_id=""),
}


def key_of(number: int) -> str:
    """The row key of the customer with this number."""
    return f"u:{number:06}"


def digest(customers: Mapping[bytes, Customer]) -> str:
    """Sum up what became of everybody, to be compared."""
    summed = hashlib.sha256()
    for key, customer in sorted(customers.items()):
        summed.update(key + msgspec.msgpack.encode(customer))
    return summed.hexdigest()


class Shop:
    """Known customers, advanced by the engine itself, so that the timers in the log are true."""

    def __init__(self, *, customers_count: int, definitions: Definitions, start_at: int) -> None:
        self._count = customers_count
        self._definitions = definitions
        self._start_at = start_at
        self._rows: dict[str, Row] = {}
        self._timers: list[tuple[int, str, str, int]] = []
        self._typical = _typical(start_at, definitions)

    def known(self) -> Iterator[tuple[str, Row]]:
        """Every customer before the log begins."""
        for number in range(self._count):
            yield key_of(number), self._known(number)

    @property
    def touched(self) -> dict[bytes, Customer]:
        """Everybody in the log so far, as they came out of it."""
        return {key.encode(): row.customer for key, row in self._rows.items()}

    def log(self, count: int) -> list[tuple[str, Event, int]]:
        """The next `count` events from trackers, with their keys and log times.

        The timers that come due because of them stand between them, beyond that count.
        """
        found: list[tuple[str, Event, int]] = []
        for turn in range(count):
            at = self._start_at + SPAN_MS * turn // count
            while self._timers and self._timers[0][0] <= at:
                found += self._fired(at)
            number = turn % self._count
            event = _event(number, number + turn // self._count, at=at, name=f"e{turn}")
            self._advance(number, event, at)
            found.append((key_of(number), event, at))
        return found

    def _fired(self, at: int) -> list[tuple[str, Event, int]]:
        due_at, key, timer_id, generation = heapq.heappop(self._timers)
        timer = self._rows[key].timers.get(timer_id)
        if timer is None or timer.generation != generation:
            return []
        event = TimerFired(
            id=f"{key}/{generation}", occurred_at=due_at, timer_id=timer_id, generation=generation
        )
        self._advance(int(key[2:]), event, at)
        return [(key, event, at)]

    def _advance(self, number: int, event: Event, at: int) -> None:
        key = key_of(number)
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = self._known(number)
        before = row.generation
        rows.advance(row, Arrival(event=event, logged_at=at), self._definitions)
        if row.generation == before:
            return
        for timer_id, timer in row.timers.items():
            if timer.generation > before:
                heapq.heappush(self._timers, (timer.due_at, key, timer_id, timer.generation))

    def _known(self, number: int) -> Row:
        like = self._typical
        address = _address(number)
        customer = msgspec.structs.replace(like.customer, id=f"{number:06}", email=address)
        # Who has shown the address before: else each identify would ask for it, and the row wait.
        links = {keys.email(address): Link("claimed", "", like.now_at)}
        return Row(
            customer=customer,
            now_at=like.now_at,
            generation=like.generation,
            timers=dict(like.timers),
            seen=dict(like.seen),
            links=links,
        )


def _address(number: int) -> str:
    return f"{number:06}@example.com"


def _typical(start_at: int, definitions: Definitions) -> Row:
    """A customer with a history, before any campaign ran, who is in the segments they belong to."""
    row = rows.blank(key_of(0))
    for turn in range(HISTORY_COUNT):
        at = start_at - (HISTORY_COUNT - turn) * 60_000
        event = _event(0, turn, at=at, name=f"h{turn}")
        rows.advance(row, Arrival(event=event, logged_at=at), Definitions())
    judged = Reassessed(id="judged", occurred_at=start_at - 1)
    rows.advance(row, Arrival(event=judged, logged_at=start_at - 1), definitions)
    return row


def _event(number: int, place: int, *, at: int, name: str) -> TrackerEvent:
    """The event at a place of the customer's rounds; a round is about one product in the cart."""
    base = EVENTS[ROUND[place % len(ROUND)]]
    product = place if isinstance(base, ProductViewed) else place // len(ROUND)
    shoes = msgspec.structs.replace(
        SHOES, id=f"sku-{(number * 31 + product * 7) % 1000}", category=f"shoes/{product % 25}"
    )
    event = msgspec.structs.replace(
        base,
        id=name,
        occurred_at=at,
        source="web",
        user_id=f"{number:06}",
        properties=PROPERTIES,
        context=CONTEXT,
    )
    match event:
        case ProductViewed() | CartItemAdded() | CartItemRemoved():
            return msgspec.structs.replace(event, product=shoes)
        case OrderCompleted():
            return msgspec.structs.replace(event, order_id=name, products=(shoes,))
        case Identified():
            traits = {**event.traits, "email": _address(number)}
            return msgspec.structs.replace(event, traits=traits)
        case _:
            return event
