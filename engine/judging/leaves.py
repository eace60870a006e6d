"""A question of a rule as functions: what it reads, what it holds of, when time turns it."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final, NamedTuple, TypeAlias

import msgspec

from engine.conditions.nodes import Operand
from engine.customer import Customer
from engine.definitions.folded import Definitions

Value: TypeAlias = object
"""What was read, as JSON holds it: text, whole number, decimal text, boolean, list, null."""


NOTHING: Final[Mapping[str, object]] = {}


class Moment(NamedTuple):
    """All that a verdict depends on."""

    customer: Customer
    now: int
    definitions: Definitions
    entry: Mapping[str, Value] = NOTHING
    """With the next, of a run: what it remembers of its entry, by `engine.rules.scopes`."""
    event: Mapping[str, object] = NOTHING
    """The triggering event's fields."""

    @property
    def zone(self) -> str:
        """The company's."""
        return self.definitions.settings.timezone


class Leaf(NamedTuple):
    """A question about the customer."""

    node_id: str
    read: Callable[[Moment], Value]
    test: Callable[[Value, int], bool]
    """What was read and the instant, epoch ms: no more, so that a recorded value can be asked."""
    edges: Callable[[Moment], Iterable[int]]
    """Instants, epoch ms, at which the answer may change though nothing happens; no others."""


def never(_: Moment) -> tuple[int, ...]:
    """Time changes nothing."""
    return ()


def plain(value: object) -> Value:
    """As JSON holds it, exact."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, float):
        return value
    return msgspec.to_builtins(value)


def thresholds(operand: Operand) -> Iterator[int]:
    """Whole numbers at which a growing count may begin or cease to compare as it did."""
    for one in operand if isinstance(operand, tuple) else (operand,):
        if isinstance(one, int | float) and not isinstance(one, bool):
            yield from (math.floor(one), math.floor(one) + 1)
