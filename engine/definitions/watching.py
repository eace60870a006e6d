"""Which triggers meet an event: of those that watch its type only those it can be about.

A trigger on events of one name, on one container, or on products or categories it lists, is looked
up by them; the others are asked at every event of the type. So a hundred campaigns on events of
their own, or each on products of its own, cost an event nothing.
"""

from collections.abc import Sequence
from typing import Final, Generic, Protocol, TypeVar

from engine.aggregates import documents
from engine.baseevent import BaseEvent
from engine.catalogue.shelf import Catalogue
from engine.definitions.triggers.base import BaseTrigger
from engine.definitions.triggers.carts import CartAbandoned, ContainerChanged, ItemWaiting
from engine.definitions.triggers.shopevents import CustomEvent
from engine.definitions.triggers.visits import CategorySeen, ProductSeen
from engine.events import (
    CartItemAdded,
    CartItemRemoved,
    CartReplaced,
    CategoryViewed,
    ProductViewed,
    SourceEvent,
)

_CARTS: Final = (CartItemAdded, CartItemRemoved, CartReplaced)
_SEEN: Final = (ProductViewed, CategoryViewed)


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
            topics = _topics_of(live.trigger, kind)
            if topics is None:
                self._at_every.append((place, live))
            for topic in dict.fromkeys(topics or ()):
                self._by_topic.setdefault(topic, []).append((place, live))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Watchers) and self.every == other.every

    def __hash__(self) -> int:
        return hash(len(self.every))

    def met(self, event: BaseEvent, catalogue: Catalogue) -> Sequence[T]:
        """Those that the event may be about.

        Args:
            catalogue: Where categories lie below others.
        """
        if not self._by_topic:
            return self.every
        # By place: one that lists a category and the one above it is found twice.
        found = dict(self._at_every)
        for topic in _topics(event, catalogue):
            found.update(self._by_topic.get(topic, ()))
        return [found[place] for place in sorted(found)]


def _topics_of(trigger: BaseTrigger, kind: type[BaseEvent]) -> Sequence[str] | None:
    """One of which an event of this kind must be about; None: the trigger looks at all of them."""
    match trigger:
        case CustomEvent(params=params) if params.sequence is None and issubclass(
            kind, SourceEvent
        ):
            return [f"name:{params.event.strip().casefold()}"]
        case CartAbandoned() | ItemWaiting() | ContainerChanged() if kind in _CARTS:
            return [f"container:{trigger.params.container}"]
        case ProductSeen(params=params) if params.products and kind is ProductViewed:
            return [f"product:{one}" for one in params.products]
        case ProductSeen() | CategorySeen() if trigger.params.categories and kind in _SEEN:
            return [f"category:{one}" for one in trigger.params.categories]
        case _:
            return None


def _topics(event: BaseEvent, catalogue: Catalogue) -> list[str]:
    found: list[str] = []
    if isinstance(event, SourceEvent):
        found += (f"name:{name}" for name in documents.names(event))
    match event:
        case CartItemAdded() | CartItemRemoved() | CartReplaced():
            found.append(f"container:{event.container}")
        case ProductViewed():
            found.append(f"product:{event.product.id}")
            found += _categories(catalogue.category_of(event.product), catalogue)
        case CategoryViewed():
            found += _categories(event.category, catalogue)
    return found


def _categories(category: str | None, catalogue: Catalogue) -> list[str]:
    """The category and those above it."""
    return [] if category is None else [f"category:{one}" for one in catalogue.lineage(category)]
