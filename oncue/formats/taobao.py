"""User behaviour of a marketplace, as published by Taobao.

`user_id,item_id,category_id,behavior,ts` with unix seconds; the original file has no header, cuts
of it often do. `buy` is an order of one product; there are no prices.
"""

from typing import Final

from oncue.formats import instants, tables
from oncue.formats.entries import Entry
from oncue.formats.errors import MalformedLineError
from oncue.formats.parsing import Start
from oncue.formats.tables import Columns

COLUMNS: Final = ("user_id", "item_id", "category_id", "behavior", "ts")
_NAMES: Final = {
    "pv": "Product Viewed",
    "cart": "Product Added",
    "fav": "Product Added to Wishlist",
    "buy": "Order Completed",
}
_LAST_SECOND: Final = 253_402_300_799
"""The end of the year 9999, where RFC 3339 ends."""


def start(first_line: str) -> Start:
    """Read the header if there is one; a file without has the columns in their published order."""
    row = tables.cells(first_line)
    if len(row) == len(COLUMNS) and row[3] in _NAMES:
        return Start(_Parser(tables.columns(COLUMNS, COLUMNS)), has_header=False)
    return Start(_Parser(tables.columns(row, COLUMNS)), has_header=True)


class _Parser:
    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    def __call__(self, text: str, *, line: int, message_id: str) -> Entry:
        user_id, item_id, category_id, behavior, ts = self._columns.pick(text)
        name = _NAMES.get(behavior)
        if name is None:
            raise MalformedLineError(f"behavior {behavior!r} is not pv, cart, fav or buy")
        product: dict[str, object] = {"product_id": tables.required("item_id", item_id)}
        if category_id:
            product["category"] = category_id
        occurred_at = _parse_time(ts)
        message: dict[str, object] = {
            "type": "track",
            "event": name,
            "messageId": message_id,
            "userId": tables.required("user_id", user_id),
            "timestamp": instants.rfc3339(occurred_at),
            "properties": product,
        }
        if behavior == "buy":
            message["properties"] = {"order_id": message_id, "products": [product]}
        return Entry(line=line, occurred_at=occurred_at, message=message)


def _parse_time(text: str) -> int:
    is_number = text.isascii() and text.isdigit()
    if not is_number or int(text) > _LAST_SECOND:
        raise MalformedLineError(f"ts {text!r} is no time in unix seconds")
    return int(text) * 1000
