"""What receipts and orders of the back office have in common."""

from decimal import Decimal
from typing import TypedDict

import msgspec

from engine import ids
from engine.errors import RejectedError
from engine.intake import decoding, identities, limits, products, times, values
from engine.intake.arrivals import Origin
from engine.intake.values import Object, Scalar
from engine.products import Line


class Common(TypedDict):
    """The fields of `engine.events.Transaction`."""

    id: str
    occurred_at: int
    source: str
    updated_at: int
    total: Decimal
    currency: str | None
    return_of: str | None
    lines: tuple[Line, ...]
    number: str | None
    status: str | None
    payment_status: str | None
    store_id: str | None
    store_name: str | None
    shipping: Decimal | None
    custom: dict[str, Scalar]
    shows: tuple[str, ...]
    properties: msgspec.Raw


def common(item: Object, *, kind: str, item_id: str, origin: Origin) -> Common:
    """Check and normalise them.

    The event's id is that of the version: the same version again has the same, a correction
    another. Without `updatedAt` the time of the purchase stands for it.

    Raises:
        RejectedError: its path leads from the object.
    """
    occurred_at = times.instant(item.get("occurredAt"), path="occurredAt")
    updated_at = occurred_at
    if item.get("updatedAt") is not None:
        updated_at = times.instant(item["updatedAt"], path="updatedAt")
    total = values.amount(item.get("total"), path="total", is_signed=True)
    if total is None:
        raise RejectedError("missing_total", f"{_article(kind)} needs a total", path="total")
    return Common(
        id=ids.derived(kind, item_id, updated_at, occurred_at, _content(item)),
        occurred_at=times.clamped(occurred_at, received_at=origin.received_at),
        source=values.name(item.get("source"), path="source") or origin.source,
        updated_at=updated_at,
        total=total,
        currency=values.currency(item.get("currency"), path="currency"),
        return_of=values.identifier(item.get("returnOf"), path="returnOf"),
        lines=tuple(
            products.line(line, path=place)
            for place, line in products.entries(item.get("lines"), path="lines")
        ),
        number=values.identifier(item.get("number"), path="number"),
        status=status(item, "status"),
        payment_status=status(item, "paymentStatus"),
        store_id=values.identifier(item.get("storeId"), path="storeId"),
        store_name=values.name(item.get("storeName"), path="storeName") or None,
        shipping=values.amount(item.get("shipping"), path="shipping"),
        custom=values.custom(item, path="custom"),
        shows=identities.beside(item, region=origin.region),
        properties=decoding.canonical(item),
    )


def required_id(item: Object, *, name: str, kind: str) -> str:
    """Take the id the source knows it by.

    Raises:
        RejectedError: `missing_id`, `invalid_id`.
    """
    value = values.identifier(item.get(name), path=name)
    if value is None:
        raise RejectedError("missing_id", f"{_article(kind)} needs an id", path=name)
    return value


def status(item: Object, name: str) -> str | None:
    """Take a status in the source's own words.

    Raises:
        RejectedError: `invalid_id`; no text, or too long.
    """
    return values.identifier(item.get(name), path=name, max_chars=limits.STATUS_MAX_CHARS)


def _content(item: Object) -> str:
    """Everything but the times, which may be written in any zone."""
    return decoding.digest(
        {name: value for name, value in item.items() if name not in {"occurredAt", "updatedAt"}}
    )


def _article(kind: str) -> str:
    return f"an {kind}" if kind.startswith("o") else f"a {kind}"
