"""A product and a category as the catalogue has them."""

from decimal import Decimal

import msgspec

from engine import ids
from engine.events import CategoryListed, Listed, ProductListed


class Item(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What both have. No cycles start here: a collector would look through them all for nothing."""

    id: str
    name: str | None = None
    updated_at: int
    """By the source."""
    offset: int
    """In the log of the catalogue."""


class Listing(Item, frozen=True, kw_only=True, gc=False):
    """A product on sale; about 600 bytes with its texts."""

    category_id: str | None = None
    price: Decimal | None = None
    currency: str | None = None
    stock: Decimal | None = None
    url: str | None = None
    image_url: str | None = None


class Category(Item, frozen=True, kw_only=True, gc=False):
    """A node of the tree."""

    parent_id: str | None = None


def item_of(listed: Listed, *, offset: int) -> Listing | Category:
    """What is kept of a record."""
    if isinstance(listed, CategoryListed):
        return Category(
            id=listed.category_id,
            name=listed.title,
            updated_at=listed.updated_at,
            offset=offset,
            parent_id=listed.parent_id,
        )
    return Listing(
        id=listed.product_id,
        name=listed.title,
        updated_at=listed.updated_at,
        offset=offset,
        category_id=listed.category_id,
        price=listed.price,
        currency=listed.currency,
        stock=listed.stock,
        url=listed.url,
        image_url=listed.image_url,
    )


def listed_of(item: Listing | Category) -> Listed:
    """The record again: its id depends on nothing but what is listed and when."""
    if isinstance(item, Category):
        return CategoryListed(
            id=category_event_id(item.id, item.updated_at),
            occurred_at=item.updated_at,
            category_id=item.id,
            updated_at=item.updated_at,
            title=item.name,
            parent_id=item.parent_id,
        )
    return ProductListed(
        id=product_event_id(item.id, item.updated_at),
        occurred_at=item.updated_at,
        product_id=item.id,
        updated_at=item.updated_at,
        title=item.name,
        category_id=item.category_id,
        price=item.price,
        currency=item.currency,
        stock=item.stock,
        url=item.url,
        image_url=item.image_url,
    )


def product_event_id(product_id: str, updated_at: int) -> str:
    """The same product at the same time is the same event."""
    return ids.derived("product", product_id, updated_at)


def category_event_id(category_id: str, updated_at: int) -> str:
    """As of a product."""
    return ids.derived("category", category_id, updated_at)


def key_of(item: Listing | Category) -> str:
    """Key of the record, by which the topic is compacted."""
    return category_key(item.id) if isinstance(item, Category) else product_key(item.id)


def product_key(product_id: str) -> str:
    """`product/ID`."""
    return f"product/{product_id}"


def category_key(category_id: str) -> str:
    """`category/ID`."""
    return f"category/{category_id}"
