"""How a customer can be reached, as columns of ClickHouse; absent text is empty."""

from typing import TypedDict

from engine import clocks, contacts, traits
from engine.customer import Contact, Customer, Suppression


class Columns(TypedDict):
    """Those of `CustomerRow` about contacts and place."""

    email_state: str
    provider: str
    phone_state: str
    phone_kind: str
    region: str
    operator: str
    timezone: str
    country: str
    email_suppressed: str
    phone_suppressed: str


def columns(customer: Customer) -> Columns:
    """As of the row."""
    email = customer.contacts.get("email", Contact())
    phone = customer.contacts.get("phone", Contact())
    zone = clocks.timezone(customer)
    return Columns(
        email_state=contacts.state(customer, "email"),
        provider=email.provider or "",
        phone_state=contacts.state(customer, "phone"),
        phone_kind=phone.kind or "",
        region=phone.region or "",
        operator=phone.operator or "",
        timezone="" if zone is None else zone[0],
        country=traits.country(customer.attributes) or "",
        email_suppressed=customer.suppressions.get("email", Suppression(revision=0)).scope,
        phone_suppressed=customer.suppressions.get("phone", Suppression(revision=0)).scope,
    )
