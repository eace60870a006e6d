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
