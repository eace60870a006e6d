"""What happens in a test, as the doors would take it: the same checks, the same events."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from engine import ids, keys
from engine.commands import Called
from engine.declarations import SubscriptionsChanged
from engine.definitions.cases import Given, Happening
from engine.errors import RejectedError
from engine.intake import backoffice, decoding, messages, subscriptions
from engine.intake.arrivals import Arrival, Listing, Origin
from engine.replay import Occurrence

SOURCE: Final = "test"

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

BACK_OFFICE: Final[Mapping[str, str]] = {
    "receipt": "receipts",
    "order": "orders",
    "order_status": "order-status",
    "bonus_balance": "bonus-balances",
    "promo_code": "promo-codes",
    "tags": "tags",
    "product": "products",
    "category": "categories",
}
"""Kind of the back office by field of a happening."""

_NAMED_BY: Final[Mapping[str, str]] = {"receipt": "id", "order": "id", "promo_code": "code"}
"""What is made up where it is left out."""

_CUSTOMERS: Final = ("customerId", "email", "phone", "card", "anonymousId")


def given(customer: str, said: Given, *, at: int) -> Occurrence:
    """The profile somebody has before anything happens.

    Raises:
        RejectedError: as `/v1/customers` would.
    """
    item: dict[str, object] = {
        "id": customer,
        "traits": said.traits,
        "subscriptions": said.subscriptions,
        "updatedAt": text(at),
    }
    arrival = _taken("customers", item, at=at)
    assert isinstance(arrival, Arrival)
    return Occurrence(arrival.key, arrival.event, at)


def occurrence(
    one: Happening, customer: str, *, at: int, occurred_at: int, name: str
) -> Occurrence | Listing:
    """What a happening is; not of a response or a campaign's status.

    Args:
        name: Id of its message where it says none.

    Raises:
        RejectedError: as the doors would.
    """
    if one.subscriptions is not None:
        agreed = subscriptions.read(one.subscriptions, path="subscriptions")
        event = SubscriptionsChanged(
            id=one.id or name,
            occurred_at=occurred_at,
            source=SOURCE,
            subscriptions=agreed.subscriptions,
            preferred=agreed.preferred,
            origin="operator",
        )
        return Occurrence(keys.from_public_id(customer), event, at)
    if one.call is not None:
        called = Called(
            id=ids.derived("called", one.call, one.id or name, customer),
            occurred_at=occurred_at,
            name=one.call,
            source=SOURCE,
            key=one.id or name,
            payload=msgspec.Raw(msgspec.json.encode(one.payload)),
        )
        return Occurrence(keys.from_public_id(customer), called, at)
    for field, kind in BACK_OFFICE.items():
        body = getattr(one, field)
        if body is not None:
            item = _item(field, body, customer, name=one.id or name, occurred_at=occurred_at)
            found = _taken(kind, item, at=at)
            if isinstance(found, Listing):
                return found
            return Occurrence(found.key, found.event, at)
    arrival = messages.arrive(
        _plain(_call(one, customer, occurred_at=occurred_at, name=one.id or name)),
        origin=Origin(source=SOURCE, received_at=at, seed=name),
    )
    return Occurrence(arrival.key, arrival.event, at)


def text(at: int) -> str:
    """Epoch ms as messages carry it."""
    return (_EPOCH + timedelta(milliseconds=at)).isoformat().replace("+00:00", "Z")


def _taken(kind: str, item: dict[str, object], *, at: int) -> Arrival | Listing:
    origin = Origin(source=SOURCE, is_trusted=True, received_at=at, seed="", stated_at=at)
    return backoffice.KINDS[kind](_plain(item), origin=origin)


def _item(
    field: str, body: dict[str, object], customer: str, *, name: str, occurred_at: int
) -> dict[str, object]:
    """The body with what may be left out."""
    when = text(occurred_at)
    filled: dict[str, object] = {"updatedAt": when}
    if field in {"receipt", "order", "order_status"}:
        filled["occurredAt"] = when
    if field == "order_status":
        del filled["updatedAt"]
    if field in _NAMED_BY:
        filled[_NAMED_BY[field]] = name
    is_somebodys = field not in {"product", "category", "order_status"}
    if (is_somebodys or field == "order_status") and not any(one in body for one in _CUSTOMERS):
        filled["customerId"] = customer
    return {**filled, **body}


def _call(one: Happening, customer: str, *, occurred_at: int, name: str) -> dict[str, object]:
    """A tracker's message."""
    said: dict[str, object] = {"messageId": name, "timestamp": text(occurred_at)}
    word, _, device = customer.partition(":")
    if word == "anonymous" and device:
        said["anonymousId"] = device
    else:
        said["userId"] = customer
    if one.device is not None:
        said["anonymousId"] = one.device
    if one.event is not None:
        return {**said, "type": "track", "event": one.event, "properties": one.properties}
    if one.page is not None:
        return {**said, "type": "page", "properties": {**one.properties, "url": one.page}}
    if one.traits is None:
        raise RejectedError("nothing_happens", "nothing happens here")
    return {**said, "type": "identify", "traits": one.traits}


def _plain(item: dict[str, object]) -> dict[str, object]:
    """By way of JSON, so that numbers are as exact as in a request."""
    return decoding.message(msgspec.json.encode(item))
