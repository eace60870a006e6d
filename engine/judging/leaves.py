"""A question of a rule as functions: what it reads, what it holds of, when time turns it."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final, NamedTuple, TypeAlias

import msgspec

from engine.aggregates.fading import Fading
from engine.conditions.nodes import Operand
from engine.customer import Customer
from engine.definitions.folded import Definitions

Value: TypeAlias = object
"""What was read, as JSON holds it: text, whole number, decimal text, boolean, list, null."""


NOTHING: Final[Mapping[str, object]] = {}


class Known:
    """What was read of one customer at one instant, for all the rules that are asked together."""

    __slots__ = ("fadings", "later", "values")

    def __init__(self, fadings: dict[str, Fading] | None = None) -> None:
        self.values: dict[object, Value] = {}
        """By `engine.judging.sharing`."""
        self.fadings: dict[str, Fading] = {} if fadings is None else fadings
        """By counter; the same at every instant."""
        self.later: dict[int, Moment] = {}
        """The customer as of other instants."""


class Moment(NamedTuple):
    """All that a verdict depends on."""

    customer: Customer
    now: int
    definitions: Definitions
    entry: Mapping[str, Value] = NOTHING
    """With the next, of a run: what it remembers of its entry, by `engine.rules.scopes`."""
    event: Mapping[str, object] = NOTHING
    """The triggering event's fields."""
    known: Known | None = None
    """Where many rules are asked of the same moment; None: each reads for itself."""

    def at(self, now: int) -> "Moment":
        """The same customer at another instant, if nothing happens till then."""
        known = self.known
        if known is None:
            return self._replace(now=now)
        found = known.later.get(now)
        if found is None:
            found = known.later[now] = self._replace(now=now, known=Known(known.fadings))
        return found

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
    turns_at: Callable[[Moment], int | None] | None = None
    """The first instant at which it does change, where that can be told without trying."""
    turns: tuple[int, ...] | None = None
    """Of a count: the numbers with which the answer is another than with one less, the greatest
    first."""
    counter: str = ""
    """What it counts by."""
    shared: object = None
    """What it reads, whatever that is compared with (`engine.judging.sharing`)."""
    fields: frozenset[str] = frozenset()
    """Where that stands (`engine.judging.fields`)."""


def never(_: Moment) -> tuple[int, ...]:
    """Time changes nothing."""
    return ()


_PLAIN: Final = frozenset({str, int, float, bool, type(None)})


def plain(value: object) -> Value:
    """As JSON holds it, exact."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Decimal):
        return f"{value:f}"
    return msgspec.to_builtins(value)


def thresholds(operand: Operand) -> Iterator[int]:
    """Whole numbers at which a growing count may begin or cease to compare as it did."""
    for one in operand if isinstance(operand, tuple) else (operand,):
        if isinstance(one, int | float) and not isinstance(one, bool):
            yield from (math.floor(one), math.floor(one) + 1)
