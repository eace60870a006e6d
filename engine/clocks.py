"""Where a customer's clock stands: what each source says, and which of them is believed."""

from collections.abc import Mapping
from typing import Final

from engine.addresses import ZoneSource
from engine.customer import Customer, Zone
from engine.schedules.local import Zones

PRIORITY: Final[tuple[ZoneSource, ...]] = ("profile", "phone", "address", "browser")
"""The customer's own word first, a device on a journey last."""


def heard(
    known: dict[ZoneSource, Zone], said: Mapping[ZoneSource, str | None], *, at: int
) -> dict[ZoneSource, Zone]:
    """Add what was said at that time, by who said it; the same mapping where nothing is newer."""
    if not said:
        return known
    newer = {
        source: Zone(name, at)
        for source, name in said.items()
        if source not in known or at >= known[source].at
    }
    return {**known, **newer} if newer else known


def timezone(customer: Customer) -> tuple[str, ZoneSource] | None:
    """The zone of the first source that names one, and the source."""
    for source in PRIORITY:
        zone = customer.zones.get(source)
        if zone is not None and zone.name is not None:
            return zone.name, source
    return None


def zones(customer: Customer, *, company: str) -> Zones:
    """The clocks there are to go by."""
    known = timezone(customer)
    return Zones(None if known is None else known[0], company)
