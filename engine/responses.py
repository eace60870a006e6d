"""What became of our messages, as the customer's row remembers it."""

import msgspec

from engine import suppressions
from engine.customer import MESSAGES_MAX, Customer, SentMessage
from engine.events import Responded
from engine.messages import Message


def remember(customer: Customer, message: Message) -> Customer:
    """Note that a message was decided; the same id again is the same message."""
    if any(known.message_id == message.id for known in customer.messages):
        return customer
    kind = suppressions.kind_of(message.channel)
    sent = SentMessage(
        message_id=message.id,
        campaign=message.campaign,
        channel=message.channel,
        decided_at=message.decided_at,
        address=b"" if kind is None else suppressions.hashed(kind, message.to),
    )
    return msgspec.structs.replace(customer, messages=(*customer.messages, sent)[-MESSAGES_MAX:])


def sent(customer: Customer, message_id: str) -> SentMessage | None:
    """A message as the row remembers it; None: forgotten, or of somebody else."""
    return next((one for one in customer.messages if one.message_id == message_id), None)


def named(customer: Customer, event: Responded) -> Responded:
    """The response with channel and campaign of its message, where the provider left them out.

    Of a message that is forgotten the recipient still tells an email from a number.
    """
    if event.channel and event.campaign:
        return event
    known = sent(customer, event.message_id)
    if known is not None:
        channel, campaign = event.channel or known.channel, event.campaign or known.campaign
    elif event.channel or event.recipient is None:
        return event
    else:
        channel, campaign = "email" if "@" in event.recipient else "sms", event.campaign
    return msgspec.structs.replace(event, channel=channel, campaign=campaign)


def respond(customer: Customer, event: Responded) -> Customer:
    """Add the response once; one to a message no longer remembered changes nothing."""
    return msgspec.structs.replace(
        customer,
        messages=tuple(
            msgspec.structs.replace(known, responses=(*known.responses, event.response))
            if known.message_id == event.message_id and event.response not in known.responses
            else known
            for known in customer.messages
        ),
    )
