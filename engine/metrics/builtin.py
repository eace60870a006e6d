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

_READERS: Final[Mapping[str, Callable[[Customer, int], Value]]] = {
    **purchases.READERS,
    "points_balance": lambda customer, now: points.values(customer, now)["points_balance"],
}
"""What is read without the others."""


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
    """One of them; None where there is none of the name."""
    read = _READERS.get(name)
    return values(customer, now=now).get(name) if read is None else read(customer, now)
