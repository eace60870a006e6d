"""When a message that may be sent at all may leave: not in quiet hours.

Asked of marketing only, at every look: what was held is looked at again from the beginning, so
consent, address and the trigger's own reason are asked once more at its release.
"""

from typing import Final, NamedTuple

from engine.customer import Customer
from engine.definitions.campaigns import Campaign
from engine.definitions.folded import Definitions
from engine.facts import Reason
from engine.journeys import waiting
from engine.messages import Message
from engine.schedules import quiet

PAUSE_LOOK_MS: Final = 10 * 60 * 1000
"""How long after a pause ends it may take until all who waited have gone on: each looks at a time
of its own, so that they do not go at once."""


class Held(NamedTuple):
    """Not now; look again then, epoch ms."""

    until: int
    reason: Reason


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
    return Held(until, "quiet_hours")
