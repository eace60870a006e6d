"""When a message that may be sent at all may leave: not in quiet hours.

Asked of marketing only, at every look: what was held is looked at again from the beginning, so
consent, address and the trigger's own reason are asked once more at its release.
"""

from datetime import time
from typing import Final, NamedTuple

from engine import chance, clocks, rhythm
from engine.customer import Customer
from engine.definitions.campaigns import Campaign
from engine.definitions.folded import Definitions
from engine.definitions.policies import Policy
from engine.journeys import waiting
from engine.messages import Message
from engine.reasons import Reason
from engine.schedules import local, quiet
from engine.schedules.local import ZoneChoice

PAUSE_LOOK_MS: Final = 10 * 60 * 1000
"""How long after a pause ends it may take until all who waited have gone on: each looks at a time
of its own, so that they do not go at once."""


SPREAD_MS: Final = 30 * 60 * 1000
"""Of a best hour: what waited for it leaves in its first half."""


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
    return Held(until, "quiet_hours", zone, _source(customer, hours.tz, zone))


def best_time(
    customer: Customer, message: Message, definitions: Definitions, *, since: int, policy: Policy
) -> Held | None:
    """Until when it waits for the customer's best hour; None: it is there, or cannot be told.

    `since`: when the message might have left, epoch ms. The next such hour after it, each message
    at a place of its own in it; one that would expire before leaves at once.
    """
    if policy.send_time != "best_hour" or message.message_class == "transactional":
        return None
    best = rhythm.best_hour(customer.active_hours)
    zone = waiting.zones(customer, definitions).chosen("recipient")
    shown = local.wall(since, zone)
    if best is None or shown.hour == best:
        return None
    day = shown.date() + local.DAY if shown.hour > best else shown.date()
    begins = local.on_day(day, time(best), zone)
    until = begins + SPREAD_MS * chance.share("best_hour", message.id) // chance.SHARES
    if until >= message.expires_at or until <= message.decided_at:
        return None
    name = zone.key or ""
    return Held(until, "best_hour", name, _source(customer, "recipient", name))


def _source(customer: Customer, choice: ZoneChoice, zone: str) -> str:
    """Who says that this is the zone to go by."""
    known = clocks.timezone(customer)
    if choice == "recipient" and known is not None and known[0] == zone:
        return known[1]
    return "" if choice == "UTC" else "company"
