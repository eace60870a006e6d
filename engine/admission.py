"""May this message go out? Asked when it is decided, and again when it was held too long."""

from typing import NamedTuple, TypeAlias

from engine import consent
from engine.customer import Customer
from engine.facts import Reason
from engine.messages import MessageClass


class Admitted(NamedTuple):
    """It may, to this address."""

    to: str


class Refused(NamedTuple):
    """It may not."""

    reason: Reason


Admission: TypeAlias = Admitted | Refused


def admit(
    customer: Customer, *, channel: str, category: str | None, message_class: MessageClass
) -> Admission:
    """Ask consent first, then for an address.

    Marketing needs a yes; transactional needs none.
    """
    if (
        message_class == "marketing"
        and consent.state(customer.subscriptions, channel, category) != "yes"
    ):
        return Refused("no_consent")
    to = customer.email if channel == "email" else customer.phone
    return Admitted(to) if to else Refused("no_address")
