"""Phones: read, judged and normalised to E.164 by Google's libphonenumber (its Python port)."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

import phonenumbers
from phonenumbers import (
    NumberParseException,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberType,
    carrier,
    timezone,
)

from engine.addresses import Address, PhoneKind
from engine.intake import limits, zones
from engine.intake.structure import CONTROL

KNOWN_MAX: Final = 10_000
"""Numbers whose answer is remembered by a process, some 5 MB: 56 us each otherwise."""

_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_FILLERS: Final = re.compile(r"[\s().\-]")

KINDS: Final[Mapping[int, PhoneKind]] = {
    PhoneNumberType.FIXED_LINE: "landline",
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "landline_or_mobile",
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.PREMIUM_RATE: "premium",
    PhoneNumberType.SHARED_COST: "shared_cost",
    PhoneNumberType.VOIP: "voip",
    PhoneNumberType.PERSONAL_NUMBER: "personal",
    PhoneNumberType.PAGER: "pager",
    PhoneNumberType.UAN: "uan",
    PhoneNumberType.VOICEMAIL: "voicemail",
}


class Checked(NamedTuple):
    """A number and where its owner's clock stands, if the number tells."""

    address: Address
    zone: str | None = None


def check(value: object, *, region: str | None) -> Checked | None:
    """Judge a number; None if nothing was given.

    Args:
        region: Of numbers written without a country, two letters; None: such numbers are invalid,
            since 4155552671 is San Francisco to some and Switzerland to others.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        return None
    return _checked(value.strip()[: limits.PHONE_MAX_CHARS + 1], region)


def identifier(value: object, *, region: str | None) -> str | None:
    """Give the number as it identifies a person, in E.164; None if it is none.

    Also one of the right form that no country has given out so far as libphonenumber knows: a
    purchase must not be lost to a new range of numbers.
    """
    checked = check(value, region=region)
    if checked is None:
        return None
    if checked.address.is_valid:
        return checked.address.value
    digits = _FILLERS.sub("", checked.address.value)
    return digits if _E164.fullmatch(digits) else None


@lru_cache(maxsize=KNOWN_MAX)
def _checked(text: str, region: str | None) -> Checked:
    number = _parsed(text, region)
    if number is None or not phonenumbers.is_valid_number(number):
        return Checked(Address(value=text[: limits.PHONE_MAX_CHARS], is_valid=False))
    found = phonenumbers.region_code_for_number(number)
    return Checked(
        Address(
            value=phonenumbers.format_number(number, PhoneNumberFormat.E164),
            kind=KINDS.get(phonenumbers.number_type(number), "unknown"),
            region=found,
            operator=carrier.name_for_valid_number(number, "en") or None,
        ),
        _zone(number, found),
    )


def _parsed(text: str, region: str | None) -> PhoneNumber | None:
    if len(text) > limits.PHONE_MAX_CHARS or CONTROL.search(text):
        return None
    try:
        return phonenumbers.parse(text, region)
    except NumberParseException:
        return None


def _zone(number: PhoneNumber, region: str | None) -> str | None:
    """Only where every place the number may be in has the same clock."""
    found = timezone.time_zones_for_number(number)
    if len(found) == 1 and zones.is_known(found[0]):
        return found[0]
    return zones.of_country(region) if region is not None else None
