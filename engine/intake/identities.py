"""Whose message it is: the strongest identifier it carries, without a look-up."""

from collections.abc import Callable
from typing import Final

import msgspec

from engine import identifiers, keys
from engine.errors import RejectedError
from engine.intake import emails, phones, values
from engine.intake.values import Object


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """The identifiers of a message, and the row they lead to."""

    key: str
    user_id: str | None
    anonymous_id: str | None


def of_message(message: Object) -> Identity:
    """Find whose message it is.

    Raises:
        RejectedError: `missing_identifier` (a blocked one is none), `invalid_id`, `reserved_id`.
    """
    user_id = known(message.get("userId"), "userId")
    anonymous_id = known(message.get("anonymousId"), "anonymousId")
    if user_id is not None:
        key = user_key(user_id, path="userId")
        return Identity(key=key, user_id=user_id, anonymous_id=anonymous_id)
    if anonymous_id is not None:
        key = keys.anonymous(anonymous_id)
        return Identity(key=key, user_id=None, anonymous_id=anonymous_id)
    raise RejectedError("missing_identifier", "neither userId nor anonymousId", path="userId")


def user_key(user_id: str, *, path: str) -> str:
    """Give the row key of a user id.

    Raises:
        RejectedError: `reserved_id`: as a public id it would mean another customer.
    """
    key = keys.user(user_id)
    if keys.from_public_id(user_id) != key:
        word = user_id.partition(":")[0]
        raise RejectedError("reserved_id", f"a user id does not begin with {word!r}:", path=path)
    return key


def of_object(item: Object, *, region: str | None) -> str:
    """Find whose a receipt or an order is: the row key of the strongest identifier it carries.

    `customerId` first, then `card`, `email`, `phone`; one that is everybody's counts for none.

    Args:
        item: The object as it came.
        region: Of a phone written without a country.

    Raises:
        RejectedError: `missing_identifier`, `invalid_id`, `reserved_id`, `invalid_email`,
            `invalid_phone`.
    """
    customer_id = known(item.get("customerId"), "customerId")
    if customer_id is not None:
        return user_key(customer_id, path="customerId")
    # Each is read: a wrong one is told, though a stronger one would do.
    found = [read(item, region) for read in _READERS]
    key = next((key for key in found if key is not None), None)
    if key is None:
        raise RejectedError(
            "missing_identifier",
            "whose is it? give customerId, email, phone or card",
            path="customerId",
        )
    return key


def beside(item: Object, *, region: str | None) -> tuple[str, ...]:
    """Row keys of what a receipt or an order names beside its customer's id.

    A till that knows the customer shows whose card, address, number and device these are. One that
    is none shows nothing, and is no reason to refuse a purchase whose customer is known. Without a
    customer's id a purchase goes by its strongest identifier alone.
    """
    if item.keys().isdisjoint(_OTHERS) or known(item.get("customerId"), "customerId") is None:
        return ()
    found: list[str] = []
    for read in (*_READERS, _device):
        try:
            key = read(item, region)
        except RejectedError:
            continue
        found += [] if key is None else [key]
    return tuple(found)


def _card(item: Object, _: str | None) -> str | None:
    return identifiers.of_card(values.identifier(item.get("card"), path="card"))


def _email(item: Object, _: str | None) -> str | None:
    return identifiers.of_email(_contact(item, "email", emails.normalised))


def _phone(item: Object, region: str | None) -> str | None:
    return identifiers.of_phone(
        _contact(item, "phone", lambda number: phones.identifier(number, region=region))
    )


def _device(item: Object, _: str | None) -> str | None:
    anonymous_id = known(item.get("anonymousId"), "anonymousId")
    return None if anonymous_id is None else keys.anonymous(anonymous_id)


_READERS: Final = (_card, _email, _phone)
"""The strongest first."""

_OTHERS: Final = frozenset({"card", "email", "phone", "anonymousId"})


def _contact(item: Object, name: str, normalise: Callable[[object], str | None]) -> str | None:
    value = item.get(name)
    if value is None or value == "":
        return None
    address = normalise(value)
    if address is None:
        raise RejectedError(f"invalid_{name}", f"{values.shown(value)} is no {name}", path=name)
    return address


def known(value: object, path: str) -> str | None:
    """Take an identifier of a person; one that stands for nobody is none.

    Raises:
        RejectedError: `invalid_id`.
    """
    identifier = values.identifier(value, path=path)
    if identifier is None or identifiers.is_nobody(identifier):
        return None
    return identifier
