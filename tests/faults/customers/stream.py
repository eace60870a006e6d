"""A random stream of shoppers who come as visitors and say who they are."""

import random
import time
from decimal import Decimal
from typing import Final

from engine import keys
from engine.declarations import SubscriptionsChanged
from engine.events import (
    CartItemAdded,
    Identified,
    OrderCompleted,
    PageViewed,
    ProductViewed,
    SourceEvent,
)
from engine.products import Product
from streams import wire
from streams.records import Record

T0: Final = time.time_ns() // 1_000_000 - 60 * 60 * 1_000
"""Now, nearly: a visitor's past of months ago does not join the customer."""
CUSTOMERS: Final = 24
EVENTS: Final = 1_200


def address(customer: int) -> str:
    """What must not be found anywhere once the customer is erased."""
    return f"somebody-{customer}@example.com"


def records(seed: int) -> list[Record]:
    """In the order they are appended; a visitor is known from the tenth event on."""
    chance = random.Random(seed)  # noqa: S311  a test's
    counts = dict.fromkeys(range(CUSTOMERS), 0)
    found = []
    for number in range(EVENTS):
        customer = chance.randrange(CUSTOMERS)
        counts[customer] += 1
        found.append(_record(chance, customer, number, is_known=counts[customer] > 10))
        if chance.random() < 0.05 and counts[customer] > 10:
            found.append(_consent(chance, customer, number))
    return found


def counted(found: list[Record]) -> dict[str, int]:
    """Events of each person that trackers sent, whichever identity they were under."""
    counts: dict[str, int] = {}
    for record in found:
        if record.headers[0] == ("kind", b"tracker"):
            person = (record.key or b"").decode()[2:]
            counts[person] = counts.get(person, 0) + 1
    return counts


def _record(chance: random.Random, customer: int, number: int, *, is_known: bool) -> Record:
    who = f"c{customer}"
    event: SourceEvent = _happened(chance, customer, number)
    fields = {name: getattr(event, name) for name in event.__struct_fields__}
    fields |= {"anonymous_id": who, "user_id": who if is_known else None}
    key = keys.user(who) if is_known else keys.anonymous(who)
    return wire.record_of(key, type(event)(**fields))


def _happened(chance: random.Random, customer: int, number: int) -> SourceEvent:
    product = Product(id=f"p{chance.randrange(9)}", price=Decimal(chance.randrange(1, 999)) / 100)
    name, at = f"e{number}", T0 + number * 1_000
    match chance.randrange(5):
        case 0:
            traits: dict[str, object] = {"email": address(customer), "n": number}
            return Identified(id=name, occurred_at=at, traits=traits)
        case 1:
            return ProductViewed(id=name, occurred_at=at, product=product)
        case 2:
            return CartItemAdded(id=name, occurred_at=at, product=product)
        case 3:
            return OrderCompleted(
                id=name,
                occurred_at=at,
                order_id=f"o{number}",
                currency=chance.choice(["EUR", "GBP"]),
                products=(product,),
            )
        case _:
            return PageViewed(id=name, occurred_at=at, url=f"https://shop/{number}")


def _consent(chance: random.Random, customer: int, number: int) -> Record:
    event = SubscriptionsChanged(
        id=f"s{number}",
        occurred_at=T0 + number * 1_000,
        subscriptions={"email": chance.random() < 0.5},
        origin="operator",
    )
    return wire.record_of(keys.user(f"c{customer}"), event)
