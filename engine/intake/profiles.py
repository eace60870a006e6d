"""What a source says of a customer, by identify or from the back office: one reading for both."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from engine.addresses import Address, AddressType, ZoneSource
from engine.declarations import Preferred, Subscriptions
from engine.intake import emails, phones, subscriptions, values, zones
from engine.intake.values import Object

ADDRESSES: Final[tuple[AddressType, ...]] = ("email", "phone")

SUBSCRIPTIONS: Final = "subscriptions"
"""The one trait that is no attribute."""


class Profile(NamedTuple):
    """The fields that `Identified` and `ProfileUpdated` share."""

    traits: dict[str, object]
    addresses: dict[AddressType, Address]
    zones: dict[ZoneSource, str | None]
    subscriptions: Subscriptions
    preferred: Preferred


def read(said: Object, *, path: str, region: str | None) -> Profile:
    """Read traits; an address that is none is kept, with the word that it is none.

    A country in the same traits goes before `region` for a phone written without one.

    Raises:
        RejectedError: `invalid_subscriptions`; its path begins with `path`.
    """
    traits = {name: values.plain(value) for name, value in said.items() if name != SUBSCRIPTIONS}
    found: dict[AddressType, Address] = {}
    clocks: dict[ZoneSource, str | None] = {}
    if "email" in traits:
        _take(traits, found, "email", emails.check(traits["email"]))
    if "phone" in traits:
        checked = phones.check(traits["phone"], region=_region(traits) or region)
        _take(traits, found, "phone", None if checked is None else checked.address)
        clocks["phone"] = None if checked is None else checked.zone
    if "timezone" in traits:
        clocks["profile"] = _zone(traits["timezone"])
    country, city = place(traits)
    if country is not None or _names_place(traits):
        clocks["address"] = zones.of_place(country, city)
    agreed = subscriptions.read(said.get(SUBSCRIPTIONS), path=f"{path}.{SUBSCRIPTIONS}")
    return Profile(traits, found, clocks, agreed.subscriptions, agreed.preferred)


def place(traits: Mapping[str, object]) -> tuple[object, object]:
    """Country and city: of the trait `address`, else of the traits `country` and `city`."""
    address = traits.get("address")
    inside = address if isinstance(address, dict) else {}
    return (
        inside.get("country") or traits.get("country"),
        inside.get("city") or traits.get("city"),
    )


def _names_place(traits: Mapping[str, object]) -> bool:
    return "address" in traits or "country" in traits


def _region(traits: Mapping[str, object]) -> str | None:
    country, _ = place(traits)
    return zones.country_code(country) if isinstance(country, str) else None


def _zone(name: object) -> str | None:
    return str(name) if zones.is_known(name) else None


def _take(
    traits: dict[str, object],
    found: dict[AddressType, Address],
    kind: AddressType,
    address: Address | None,
) -> None:
    """Null and blank text take the address away; what is no text at all says nothing."""
    if address is not None:
        traits[kind] = address.value
        found[kind] = address
    elif traits[kind] is None or isinstance(traits[kind], str):
        traits[kind] = None
    else:
        del traits[kind]
