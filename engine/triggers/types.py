"""Which machine follows which type of trigger."""

from collections.abc import Mapping
from typing import Any, Final

from engine.definitions.triggers import batches as batch_triggers
from engine.definitions.triggers import browsing as browsing_triggers
from engine.definitions.triggers import calls as call_triggers
from engine.definitions.triggers import campaigns as campaign_triggers
from engine.definitions.triggers import carts as cart_triggers
from engine.definitions.triggers import checkouts as checkout_triggers
from engine.definitions.triggers import crossings as crossing_triggers
from engine.definitions.triggers import dates as date_triggers
from engine.definitions.triggers import orders as order_triggers
from engine.definitions.triggers import profiles as profile_triggers
from engine.definitions.triggers import purchases as purchase_triggers
from engine.definitions.triggers import replenishing as replenishing_triggers
from engine.definitions.triggers import responses as response_triggers
from engine.definitions.triggers import shopevents as event_triggers
from engine.definitions.triggers import visits as visit_triggers
from engine.definitions.triggers.base import BaseTrigger
from engine.triggers import (
    batches,
    bonuses,
    browsing,
    calls,
    campaigns,
    carts,
    checkouts,
    crossings,
    dates,
    orders,
    profiles,
    purchases,
    replenishing,
    responses,
    shopevents,
    visits,
)
from engine.triggers.machines import Machine

MACHINES: Final[Mapping[type[BaseTrigger], Machine[Any]]] = {
    cart_triggers.CartAbandoned: carts.ABANDONED,
    cart_triggers.ItemWaiting: carts.WAITING,
    cart_triggers.ContainerChanged: carts.CHANGED,
    checkout_triggers.CheckoutAbandoned: checkouts.CHECKOUT,
    purchase_triggers.ReceiptCame: purchases.RECEIPT,
    purchase_triggers.OrderCreated: purchases.ORDER,
    purchase_triggers.OrderReversed: purchases.REVERSED,
    purchase_triggers.ItemPurchased: purchases.ITEM,
    purchase_triggers.CategoryPurchased: purchases.CATEGORY,
    purchase_triggers.SinceLastPurchase: purchases.SINCE_LAST,
    purchase_triggers.SinceNthPurchase: purchases.SINCE_NTH,
    order_triggers.StatusChanged: orders.STATUS,
    order_triggers.PaymentPending: orders.PAYMENT,
    replenishing_triggers.ReplenishmentDue: replenishing.DUE,
    visit_triggers.BrowseAbandoned: browsing.PRODUCTS,
    browsing_triggers.CategoryBrowseAbandoned: browsing.CATEGORIES,
    browsing_triggers.LostView: browsing.STRONGEST,
    visit_triggers.SearchAbandoned: visits.SEARCHED,
    visit_triggers.Dormant: visits.DORMANT,
    visit_triggers.Returned: visits.RETURNED,
    visit_triggers.VisitBegan: visits.VISIT,
    visit_triggers.PageSeen: visits.PAGE,
    visit_triggers.ProductSeen: visits.PRODUCT,
    visit_triggers.CategorySeen: visits.CATEGORY,
    event_triggers.CustomEvent: shopevents.CUSTOM,
    event_triggers.Contacted: shopevents.CONTACTED,
    event_triggers.PollAnswered: shopevents.POLL,
    profile_triggers.Registered: profiles.CAME,
    profile_triggers.SinceRegistration: profiles.REGISTERED,
    profile_triggers.ConsentChanged: profiles.CONSENT,
    profile_triggers.ContactChanged: profiles.CONTACT,
    crossing_triggers.SegmentCrossed: crossings.SEGMENT,
    crossing_triggers.CellChanged: crossings.CELL,
    crossing_triggers.MetricCrossed: crossings.THRESHOLD,
    profile_triggers.BonusesChanged: profiles.BONUSES,
    profile_triggers.PromoCodeChanged: profiles.PROMO,
    date_triggers.BonusesExpire: bonuses.EXPIRY,
    date_triggers.AnniversaryComes: dates.ANNIVERSARY,
    date_triggers.DateComes: dates.DATE,
    date_triggers.CalendarDate: dates.CALENDAR,
    response_triggers.ResponseCame: responses.RESPONSE,
    response_triggers.NoResponse: responses.SILENCE,
    campaign_triggers.CampaignWorked: campaigns.WORKED,
    call_triggers.CalledOut: calls.CALLED,
    batch_triggers.AudienceBatch: batches.BATCH,
}
