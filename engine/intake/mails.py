"""Segment's email events: what a mail provider tells of a message, as a response of the customer.

Only where the source is trusted: a write key is public, and anybody could say of anybody that a
mail bounced.
"""

from collections.abc import Mapping
from typing import Final

from engine.events import Responded, Tracked
from engine.intake import values
from engine.intake.values import Object
from engine.sends import Response

CHANNEL: Final = "email"

_RESPONSES: Final[Mapping[str, Response]] = {
    "Email Delivered": "delivered",
    "Email Opened": "opened",
    "Email Link Clicked": "clicked",
    "Email Bounced": "bounced",
    "Email Marked as Spam": "complained",
    "Email Unsubscribed": "unsubscribed",
}


def responded(event: Tracked, properties: Object) -> Tracked | Responded:
    """Make it a response where it is one and names its message; anything else stays as it is.

    Raises:
        RejectedError: `invalid_id`, `invalid_name`.
    """
    response = _RESPONSES.get(event.name)
    message_id = values.identifier(properties.get("email_id"), path="properties.email_id")
    if response is None or message_id is None:
        return event
    campaign = values.identifier(properties.get("campaign_id"), path="properties.campaign_id")
    return Responded(
        id=event.id,
        occurred_at=event.occurred_at,
        name=event.name,
        source=event.source,
        message_id=message_id,
        channel=CHANNEL,
        campaign=campaign or "",
        response=response,
        url=values.url(properties.get("link_url")),
    )
