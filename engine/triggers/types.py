"""Which machine follows which type of trigger."""

from collections.abc import Mapping
from typing import Any, Final

from engine.definitions.triggers import carts as cart_triggers
from engine.definitions.triggers import profiles as profile_triggers
from engine.definitions.triggers import purchases as purchase_triggers
from engine.definitions.triggers import responses as response_triggers
from engine.definitions.triggers import visits as visit_triggers
from engine.definitions.triggers.base import BaseTrigger
from engine.triggers import carts, profiles, purchases, responses, visits
from engine.triggers.machines import Machine

MACHINES: Final[Mapping[type[BaseTrigger], Machine[Any]]] = {
    cart_triggers.CartAbandoned: carts.ABANDONED,
    cart_triggers.ItemWaiting: carts.WAITING,
    cart_triggers.ContainerChanged: carts.CHANGED,
    purchase_triggers.ReceiptCame: purchases.RECEIPT,
    purchase_triggers.OrderCreated: purchases.ORDER,
    purchase_triggers.OrderReversed: purchases.REVERSED,
    purchase_triggers.ItemPurchased: purchases.ITEM,
    purchase_triggers.CategoryPurchased: purchases.CATEGORY,
    purchase_triggers.SinceLastPurchase: purchases.SINCE_LAST,
    purchase_triggers.SinceNthPurchase: purchases.SINCE_NTH,
    visit_triggers.BrowseAbandoned: visits.BROWSED,
    visit_triggers.SearchAbandoned: visits.SEARCHED,
    visit_triggers.Dormant: visits.DORMANT,
    visit_triggers.Returned: visits.RETURNED,
    visit_triggers.PageSeen: visits.PAGE,
    visit_triggers.ProductSeen: visits.PRODUCT,
    visit_triggers.CategorySeen: visits.CATEGORY,
    visit_triggers.CustomEvent: visits.CUSTOM,
    profile_triggers.SinceRegistration: profiles.REGISTERED,
    profile_triggers.ConsentChanged: profiles.CONSENT,
    profile_triggers.ContactChanged: profiles.CONTACT,
    profile_triggers.BonusesChanged: profiles.BONUSES,
    profile_triggers.PromoCodeChanged: profiles.PROMO,
    response_triggers.ResponseCame: responses.RESPONSE,
    response_triggers.NoResponse: responses.SILENCE,
}
