"""What an export of customers carries beside traits: contacts with their states, dated consent.

`{"contacts": {"email": {"value", "state"}, "phone": {...}, "push": [{"type", "value", "state",
"given_at"}]}, "consent": [{"channel", "category", "state", "at", "origin"}],
"traitTimes": {"age": TIME}, "zones": {"browser": NAME}}`: the words in which the API tells a
customer. With them a customer who is taken out and put in again is the same one:
an address that bounced stays dead, and a yes keeps the date it was given.
"""

from collections.abc import Callable, Mapping
from typing import Final, get_args

import msgspec

from engine import consent, identifiers, keys
from engine.addresses import Address, AddressType, Token, TokenType, ZoneSource
from engine.declarations import ConsentOrigin, DatedAnswer
from engine.errors import RejectedError
from engine.intake import limits, products, profiles, subscriptions, times, values
from engine.intake import zones as timezones
from engine.intake.values import Object

TOKENS: Final[tuple[TokenType, ...]] = get_args(TokenType)

ORIGINS: Final[tuple[ConsentOrigin, ...]] = get_args(ConsentOrigin)

CONSENT: Final = "consent"
TRAIT_TIMES: Final = "traitTimes"

_STATES: Final = {"yes": True, "no": False}

_CONTACT_STATES: Final = {"valid": True, "invalid": False, "missing": None, "unknown": None}

_NORMALISED: Final[Mapping[str, Callable[[str], str | None]]] = {
    "a": keys.anonymous,
    "c": identifiers.of_card,
    "e": identifiers.of_email,
    "p": identifiers.of_phone,
}


def key(item: Object) -> str | None:
    """The row of somebody whom an export calls `anonymous:ID`, `email:ADDRESS` and so on."""
    public_id = values.identifier(item.get("id"), path="id")
    if public_id is None:
        return None
    found = keys.from_public_id(public_id)
    letter, _, identifier = found.partition(":")
    normalise = _NORMALISED.get(letter)
    if normalise is None or not identifier or identifiers.is_nobody(identifier):
        return None
    return found if normalise(identifier) == found else None


def traits(item: Object) -> dict[str, object]:
    """Traits; an address may stand among the contacts or beside them, where the traits have none.

    Consent with times goes before `subscriptions`, which an export repeats without them.

    Raises:
        RejectedError: `invalid_shape`.
    """
    said = {**values.fields(item, "traits")}
    for kind in profiles.ADDRESSES:
        value = _contact(item, kind).get("value") or item.get(kind)
        if kind not in said and value is not None:
            said[kind] = value
    agreed = item.get(profiles.SUBSCRIPTIONS)
    if item.get(CONSENT) is not None and isinstance(agreed, dict):
        agreed = {name: agreed[name] for name in agreed.keys() & {subscriptions.PREFERRED}}
    if agreed is not None:
        said[profiles.SUBSCRIPTIONS] = agreed
    return said


def trait_times(item: Object, *, at: int, received_at: int) -> dict[str, int]:
    """When each trait was said; later than the whole nothing was, and such a time says nothing.

    Raises:
        RejectedError: `invalid_shape`, `invalid_timestamp`.
    """
    said = values.fields(item, TRAIT_TIMES)
    told = {
        name: _time(said, name, TRAIT_TIMES, at=at, received_at=received_at)
        for name in said.keys() & values.fields(item, "traits").keys()
    }
    return {name: told_at for name, told_at in sorted(told.items()) if told_at < at}


def zones(item: Object) -> dict[ZoneSource, str | None]:
    """The zone that a browser told; the others follow from what is carried.

    Raises:
        RejectedError: `invalid_shape`.
    """
    name = values.fields(item, timezones.ZONES).get("browser")
    return {"browser": str(name)} if timezones.is_known(name) else {}


def addresses(item: Object, found: dict[AddressType, Address]) -> dict[AddressType, Address]:
    """The addresses with the word of the source, where it knows better than a check of the text.

    A `valid` that says no more than the check must not raise an address that bounced.

    Raises:
        RejectedError: `invalid_state`.
    """
    known = dict(found)
    for kind, address in found.items():
        said = _contact(item, kind).get("state")
        is_valid = state(said, path=f"contacts.{kind}.state")
        if is_valid is not None and is_valid != address.is_valid:
            known[kind] = msgspec.structs.replace(address, is_valid=is_valid, is_stated=True)
    return known


def tokens(item: Object, *, at: int, received_at: int) -> tuple[Token, ...]:
    """The push tokens.

    Raises:
        RejectedError: `unknown_contact`, `missing_value`, `invalid_state`, `invalid_timestamp`.
    """
    listed = values.fields(item, "contacts").get("push")
    return tuple(
        _token(
            token,
            place,
            at=_time(token, "given_at", place, at=at, received_at=received_at),
        )
        for place, token in products.entries(listed, path="contacts.push")
    )


def answers(item: Object, *, at: int, received_at: int) -> tuple[DatedAnswer, ...]:
    """Consent with times of its own.

    Raises:
        RejectedError: `invalid_consent`; an answer must not be lost unseen.
    """
    return tuple(
        _answer(one, place, at=_time(one, "at", place, at=at, received_at=received_at))
        for place, one in products.entries(item.get(CONSENT), path=CONSENT)
    )


def state(said: object, *, path: str) -> bool | None:
    """Whether a contact works, by the source; `missing` and `unknown` say nothing.

    Raises:
        RejectedError: `invalid_state`.
    """
    if said is None:
        return None
    if not isinstance(said, str) or said not in _CONTACT_STATES:
        raise RejectedError(
            "invalid_state",
            f"{values.shown(said)} is none of {', '.join(_CONTACT_STATES)}",
            path=path,
        )
    return _CONTACT_STATES[said]


def _contact(item: Object, kind: AddressType) -> Object:
    said = values.fields(item, "contacts").get(kind)
    return said if isinstance(said, dict) else {}


def _token(said: Object, path: str, *, at: int) -> Token:
    kind = next((known for known in TOKENS if known == said.get("type")), None)
    if kind is None:
        raise RejectedError(
            "unknown_contact",
            f"{values.shown(said.get('type'))} is none of {', '.join(TOKENS)}",
            path=f"{path}.type",
        )
    value = values.identifier(
        said.get("value"), path=f"{path}.value", max_chars=limits.TOKEN_MAX_CHARS
    )
    if value is None:
        raise RejectedError("missing_value", "a push token needs a value", path=f"{path}.value")
    return Token(
        type=kind,
        value=value,
        is_valid=state(said.get("state"), path=f"{path}.state") is not False,
        given_at=at,
    )


def _answer(said: Object, path: str, *, at: int) -> DatedAnswer:
    channel, category = said.get("channel"), said.get("category") or consent.WHOLE
    is_yes = _STATES.get(str(said.get("state")))
    origin = next((one for one in ORIGINS if one == said.get("origin", "import")), None)
    is_channel = isinstance(channel, str) and 0 < len(channel) <= limits.CHANNEL_MAX_CHARS
    is_category = isinstance(category, str) and len(category) <= limits.NAME_MAX_CHARS
    if not is_channel or not is_category or is_yes is None or origin is None:
        raise RejectedError(
            "invalid_consent",
            'write it like {"channel": "email", "category": "promo", "state": "yes", '
            '"at": "2026-11-22T10:00:00Z", "origin": "customer"}',
            path=path,
        )
    return DatedAnswer(str(channel), str(category), is_yes, at, origin)


def _time(said: Object, name: str, path: str, *, at: int, received_at: int) -> int:
    """Its own, else the customer's."""
    given = said.get(name)
    if given is None:
        return at
    return times.clamped(times.instant(given, path=f"{path}.{name}"), received_at=received_at)
