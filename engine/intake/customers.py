"""Customers and single contacts as a back office sends them."""

from typing import Final

import msgspec

from engine import events, ids
from engine.addresses import Address, Token
from engine.declarations import ProfileUpdated
from engine.errors import RejectedError
from engine.intake import (
    carried,
    decoding,
    identities,
    limits,
    profiles,
    structure,
    times,
    values,
)
from engine.intake.arrivals import Arrival, Origin
from engine.intake.carried import TOKENS
from engine.intake.values import Object

TYPES: Final = ("email", "phone", *TOKENS)

STATES: Final = {"valid": True, "invalid": False}


def customer(item: dict[str, object], /, *, origin: Origin) -> Arrival:
    """Check `{"id", "traits", "subscriptions", "updatedAt"}`; without a time it goes from now on.

    What an export has beside them, contacts with their states and consent with its times, is taken
    back (`engine.intake.carried`); the id may be any public id, as an export has it.

    Raises:
        RejectedError: its path leads from the customer.
    """
    structure.check(item)
    key = carried.key(item) or _key(item, "id")
    at = _updated_at(item, origin)
    profile = profiles.read(carried.traits(item), path="traits", region=origin.region)
    event = ProfileUpdated(
        id=_id("customer", key, item, at=at),
        occurred_at=at,
        source=origin.source,
        traits=profile.traits,
        trait_times=carried.trait_times(item, at=at, received_at=origin.received_at),
        addresses=carried.addresses(item, profile.addresses),
        tokens=carried.tokens(item, at=at, received_at=origin.received_at),
        zones={**carried.zones(item), **profile.zones},
        subscriptions=profile.subscriptions,
        preferred=profile.preferred,
        answers=carried.answers(item, at=at, received_at=origin.received_at),
    )
    return Arrival(key=key, kind=events.KINDS[ProfileUpdated], event=event)


def contact(item: dict[str, object], /, *, origin: Origin) -> Arrival:
    """Check `{"customerId", "channel", "value", "state", "updatedAt"}`: one email, phone or token.

    What it is may be called `type` as well; of a push token it is its service. A value of null
    takes an email or a phone away; a state goes before what we would find.

    Raises:
        RejectedError: `unknown_contact`, `invalid_state`, `missing_value`; its path leads from
            the contact.
    """
    structure.check(item)
    key = _key(item, "customerId")
    at = _updated_at(item, origin)
    event = ProfileUpdated(
        id=_id("contact", key, item, at=at), occurred_at=at, source=origin.source
    )
    kind = _type(item)
    if kind not in TOKENS:
        event = _address(event, kind, item, region=origin.region)
    else:
        token = Token(
            type=kind,
            value=_token(item),
            is_valid=_state(item) is not False,
            given_at=at,
        )
        event = msgspec.structs.replace(event, tokens=(token,))
    return Arrival(key=key, kind=events.KINDS[ProfileUpdated], event=event)


def _address(
    event: ProfileUpdated, kind: str, item: Object, *, region: str | None
) -> ProfileUpdated:
    said = item.get("value")
    if "value" not in item:
        raise RejectedError("missing_value", "a contact needs a value, or null", path="value")
    profile = profiles.read({kind: said}, path="value", region=region)
    state = _state(item)
    addresses = {
        name: address if state is None else _stated(address, is_valid=state)
        for name, address in profile.addresses.items()
    }
    return msgspec.structs.replace(
        event, traits=profile.traits, addresses=addresses, zones=profile.zones
    )


def _stated(address: Address, *, is_valid: bool) -> Address:
    return msgspec.structs.replace(address, is_valid=is_valid, is_stated=True)


def _key(item: Object, name: str) -> str:
    customer_id = identities.known(item.get(name), name)
    if customer_id is None:
        raise RejectedError("missing_identifier", "whose is it? give the customer's id", path=name)
    return identities.user_key(customer_id, path=name)


def _updated_at(item: Object, origin: Origin) -> int:
    said = item.get("updatedAt")
    if said is None:
        at = origin.received_at if origin.stated_at is None else origin.stated_at
        return times.clamped(at, received_at=origin.received_at)
    return times.clamped(times.instant(said, path="updatedAt"), received_at=origin.received_at)


def _id(kind: str, key: str, item: Object, *, at: int) -> str:
    """The same object again is the same event; changed without a new time it is another one."""
    return ids.derived(kind, key, at, bytes(decoding.canonical(item)).decode())


def _type(item: Object) -> str:
    named = item.get("type") or item.get("channel")
    kind = _NAMES.get(named) if isinstance(named, str) else None
    if kind is None:
        raise RejectedError(
            "unknown_contact",
            f"{values.shown(named)} is none of {', '.join(TYPES)}",
            path="channel",
        )
    return kind


_NAMES: Final = {**{kind: kind for kind in TYPES}, "sms": "phone"}


def _token(item: Object) -> str:
    token = values.identifier(item.get("value"), path="value", max_chars=limits.TOKEN_MAX_CHARS)
    if token is None:
        raise RejectedError("missing_value", "a push token needs a value", path="value")
    return token


def _state(item: Object) -> bool | None:
    said = item.get("state")
    if said is None:
        return None
    if not isinstance(said, str) or said not in STATES:
        raise RejectedError(
            "invalid_state", f"{values.shown(said)} is none of {', '.join(STATES)}", path="state"
        )
    return STATES[said]
