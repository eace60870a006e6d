"""Which triggers meet an event: of those that watch its type only those it can be about.

A trigger on events of one name, or on one container, is looked up by it; the others are asked at
every event of the type. So a hundred campaigns on events of their own cost an event nothing.
"""

from collections.abc import Sequence
from typing import Final, Generic, Protocol, TypeVar

from engine.aggregates import documents
from engine.baseevent import BaseEvent
from engine.definitions.triggers.base import BaseTrigger
from engine.definitions.triggers.carts import CartAbandoned, ContainerChanged, ItemWaiting
from engine.definitions.triggers.shopevents import CustomEvent
from engine.events import CartItemAdded, CartItemRemoved, CartReplaced, SourceEvent

_CARTS: Final = (CartItemAdded, CartItemRemoved, CartReplaced)


class _Live(Protocol):
    @property
    def trigger(self) -> BaseTrigger: ...


T = TypeVar("T", bound=_Live)


class Watchers(Generic[T]):
    """The triggers that watch one type of events; immutable, in the order of the campaigns."""

    __slots__ = ("_at_every", "_by_topic", "every")

    def __init__(self, every: Sequence[T], kind: type[BaseEvent]) -> None:
        self.every = tuple(every)
        self._at_every: list[tuple[int, T]] = []
        self._by_topic: dict[str, list[tuple[int, T]]] = {}
        for place, live in enumerate(every):
            topic = _topic(live.trigger, kind)
            if topic is None:
                self._at_every.append((place, live))
            else:
                self._by_topic.setdefault(topic, []).append((place, live))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Watchers) and self.every == other.every

    def __hash__(self) -> int:
        return hash(len(self.every))

    def met(self, event: BaseEvent) -> Sequence[T]:
        """Those that the event may be about."""
        if not self._by_topic:
            return self.every
        found = list(self._at_every)
        for topic in _topics(event):
            found += self._by_topic.get(topic, ())
        found.sort(key=lambda one: one[0])
        return [live for _, live in found]


def _topic(trigger: BaseTrigger, kind: type[BaseEvent]) -> str | None:
    """What an event of this kind must be about for the trigger; None: it looks at all of them."""
    match trigger:
        case CustomEvent(params=params) if params.sequence is None and issubclass(
            kind, SourceEvent
        ):
            return f"name:{params.event.strip().casefold()}"
        case CartAbandoned() | ItemWaiting() | ContainerChanged() if kind in _CARTS:
            return f"container:{trigger.params.container}"
        case _:
            return None


def _topics(event: BaseEvent) -> list[str]:
    """Each once."""
    found: list[str] = []
    if isinstance(event, SourceEvent):
        found += (f"name:{name}" for name in documents.names(event))
    if isinstance(event, _CARTS):
        found.append(f"container:{event.container}")
    return found
