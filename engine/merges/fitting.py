"""A merged customer has to fit into one row: the other has given its state away by then.

    both fit ──▶ merged as they are
    else     ──▶ less of the joined one, list by list; then less of both

What is counted stays: sums of purchases, the metrics' tallies as long as they can, consent and
contacts always. What is left out is told by a fact.
"""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import msgspec

from engine import purchases, rows
from engine.carts import CART
from engine.customer import Customer
from engine.emissions import Emission, OutboxEntry
from engine.rows import Row

HEADER_BYTES: Final = 64
"""Of the stored row, more than it takes."""

REGISTERING_BYTES: Final = 4 * 1024
"""What it takes to tell the addresses of the merged customer (`engine.registering`)."""

_encode: Final = msgspec.msgpack.Encoder().encode


class Trim(NamedTuple):
    """Something a customer can do without."""

    name: str
    cut: Callable[[Customer], Customer]


class Level(NamedTuple):
    """How much is left out: the first of `TRIMS` of the joined customer, and of the whole."""

    of_joined: int = 0
    of_whole: int = 0
    is_thawed: bool = False
    """What was held is decided first: then the row holds the customer once, not twice."""


def levels() -> Iterator[Level]:
    """From all of it to the least."""
    yield Level()
    for count in range(len(TRIMS) + 1):
        yield Level(of_joined=count, is_thawed=True)
    for count in range(1, len(TRIMS) + 1):
        yield Level(of_joined=len(TRIMS), of_whole=count, is_thawed=True)


def trimmed(customer: Customer, count: int) -> Customer:
    """The customer without the first `count` of what can be left out."""
    for trim in TRIMS[:count]:
        customer = trim.cut(customer)
    return customer


def left_out(level: Level) -> str:
    """What a level leaves out, in words; empty: nothing."""
    return ", ".join(trim.name for trim in TRIMS[: max(level.of_joined, level.of_whole)])


def fits(row: Row, found: list[Emission]) -> bool:
    """Whether it can be stored with what it emits; what it emitted before has left by then."""
    stored = msgspec.structs.replace(row, outbox=[OutboxEntry(0, tuple(found))])
    size = len(_encode(stored)) + HEADER_BYTES + REGISTERING_BYTES
    return size <= rows.ROW_MAX_BYTES


def fits_twice(row: Row, more_bytes: int) -> bool:
    """Whether there is room for the customer once more, and for what is held meanwhile."""
    bare = msgspec.structs.replace(row, outbox=[])
    size = len(_encode(bare)) + len(_encode(row.customer)) + HEADER_BYTES
    return size + more_bytes <= rows.ROW_MAX_BYTES


def _attributes(at_most: int) -> Callable[[Customer], Customer]:
    """Leave out the largest until the others are within so many bytes."""

    def cut(customer: Customer) -> Customer:
        sizes = {name: len(_encode({name: value})) for name, value in customer.attributes.items()}
        kept: dict[str, object] = {}
        total = 0
        for name in sorted(sizes, key=lambda name: (sizes[name], name)):
            total += sizes[name]
            if total > at_most:
                break
            kept[name] = customer.attributes[name]
        ordered = {name: value for name, value in customer.attributes.items() if name in kept}
        return msgspec.structs.replace(customer, attributes=ordered)

    return cut


def _small_lists(customer: Customer) -> Customer:
    none = Customer(id=customer.id)
    return msgspec.structs.replace(
        customer,
        views=(),
        messages=customer.messages[-10:],
        surveys=(),
        receipt_baskets=none.receipt_baskets,
        order_baskets=none.order_baskets,
    )


def _containers(customer: Customer) -> Customer:
    """The cart is what is acted on."""
    cart = {name: found for name, found in customer.containers.items() if name == CART}
    return msgspec.structs.replace(customer, containers=cart)


def _cart(customer: Customer) -> Customer:
    return msgspec.structs.replace(customer, containers={})


def _runs(customer: Customer) -> Customer:
    """They go on, without the event they began with and what they remember of their entry."""
    bare = tuple(msgspec.structs.replace(run, event={}, entry={}) for run in customer.runs)
    return msgspec.structs.replace(customer, runs=bare)


def _rest(customer: Customer) -> Customer:
    return msgspec.structs.replace(
        customer,
        interests={},
        bought_in={},
        promo_codes=(),
        tokens=(),
        entered={},
        held=(),
        notes={},
        order_statuses={},
        pursuits=(),
    )


def _tallies(customer: Customer) -> Customer:
    return msgspec.structs.replace(customer, tallies={})


TRIMS: Final = (
    Trim("views, surveys, favourites and older messages", _small_lists),
    Trim("containers but the cart", _containers),
    Trim("events of runs", _runs),
    Trim("attributes above 64 KB", _attributes(64 * 1024)),
    Trim("attributes above 16 KB", _attributes(16 * 1024)),
    Trim("single purchases, not their sums", purchases.folded),
    Trim("the cart", _cart),
    Trim("interests, promo codes, tokens, entries and what triggers remember", _rest),
    Trim("metrics of the shop's own", _tallies),
)
"""What goes first is missed least."""
