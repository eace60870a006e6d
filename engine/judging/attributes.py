"""Attributes of a customer by path: what the shop says, and what we read or derive of it."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from engine import clocks, dates, traits
from engine.addresses import AddressType
from engine.conditions import evaluation
from engine.customer import Contact, Customer
from engine.schedules import local


def read(customer: Customer, path: str, *, now: int, zone: str) -> object:
    """What stands at the path; None where nothing does.

    Args:
        now: Epoch ms; of ages only.
        zone: The company's, in which a birthday begins.
    """
    if path == "age":
        return age(customer, now=now, zone=zone)
    derived = _DERIVED.get(path)
    if derived is not None:
        return derived(customer)
    return evaluation.found(customer.attributes, path.split("."))


def age(customer: Customer, *, now: int, zone: str) -> int | None:
    """Whole years; nobody is born tomorrow."""
    born = birthday(customer)
    if born is None:
        return None
    years = dates.years_between(born, dates.local(now, zone))
    return years if years >= 0 else None


def birthday(customer: Customer) -> date | None:
    """The day, of a time the day where it was written; as ClickHouse reads it."""
    said = customer.attributes.get("birthday")
    if not isinstance(said, str):
        return None
    found = dates.read(said.strip()[:10])
    return found if isinstance(found, date) else None


def timezone(customer: Customer, *, company: str) -> str:
    """The customer's zone, the company's where nobody knows it, or this release knows none such."""
    found = clocks.timezone(customer)
    return company if found is None or not local.is_known(found[0]) else found[0]


def _birthday(customer: Customer) -> str | None:
    born = birthday(customer)
    return None if born is None else born.isoformat()


def _timezone(customer: Customer) -> str | None:
    found = clocks.timezone(customer)
    return None if found is None else found[0]


def _contact(customer: Customer, kind: AddressType) -> Contact:
    return customer.contacts.get(kind, Contact())


def _suppressed(customer: Customer, kind: AddressType) -> str | None:
    standing = customer.suppressions.get(kind)
    return None if standing is None else standing.scope or None


_DERIVED: Final[Mapping[str, Callable[[Customer], object]]] = {
    "id": lambda customer: customer.id,
    "email": lambda customer: customer.email or None,
    "phone": lambda customer: customer.phone or None,
    "gender": lambda customer: traits.gender(customer.attributes),
    "birthday": _birthday,
    "city": lambda customer: traits.city(customer.attributes),
    "country": lambda customer: traits.country(customer.attributes),
    "timezone": _timezone,
    "source": lambda customer: customer.source or None,
    "email_provider": lambda customer: _contact(customer, "email").provider,
    "phone_kind": lambda customer: _contact(customer, "phone").kind,
    "phone_operator": lambda customer: _contact(customer, "phone").operator,
    "phone_region": lambda customer: _contact(customer, "phone").region,
    "email_suppressed": lambda customer: _suppressed(customer, "email"),
    "phone_suppressed": lambda customer: _suppressed(customer, "phone"),
    "registered_at": lambda customer: customer.registered_at,
    "first_seen_at": lambda customer: customer.first_seen_at,
    "last_seen_at": lambda customer: customer.last_seen_at,
    "events_count": lambda customer: customer.events_count,
}
