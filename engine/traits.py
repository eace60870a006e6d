"""Attributes that every shop has, in one form: gender, birthday, country, city, registration.

The attributes stay as the shop gave them; this reads them, and whatever it cannot read is unknown.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal, TypeAlias

from engine.schedules import local

Gender: TypeAlias = Literal["m", "f", "other"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)

REGISTERED: Final = ("createdAt", "created_at")
"""Segment's reserved trait, and how Rails and its like write it."""

_SECONDS_MAX: Final = 100_000_000_000
"""A number below it is epoch seconds (until the year 5138), else milliseconds (from 1973 on)."""

GENDERS: Final[Mapping[str, Gender]] = {
    **dict.fromkeys(("m", "male", "man", "м", "муж", "мужской"), "m"),
    **dict.fromkeys(("f", "female", "woman", "w", "ж", "жен", "женский"), "f"),
}


def gender(attributes: Mapping[str, object]) -> Gender | None:
    """`m`, `f`, or `other` for any other word."""
    said = attributes.get("gender")
    if not isinstance(said, str) or not said.strip():
        return None
    return GENDERS.get(said.strip().casefold(), "other")


def birthday(attributes: Mapping[str, object]) -> date | None:
    """A day, whatever the hour; of a time with an offset, the day it was there."""
    said = attributes.get("birthday")
    if not isinstance(said, str):
        return None
    try:
        return datetime.fromisoformat(said.strip()).date()
    except ValueError:
        return None


def country(attributes: Mapping[str, object]) -> str | None:
    """As given, of the address or beside it."""
    return _placed(attributes, "country")


def city(attributes: Mapping[str, object]) -> str | None:
    """As given, of the address or beside it."""
    return _placed(attributes, "city")


def registered_at(attributes: Mapping[str, object]) -> int | None:
    """The first of `REGISTERED` that is a time, epoch ms; before 1970 is no registration.

    ISO 8601, UTC if it has no offset; or epoch seconds or ms.
    """
    for name in REGISTERED:
        said = attributes.get(name)
        at = _instant(said) if isinstance(said, str) else _number(said)
        if at is not None and at >= 0:
            return at
    return None


def found(attributes: Mapping[str, object], path: str) -> object:
    """What stands at a path; None where nothing does."""
    value: object = attributes
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def dated(value: object) -> date | int | None:
    """A value as a day, or as an instant in epoch ms; None where it is neither."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return local.read_date(value)


def _instant(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // _MS


def _number(said: object) -> int | None:
    """Out of what a DateTime64 can hold is no time."""
    if isinstance(said, bool) or not isinstance(said, int | float) or not 0 <= said < 10**13:
        return None
    return int(said * 1000) if said < _SECONDS_MAX else int(said)


def _placed(attributes: Mapping[str, object], name: str) -> str | None:
    address = attributes.get("address")
    inside = address.get(name) if isinstance(address, dict) else None
    said = inside or attributes.get(name)
    return said if isinstance(said, str) and said.strip() else None
