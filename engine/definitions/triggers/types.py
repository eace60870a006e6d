"""All types of triggers."""

from collections.abc import Iterator
from typing import TypeAlias

from engine.definitions.triggers import base
from engine.definitions.triggers.carts import CartAbandoned, ContainerChanged, ItemWaiting
from engine.definitions.triggers.profiles import (
    BonusesChanged,
    ConsentChanged,
    ContactChanged,
    PromoCodeChanged,
    SinceRegistration,
)
from engine.definitions.triggers.purchases import (
    CategoryPurchased,
    ItemPurchased,
    OrderCreated,
    OrderReversed,
    ReceiptCame,
    SinceLastPurchase,
    SinceNthPurchase,
)
from engine.definitions.triggers.responses import NoResponse, ResponseCame
from engine.definitions.triggers.visits import (
    BrowseAbandoned,
    CategorySeen,
    CustomEvent,
    Dormant,
    PageSeen,
    ProductSeen,
    Returned,
    SearchAbandoned,
)
from engine.errors import Flaw

Trigger: TypeAlias = (
    CartAbandoned
    | BrowseAbandoned
    | SearchAbandoned
    | ItemWaiting
    | ContainerChanged
    | ReceiptCame
    | OrderCreated
    | OrderReversed
    | ItemPurchased
    | CategoryPurchased
    | SinceLastPurchase
    | SinceNthPurchase
    | SinceRegistration
    | Dormant
    | Returned
    | PageSeen
    | ProductSeen
    | CategorySeen
    | CustomEvent
    | ResponseCame
    | NoResponse
    | ConsentChanged
    | ContactChanged
    | BonusesChanged
    | PromoCodeChanged
)


def flaws(trigger: Trigger, *, path: str) -> Iterator[Flaw]:
    """Everything wrong that the types alone do not say."""
    return base.flaws(trigger, trigger.params, path=path)
