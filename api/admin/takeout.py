"""A customer of an export: what the import of the same kind takes back, and a few sums to read."""

from collections.abc import Iterator
from typing import Final

import msgspec

from api.admin import agreements, answers, reach
from engine import consent
from engine.consent import NEVER, WHOLE, Answer
from engine.customer import Customer
from engine.definitions.settings import Features

COLUMNS: Final = (
    "id",
    "email",
    "phone",
    "traits:json",
    "traitTimes:json",
    "zones:json",
    "subscriptions:json",
    "contacts:json",
    "consent:json",
    "updatedAt",
    "orders_count",
    "orders_total",
    "receipts_count",
    "receipts_total",
    "currency",
    "first_seen_at",
    "last_seen_at",
)
"""Of a table; the types are those of an import's header."""

_encode: Final = msgspec.json.Encoder(decimal_format="string").encode


def shape(known: Customer, *, as_of: int) -> dict[str, object]:
    """One customer.

    Args:
        as_of: epoch ms of the row's last change, for customers without any attribute.
    """
    at = updated_at(known, as_of=as_of)
    return {
        "id": known.id,
        "email": known.email,
        "phone": known.phone,
        "traits": known.attributes,
        "traitTimes": trait_times(known, at=at),
        "zones": zones(known),
        "subscriptions": agreements.told(known),
        "contacts": contacts(known),
        "consent": list(said(known)),
        "updatedAt": answers.time(at),
        "orders_count": known.orders.count,
        "orders_total": answers.money(known.orders.total),
        "receipts_count": known.receipts.count,
        "receipts_total": answers.money(known.receipts.total),
        "currency": known.receipts.currency or known.orders.currency,
        "first_seen_at": answers.time_or_none(known.first_seen_at),
        "last_seen_at": answers.time_or_none(known.last_seen_at),
    }


def line(known: Customer, *, as_of: int) -> bytes:
    """One customer of an NDJSON file."""
    return _encode(shape(known, as_of=as_of)) + b"\n"


def columns(features: Features) -> list[str]:
    """Those of a table: a feature that is off has none (M222)."""
    return [name for name in COLUMNS if features.orders or not name.startswith("orders_")]


def cells(known: Customer, *, as_of: int) -> dict[str, object]:
    """The same as cells of `COLUMNS`."""
    told = shape(known, as_of=as_of)
    return {
        column: _encode(told[name]).decode() if kind else told[name]
        for column in COLUMNS
        for name, _, kind in [column.partition(":")]
    }


def updated_at(known: Customer, *, as_of: int) -> int:
    """When the newest attribute was said: taking them back overrules nothing that is newer.

    A visit does not change it: the same profile is the same line, and the same event again.
    """
    return max(known.attribute_times.values(), default=as_of)


def trait_times(known: Customer, *, at: int) -> dict[str, str]:
    """When those were said that are older than the newest; a row from before kept none."""
    return {
        name: answers.time(said_at)
        for name, said_at in known.attribute_times.items()
        if name in known.attributes and 0 <= said_at < at
    }


def zones(known: Customer) -> dict[str, str]:
    """What a browser told: every other zone follows from attributes and contacts."""
    browser = known.zones.get("browser")
    return {} if browser is None or browser.name is None else {"browser": browser.name}


def contacts(known: Customer) -> dict[str, object]:
    """Addresses with their states, and every push token."""
    told = reach.details(known)
    return {
        "email": _address(told["email"]),
        "phone": _address(told["phone"]),
        "push": told["push"],
    }


def said(known: Customer) -> Iterator[dict[str, object]]:
    """Every answer with its own time."""
    for channel, answered in consent.known(known.subscriptions, known.answers).items():
        for category, answer in answered.items():
            yield _answer(channel, category, answer)


def _address(told: object) -> dict[str, object]:
    assert isinstance(told, dict)
    return {"value": told["value"], "state": told["state"]}


def _answer(channel: str, category: str, answer: Answer) -> dict[str, object]:
    return {
        "channel": channel,
        "category": None if category == WHOLE else category,
        "state": "yes" if answer.is_yes else "no",
        # Before we kept times: older than any other word.
        "at": answers.time(0 if answer.at == NEVER else answer.at),
        "origin": answer.origin,
    }
