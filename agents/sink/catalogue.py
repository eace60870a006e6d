"""A record of `catalogue` as a row."""

from clickhouse.tables import CatalogueRow, within_bounds
from engine.catalogue import items
from engine.catalogue.items import Category
from engine.errors import RejectedError
from streams import wire
from streams.records import Received


def row_of(record: Received) -> CatalogueRow:
    """A product or a category.

    Raises:
        RejectedError: the value is neither.
    """
    listed = wire.decode_listed(record.value)
    if listed is None:
        raise RejectedError("undecodable", "neither a product nor a category")
    item = items.item_of(listed, offset=record.offset)
    common = CatalogueRow(
        log_partition=record.partition,
        log_offset=record.offset,
        logged_at=within_bounds(record.logged_at),
        kind="category",
        id=item.id,
        at=within_bounds(item.updated_at),
        source=listed.source,
        name=item.name or "",
    )
    if isinstance(item, Category):
        return common._replace(parent_id=item.parent_id or "")
    return common._replace(
        kind="product",
        category_id=item.category_id or "",
        price=item.price,
        currency=item.currency or "",
        stock=item.stock,
        url=item.url or "",
        image_url=item.image_url or "",
    )
