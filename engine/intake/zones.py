"""Time zones: names of the IANA database, and the countries that have but one clock."""

import importlib.resources
import unicodedata
import zoneinfo
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Final

ZONES: Final = "zones"
ZONE_TAB: Final = "zoneinfo/zone.tab"
ISO3166_TAB: Final = "zoneinfo/iso3166.tab"

CITY_MAX_CHARS: Final = 100
"""What is longer names no zone, and is not read to its end."""

_YEAR: Final = 2026
_INSTANTS: Final = tuple(datetime(_YEAR, month, 15, tzinfo=UTC) for month in range(1, 13))
"""Two zones that agree on all of these show the same time, summer time included."""


def is_known(name: object) -> bool:
    """Whether it is a name of the IANA database."""
    return isinstance(name, str) and name in _names()


def of_country(code: str) -> str | None:
    """The zone of a country (two letters); None if its parts have different clocks."""
    return _by_country().get(code.upper())


def of_place(country: object, city: object) -> str | None:
    """The zone of an address, by its country, or by a city that a zone of the country is named of.

    The country by code or by its English name; a city without a country says nothing: there is
    a Moscow in Idaho, too.
    """
    if not isinstance(country, str):
        return None
    code = country_code(country)
    if code is None:
        return None
    found = of_country(code)
    if found is None and isinstance(city, str):
        found = _cities().get((code, _plain(city)))
    return found


def country_code(country: str) -> str | None:
    """Two letters of a country given by them or by its English name."""
    text = country.strip()
    if len(text) == 2 and text.upper() in _codes().values():
        return text.upper()
    return _codes().get(text.casefold())


@cache
def _names() -> frozenset[str]:
    return frozenset(_lines(ZONES)) - {"Factory", "localtime"}


@cache
def _zones_by_country() -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for line in _lines(ZONE_TAB):
        code, _, name = line.split("\t")[:3]
        found[code].append(name)
    return found


@cache
def _by_country() -> Mapping[str, str]:
    """Where there are several with one clock, the first: the file names the largest place first."""
    return {code: names[0] for code, names in _zones_by_country().items() if _is_one_clock(names)}


@cache
def _cities() -> Mapping[tuple[str, str], str]:
    return {
        (code, _plain(name.rpartition("/")[2])): name
        for code, names in _zones_by_country().items()
        for name in names
    }


@cache
def _codes() -> Mapping[str, str]:
    """By name in lower case; `Britain (UK)` stands for itself, and for what people write."""
    pairs = (line.split("\t")[:2] for line in _lines(ISO3166_TAB))
    return {name.casefold(): code for code, name in pairs} | _OTHERWISE


_OTHERWISE: Final = {
    "united kingdom": "GB",
    "great britain": "GB",
    "uk": "GB",
    "usa": "US",
    "united states of america": "US",
    "russian federation": "RU",
    "czechia": "CZ",
    "south korea": "KR",
    "türkiye": "TR",
    "the netherlands": "NL",
}
"""What iso3166.tab writes otherwise."""


def _is_one_clock(names: list[str]) -> bool:
    return len({_offsets(name) for name in names}) == 1


def _offsets(name: str) -> tuple[object, ...]:
    zone = zoneinfo.ZoneInfo(name)
    return tuple(instant.astimezone(zone).utcoffset() for instant in _INSTANTS)


def _plain(city: str) -> str:
    """Without accents: the database writes São Paulo in ASCII."""
    parts = unicodedata.normalize("NFKD", city[:CITY_MAX_CHARS])
    letters = "".join(letter for letter in parts if not unicodedata.combining(letter))
    return letters.strip().casefold().replace("_", " ").replace("-", " ")


def _lines(name: str) -> list[str]:
    """Of a file of the package tzdata: data in a wheel, the same on every machine."""
    text = importlib.resources.files("tzdata").joinpath(name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
