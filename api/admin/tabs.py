"""Items of the profile's tabs as they go out; the catalogue says what an event left out."""

from typing import Final
from urllib.parse import quote

from api.admin import answers
from engine import carts
from engine.catalogue.shelf import Catalogue
from engine.customer import Cart, CartItem, View
from engine.definitions.settings import Settings
from engine.holdings import Loyalty, PromoCode, Survey
from engine.interests import Bounds, Standing
from engine.lists import loyalty as balances
from engine.products import Product

STRENGTH_DIGITS: Final = 3


def cart(container: str, known: Cart, catalogue: Catalogue) -> dict[str, object]:
    """A container with what is in it, as last changed."""
    return {
        "container": container,
        "items": [_item(item, catalogue) for item in known.items],
        "count": sum(item.product.quantity for item in known.items),
        "value": carts.value(known),
        "currency": known.currency,
        "changed_at": answers.time_or_none(known.changed_at or None),
    }


def view(known: View, catalogue: Catalogue) -> dict[str, object]:
    """A product that was looked at, and when last; what nobody says of it is null."""
    product = Product(id=known.product_id, category=known.category)
    nothing = dict.fromkeys(("name", "price", "url", "image_url"))
    return {
        "id": known.product_id,
        "category": known.category,
        **nothing,
        **_listed(product, catalogue),
        "viewed_at": answers.time(known.viewed_at),
    }


def interest(standing: Standing, catalogue: Catalogue, bounds: Bounds) -> dict[str, object]:
    """A category of interest, with its way up the tree and the time it ends at (M203-M207)."""
    names = [_category_name(above, catalogue) for above in catalogue.lineage(standing.category)]
    return {
        "category": {"id": standing.category, "name": names[0], "path": names[::-1]},
        "strength": round(standing.strength, STRENGTH_DIGITS),
        "views_count": standing.interest.views_count,
        "first_viewed_at": answers.time(standing.interest.first_at),
        "last_viewed_at": answers.time(standing.interest.last_at),
        "ends_at": answers.time(standing.interest.last_at + bounds.window_ms),
    }


def promo_code(code: PromoCode) -> dict[str, object]:
    """A code and a link to who issued it (M190-M192)."""
    return {
        "code": code.code,
        "group": code.group,
        "campaign": None if code.campaign is None else campaign(code.campaign),
        "issued_at": answers.time(code.issued_at),
        "expires_at": answers.time_or_none(code.expires_at),
        "used_at": answers.time_or_none(code.used_at),
        "reissued": code.is_reissued,
    }


def campaign(campaign_id: str) -> dict[str, object]:
    """A campaign by its id, and where it is."""
    return {"id": campaign_id, "href": f"/api/campaigns/{quote(campaign_id, safe='')}"}


def tag(name: str, at: int) -> dict[str, object]:
    """A tag, and the list of everybody who has it (M194)."""
    return {"tag": name, "assigned_at": answers.time(at), "customers": _customers(name)}


def audience(name: str, at: int) -> dict[str, object]:
    """An audience, which so far is known by its tag alone (M193)."""
    return {
        "id": name,
        "name": name,
        "tag": name,
        "since": answers.time(at),
        "customers": _customers(name),
    }


def survey(known: Survey) -> dict[str, object]:
    """A survey, and where its results are, if the survey said so (M199-M200)."""
    return {
        "id": known.survey_id,
        "name": known.name,
        "completed_at": answers.time(known.completed_at),
        "results": known.results_url,
    }


def loyalty(known: Loyalty | None, settings: Settings, *, now: int) -> dict[str, object] | None:
    """The balance now; none while the programme is not connected (M152-M156).

    Unless the settings say otherwise it is connected for whoever it has said a balance of.
    """
    if settings.loyalty is False or (known is None and not settings.loyalty):
        return None
    standing = balances.standing(known or balances.NOTHING, now)
    following = standing.next_expiry_amount
    return {
        "active": answers.money(standing.active),
        "pending": answers.money(standing.pending),
        "expiring_total": answers.money(standing.expiring_total),
        "next_expiry_at": answers.time_or_none(standing.next_expiry_at),
        "next_expiry_amount": None if following is None else answers.money(following),
    }


def _item(item: CartItem, catalogue: Catalogue) -> dict[str, object]:
    shown = {**answers.fields(item.product), "added_at": answers.time(item.added_at)}
    listed = _listed(item.product, catalogue)
    return shown | {name: value for name, value in listed.items() if shown.get(name) is None}


def _listed(product: Product, catalogue: Catalogue) -> dict[str, object]:
    """What the catalogue says of a product; nothing of one that it does not have."""
    listing = catalogue.product(product.id)
    if listing is None:
        return {}
    category = catalogue.category_of(product)
    return {
        "name": listing.name,
        "category": None if category is None else _category_name(category, catalogue),
        "price": listing.price,
        "url": listing.url,
        "image_url": listing.image_url,
    }


def _category_name(category_id: str, catalogue: Catalogue) -> str:
    category = catalogue.category(category_id)
    return category_id if category is None or category.name is None else category.name


def _customers(tag_name: str) -> str:
    return f"/api/customers?tag={quote(tag_name, safe='')}"
