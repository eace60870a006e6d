"""Who the customer is: attributes and contacts from an identify call."""

import msgspec

from engine import consent
from engine.customer import ATTRIBUTES_MAX, Customer
from engine.events import Identified


def identify(customer: Customer, event: Identified) -> Customer:
    """Merge traits into the attributes; null removes one; what exceeds the cap is left out."""
    attributes = dict(customer.attributes)
    for name, value in event.traits.items():
        if value is None:
            attributes.pop(name, None)
        elif name in attributes or len(attributes) < ATTRIBUTES_MAX:
            attributes[name] = value
    return msgspec.structs.replace(
        customer,
        attributes=attributes,
        email=_contact(event, "email", customer.email),
        phone=_contact(event, "phone", customer.phone),
        subscriptions=consent.merged(customer.subscriptions, event.subscriptions),
    )


def _contact(event: Identified, name: str, known: str | None) -> str | None:
    if name not in event.traits:
        return known
    value = event.traits[name]
    return value if isinstance(value, str) and value else None
