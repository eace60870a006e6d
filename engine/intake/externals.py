"""`context.externalIds` of a tracker: other names of the person, each with its type.

Segment's list `[{"id", "type", "collection", "encoding"}]`. Read are those that name a person here:
emails, phones, cards and devices, in clear. The rest (ids of advertising and analytics) is kept
with the event, and identifies nobody.
"""

from collections.abc import Callable
from typing import Final

from engine import identifiers, keys
from engine.errors import RejectedError
from engine.intake import emails, phones, values
from engine.intake.values import Object

ENTRIES_MAX: Final = 20
"""Read of one message; each is a comparison with the customer's links."""

IN_CLEAR: Final = (None, "", "none")
"""Encodings: of a hashed address nobody knows whose it is."""


def of_context(context: Object, *, region: str | None) -> tuple[str, ...]:
    """Row keys of the external ids, each once; one that is none is passed over.

    Args:
        region: Of a phone written without a country.
    """
    listed = context.get("externalIds")
    if not isinstance(listed, list):
        return ()
    found = (_key(entry, region) for entry in listed[:ENTRIES_MAX] if isinstance(entry, dict))
    return tuple(dict.fromkeys(key for key in found if key is not None))


def _key(entry: Object, region: str | None) -> str | None:
    kind = entry.get("type")
    read = _READERS.get(kind) if isinstance(kind, str) else None
    if read is None or entry.get("encoding") not in IN_CLEAR:
        return None
    try:
        said = values.identifier(entry.get("id"), path="id")
    except RejectedError:
        return None
    return None if said is None else read(said, region)


def _email(said: str, _: str | None) -> str | None:
    return identifiers.of_email(emails.normalised(said))


def _phone(said: str, region: str | None) -> str | None:
    return identifiers.of_phone(phones.identifier(said, region=region))


def _card(said: str, _: str | None) -> str | None:
    return identifiers.of_card(said)


def _device(said: str, _: str | None) -> str | None:
    return None if identifiers.is_nobody(said) else keys.anonymous(said)


_READERS: Final[dict[str, Callable[[str, str | None], str | None]]] = {
    "email": _email,
    "phone": _phone,
    "card": _card,
    "loyalty_card": _card,
    "anonymous_id": _device,
}
