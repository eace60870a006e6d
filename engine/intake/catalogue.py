"""Products and categories of the back office: no customer's, but everybody's."""

from engine import events
from engine.catalogue import items
from engine.errors import RejectedError
from engine.events import CategoryListed, ProductListed
from engine.intake import structure, times, values
from engine.intake.arrivals import Listing, Origin
from engine.intake.values import Object


def product(item: dict[str, object], /, *, origin: Origin) -> Listing:
    """Check one product; upserted by id and `updatedAt`, always as a whole.

    Raises:
        RejectedError: its path leads from the object.
    """
    structure.check(item)
    product_id = _id(item, "a product needs an id")
    updated_at = _updated_at(item, origin)
    event = ProductListed(
        id=items.product_event_id(product_id, updated_at),
        occurred_at=updated_at,
        source=origin.source,
        product_id=product_id,
        updated_at=updated_at,
        title=values.text(item.get("name")),
        category_id=values.identifier(item.get("categoryId"), path="categoryId"),
        price=values.amount(item.get("price"), path="price"),
        currency=values.currency(item.get("currency"), path="currency"),
        stock=values.amount(item.get("stock"), path="stock", is_signed=True),
        url=values.url(item.get("url")),
        image_url=values.url(item.get("imageUrl")),
    )
    key = items.product_key(product_id)
    return Listing(key=key, kind=events.KINDS[ProductListed], event=event)


def category(item: dict[str, object], /, *, origin: Origin) -> Listing:
    """Check one category; upserted by id and `updatedAt`.

    Raises:
        RejectedError: its path leads from the object.
    """
    structure.check(item)
    category_id = _id(item, "a category needs an id")
    parent_id = values.identifier(item.get("parentId"), path="parentId")
    if parent_id == category_id:
        raise RejectedError("invalid_id", "a category is not its own parent", path="parentId")
    updated_at = _updated_at(item, origin)
    event = CategoryListed(
        id=items.category_event_id(category_id, updated_at),
        occurred_at=updated_at,
        source=origin.source,
        category_id=category_id,
        updated_at=updated_at,
        title=values.text(item.get("name")),
        parent_id=parent_id,
    )
    key = items.category_key(category_id)
    return Listing(key=key, kind=events.KINDS[CategoryListed], event=event)


def _updated_at(item: Object, origin: Origin) -> int:
    """A time ahead of ours would keep every later word out."""
    at = times.instant(item.get("updatedAt"), path="updatedAt")
    return times.clamped(at, received_at=origin.received_at)


def _id(item: Object, message: str) -> str:
    found = values.identifier(item.get("id"), path="id")
    if found is None:
        raise RejectedError("missing_id", message, path="id")
    return found
