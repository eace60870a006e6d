"""When a message that may be sent at all may leave: not in quiet hours.

Asked of marketing only, at every look: what was held is looked at again from the beginning, so
consent, address and the trigger's own reason are asked once more at its release.
"""

from typing import Final, NamedTuple

from engine import clocks
from engine.customer import Customer
from engine.definitions.campaigns import Campaign
from engine.definitions.folded import Definitions
from engine.journeys import waiting
from engine.messages import Message
from engine.reasons import Reason
from engine.schedules import quiet
from engine.schedules.quiet import QuietHours

PAUSE_LOOK_MS: Final = 10 * 60 * 1000
"""How long after a pause ends it may take until all who waited have gone on: each looks at a time
of its own, so that they do not go at once."""


class Held(NamedTuple):
    """Not now; look again then, epoch ms."""

    until: int
    reason: Reason
    zone: str = ""
    """The clock it goes by, where it does, and who says that this is the customer's."""
    zone_source: str = ""


def held(
    customer: Customer, message: Message, definitions: Definitions, campaign: Campaign
) -> Held | Reason | None:
    """Say what keeps a message back at `decided_at`: until when, or for good; None: nothing."""
    hours = definitions.policy(campaign).quiet_hours
    if hours is None or message.message_class == "transactional":
        return None
    now, zones = message.decided_at, waiting.zones(customer, definitions)
    until = quiet.release(hours, message.id, now=now, expires_at=message.expires_at, zones=zones)
    if until == now:
        return None
    if until is None or hours.on_hit == "skip":
        return "quiet_hours"
    zone = zones.chosen(hours.tz).key or ""
    return Held(until, "quiet_hours", zone, _source(customer, hours, zone))


def _source(customer: Customer, hours: QuietHours, zone: str) -> str:
    """Who says that this is the zone to go by."""
    known = clocks.timezone(customer)
    if hours.tz == "recipient" and known is not None and known[0] == zone:
        return known[1]
    return "" if hours.tz == "UTC" else "company"
