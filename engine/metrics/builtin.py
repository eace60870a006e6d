"""Every built-in metric of a customer at one moment, by the names of the API.

Money is exact, in the customer's currency (`currency`); averages are rounded to the hundredth,
halves away from zero. What cannot be told is None. To add metrics, add a function to `_PARTS`.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final, TypeAlias

from engine.customer import Customer
from engine.metrics import favourites, lifetime, points, purchases, registration

Value: TypeAlias = int | Decimal | str | Mapping[str, object] | tuple[str, ...] | None
"""Names that end in `_at` hold epoch ms."""

Part: TypeAlias = Callable[[Customer, int], Mapping[str, Value]]

_PARTS: Final[tuple[Part, ...]] = (
    purchases.values,
    registration.values,
    lifetime.values,
    favourites.values,
    points.values,
)

_PART_OF: Final[Mapping[str, Part]] = {
    name: part for part in _PARTS for name in part(Customer(id=""), 0)
}
"""A part gives the same names whoever is asked."""


def values(customer: Customer, *, now: int) -> dict[str, Value]:
    """All of them.

    Args:
        now: Epoch ms; what counts days counts to it.
    """
    found: dict[str, Value] = {}
    for part in _PARTS:
        found |= part(customer, now)
    return found


def value(customer: Customer, name: str, *, now: int) -> Value:
    """One of them, without the others; None where there is none of the name."""
    read = purchases.READERS.get(name)
    if read is not None:
        return read(customer, now)
    part = _PART_OF.get(name)
    return None if part is None else part(customer, now)[name]
