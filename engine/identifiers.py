"""Values that identify a person, and those that only look as if they did."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from engine import keys

_NOBODY: Final = re.compile(
    r"[0\-_.*]+|-1|null|none|nil|undefined|nan|n/a|unknown|anonymous|guest|true|false"
    r"|\[object object\]",
    re.IGNORECASE,
)
"""What broken code sends for "nobody": taken for a customer, it would be everybody at once."""

_NOBODYS_EMAIL: Final = re.compile(
    r"(no-?reply|do-?not-?reply|null|none|undefined|anonymous|guest|nobody)@.*"
    r"|(test|no|a|b|x|email|user|asdf)@(test|example|email|mail|a|b|x|asdf|no)\.[a-z]+",
    re.IGNORECASE,
)
"""What tills and testers type where an address is required."""

_PHONE: Final = re.compile(r"\+?\d{5,15}")
_SAME_DIGIT: Final = re.compile(r"\+?\d{0,3}?(\d)\1{5,}")
_CARD_MAX_CHARS: Final = 100


def is_nobody(value: str) -> bool:
    """Whether an id stands for nobody: zeros, dashes, `null`, `guest` and so on."""
    return _NOBODY.fullmatch(value.strip()) is not None


def of_email(value: object) -> str | None:
    """The row key of an address; None for what is none, or is everybody's."""
    if not isinstance(value, str) or "@" not in value or _NOBODYS_EMAIL.fullmatch(value.strip()):
        return None
    return keys.email(value)


def of_phone(value: object) -> str | None:
    """The row key of a phone number; None for what is none, or is everybody's."""
    if not isinstance(value, str):
        return None
    key = keys.phone(value)
    number = key.partition(":")[2]
    is_phone = _PHONE.fullmatch(number) and not _SAME_DIGIT.fullmatch(number)
    return key if is_phone and not is_nobody(number) else None


def of_card(value: object) -> str | None:
    """The row key of a loyalty card; None for what is none, or is everybody's."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not 0 < len(value.strip()) <= _CARD_MAX_CHARS:
        return None
    return None if is_nobody(value) or not value.isprintable() else keys.card(value)


def of_traits(traits: Mapping[str, object]) -> Iterator[str]:
    """Row keys of the identifiers among a customer's traits."""
    found = (
        of_card(traits.get("card")),
        of_email(traits.get("email")),
        of_phone(traits.get("phone")),
    )
    return (key for key in found if key is not None)
