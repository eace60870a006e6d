"""All types of triggers."""

from collections.abc import Iterator
from typing import TypeAlias

from engine.definitions.triggers import base
from engine.definitions.triggers.batches import AudienceBatch
from engine.definitions.triggers.browsing import CategoryBrowseAbandoned, LostView
from engine.definitions.triggers.calls import CalledOut
from engine.definitions.triggers.campaigns import CampaignWorked
from engine.definitions.triggers.carts import CartAbandoned, ContainerChanged, ItemWaiting
from engine.definitions.triggers.checkouts import CheckoutAbandoned
from engine.definitions.triggers.crossings import CellChanged, MetricCrossed, SegmentCrossed
from engine.definitions.triggers.dates import (
    AnniversaryComes,
    BonusesExpire,
    CalendarDate,
    DateComes,
)
from engine.definitions.triggers.orders import PaymentPending, StatusChanged
from engine.definitions.triggers.profiles import (
    BonusesChanged,
    ConsentChanged,
    ContactChanged,
    PromoCodeChanged,
    Registered,
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
from engine.definitions.triggers.replenishing import ReplenishmentDue
from engine.definitions.triggers.responses import NoResponse, ResponseCame
from engine.definitions.triggers.shopevents import Contacted, CustomEvent, PollAnswered
from engine.definitions.triggers.visits import (
    BrowseAbandoned,
    CategorySeen,
    Dormant,
    PageSeen,
    ProductSeen,
    Returned,
    SearchAbandoned,
    VisitBegan,
)
from engine.errors import Flaw

Trigger: TypeAlias = (
    CartAbandoned
    | CheckoutAbandoned
    | BrowseAbandoned
    | CategoryBrowseAbandoned
    | LostView
    | SearchAbandoned
    | ItemWaiting
    | ContainerChanged
    | ReceiptCame
    | OrderCreated
    | StatusChanged
    | OrderReversed
    | PaymentPending
    | ItemPurchased
    | CategoryPurchased
    | ReplenishmentDue
    | SinceLastPurchase
    | SinceNthPurchase
    | SinceRegistration
    | Dormant
    | Returned
    | VisitBegan
    | PageSeen
    | ProductSeen
    | CategorySeen
    | Registered
    | CustomEvent
    | Contacted
    | ResponseCame
    | NoResponse
    | ConsentChanged
    | ContactChanged
    | SegmentCrossed
    | CellChanged
    | MetricCrossed
    | BonusesChanged
    | BonusesExpire
    | AnniversaryComes
    | DateComes
    | CalendarDate
    | PollAnswered
    | PromoCodeChanged
    | CampaignWorked
    | CalledOut
    | AudienceBatch
)


def flaws(trigger: Trigger, *, path: str) -> Iterator[Flaw]:
    """Everything wrong that the types alone do not say."""
    return base.flaws(trigger, trigger.params, path=path)
