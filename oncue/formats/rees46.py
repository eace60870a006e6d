"""The event history of a multi-category shop, as published by REES46.

`event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session`,
with times like `2019-10-01 00:00:00 UTC`. A purchase is an order of one product.
"""

from typing import Final

from engine.errors import RejectedError
from engine.intake import times
from oncue.formats import tables
from oncue.formats.entries import Entry
from oncue.formats.errors import MalformedLineError
from oncue.formats.parsing import Start
from oncue.formats.tables import Columns

COLUMNS: Final = (
    "event_time",
    "event_type",
    "product_id",
    "category_id",
    "category_code",
    "brand",
    "price",
    "user_id",
    "user_session",
)
_NAMES: Final = {"view": "Product Viewed", "cart": "Product Added", "purchase": "Order Completed"}


def start(first_line: str) -> Start:
    """Read the header; columns may stand in any order, and there may be others."""
    columns = tables.columns(tables.cells(first_line), COLUMNS)
    return Start(_Parser(columns), has_header=True)


class _Parser:
    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    def __call__(self, text: str, *, line: int, message_id: str) -> Entry:
        at, kind, product_id, category_id, category, brand, price, user_id, session = (
            self._columns.pick(text)
        )
        name = _NAMES.get(kind)
        if name is None:
            raise MalformedLineError(f"event_type {kind!r} is not view, cart or purchase")
        product: dict[str, object] = {"product_id": tables.required("product_id", product_id)}
        if category or category_id:
            product["category"] = category or category_id
        if brand:
            product["brand"] = brand
        if price:
            product["price"] = tables.price(price)
        message: dict[str, object] = {
            "type": "track",
            "event": name,
            "messageId": message_id,
            "userId": tables.required("user_id", user_id),
            "timestamp": at.removesuffix(" UTC").replace(" ", "T") + "Z",
            "properties": product,
        }
        if kind == "purchase":
            message["properties"] = {"order_id": message_id, "products": [product]}
        if session:
            message["context"] = {"sessionId": session}
        return Entry(line=line, occurred_at=_parse_time(at), message=message)


def _parse_time(text: str) -> int:
    if not text.endswith(" UTC"):
        raise MalformedLineError(f"event_time {text!r} is not like 2019-10-01 00:00:00 UTC")
    try:
        return times.instant(text.removesuffix(" UTC") + "Z", path="event_time")
    except RejectedError as error:
        raise MalformedLineError(f"event_time: {error}") from error
