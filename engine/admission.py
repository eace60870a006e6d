"""May this message go out? Asked when it is decided, and again when it was held too long."""

from typing import NamedTuple, TypeAlias

from engine import consent, contacts, suppressing
from engine.customer import Contact, Customer
from engine.definitions.policies import Policy
from engine.messages import MessageClass
from engine.reasons import Reason


class Admitted(NamedTuple):
    """It may, to this address."""

    to: str


class Refused(NamedTuple):
    """It may not."""

    reason: Reason


Admission: TypeAlias = Admitted | Refused


def admit(
    customer: Customer,
    *,
    channel: str,
    category: str | None,
    message_class: MessageClass,
    policy: Policy | None = None,
) -> Admission:
    """Ask what stands against the address, then consent, then for an address that works.

    Suppression outranks what the customer agreed to. Marketing needs a yes, unless the policy takes
    silence for one; transactional needs none. An SMS needs a number that takes it.
    """
    if suppressing.is_against(customer, channel, message_class):
        return Refused("suppressed")
    said = consent.state(customer.subscriptions, channel, category)
    is_assumed = policy is not None and policy.unknown_consent == "allow" and said == "unknown"
    if message_class == "marketing" and said != "yes" and not is_assumed:
        return Refused("no_consent")
    return _addressed(customer, channel)


def _addressed(customer: Customer, channel: str) -> Admission:
    if channel == "push":
        valid = [token.value for token in customer.tokens if token.is_valid]
        return Admitted(valid[-1]) if valid else Refused("no_address")
    to = customer.email if channel == "email" else customer.phone
    if not to:
        return Refused("no_address")
    contact = customer.contacts.get("email" if channel == "email" else "phone", Contact())
    if contact.state == "invalid":
        return Refused("invalid_address")
    if channel == "sms" and contact.kind in contacts.TEXTLESS:
        return Refused("not_mobile")
    return Admitted(to)
