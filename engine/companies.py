"""The company a customer belongs to: the attribute `company`, a reserved trait of Segment's."""

from typing import Final

import msgspec

from engine import identity
from engine.customer import ATTRIBUTES_MAX, Customer
from engine.events import Grouped

COMPANY: Final = "company"


def join(customer: Customer, event: Grouped) -> Customer:
    """Keep the company's traits under its id; another company replaces them all.

    The newest word by its own time says which company it is. An older one that comes late changes
    nothing, its traits are not told apart from those a company after it took away.
    """
    times = customer.attribute_times
    if event.occurred_at < times.get(COMPANY, identity.UNTIMED):
        return customer
    known = customer.attributes.get(COMPANY)
    if known is None and len(customer.attributes) >= ATTRIBUTES_MAX:
        return customer
    is_same = isinstance(known, dict) and known.get("id") == event.group_id
    traits = {**known, **event.traits} if is_same and isinstance(known, dict) else event.traits
    company = {name: value for name, value in traits.items() if value is not None}
    attributes = {**customer.attributes, COMPANY: {**company, "id": event.group_id}}
    return msgspec.structs.replace(
        customer,
        attributes=attributes,
        attribute_changes=identity.changed(customer, attributes, at=event.occurred_at),
        attribute_times=identity.bounded({**times, COMPANY: event.occurred_at}, attributes),
    )
