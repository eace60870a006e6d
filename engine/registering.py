"""Keeps the addresses' rows informed of who has them: after each change of a row, once.

The row remembers what it told. Whatever made its customer have another address, or none (a word of
the customer's, a merge, a split, an erasure), the difference is told here and nowhere else.
"""

from typing import Final

import msgspec

from engine import ids, keys, suppressions
from engine.addresses import AddressType
from engine.customer import Suppression
from engine.emissions import Emission
from engine.rows import Row
from engine.suppressions import AddressLeft, AddressTaken

_KINDS: Final[tuple[AddressType, ...]] = ("email", "phone")


def told(row: Row, because: str) -> list[Emission]:
    """Tell the rows of addresses that were given up or taken since the last time; often nothing.

    Args:
        row: Remembers what is told, in place.
        because: Id of the event that the row has just taken.
    """
    registered, customer = row.registered, row.customer
    if (
        registered.get("email") == (customer.email or None)
        and registered.get("phone") == (customer.phone or None)
    ):  # fmt: skip
        return []
    found: list[Emission] = []
    for kind in _KINDS:
        before, now = registered.get(kind), customer.email if kind == "email" else customer.phone
        if before == (now or None):
            continue
        found += _of(row, kind, (before, now or None), because)
    row.registered = {}
    if customer.email:
        row.registered["email"] = customer.email
    if customer.phone:
        row.registered["phone"] = customer.phone
    return found


def forgotten(row: Row, because: str) -> list[Emission]:
    """Give every address up, to be taken anew with the next `told`: what is known may be old."""
    found = [
        _left(row, suppressions.hashed(kind, value), because)
        for kind, value in row.registered.items()
    ]
    row.registered = {}
    return found


def _of(
    row: Row, kind: AddressType, values: tuple[str | None, str | None], because: str
) -> list[Emission]:
    before, now = (None if one is None else suppressions.hashed(kind, one) for one in values)
    if before == now:
        return []
    found = [] if before is None else [_left(row, before, because)]
    if now is not None:
        found.append(_taken(row, kind, now, because))
    return found


def _left(row: Row, address: bytes, because: str) -> Emission:
    counter, own = suppressions.counter(address), keys.from_public_id(row.customer.id)
    event = AddressLeft(
        id=ids.derived("address_left", counter, own, because), occurred_at=row.now_at, customer=own
    )
    return Emission("shared", msgspec.json.encode(event), key=counter)


def _taken(row: Row, kind: AddressType, address: bytes, because: str) -> Emission:
    counter, own = suppressions.counter(address), keys.from_public_id(row.customer.id)
    event = AddressTaken(
        id=ids.derived("address_taken", counter, own, because),
        occurred_at=row.now_at,
        kind=kind,
        customer=own,
        revision=row.customer.suppressions.get(kind, Suppression(revision=0)).revision,
    )
    return Emission("shared", msgspec.json.encode(event), key=counter)
