"""How a customer can be reached, and who they are, as it goes out."""

from collections.abc import Sequence

from api.admin import answers
from engine import clocks, contacts, traits
from engine.addresses import AddressType
from engine.customer import Contact, Customer


def shape(known: Customer, *, fields: Sequence[str]) -> dict[str, object]:
    """The parts `contacts`, `timezone` with its source, and `profile` of a customer."""
    zone = clocks.timezone(known)
    return {
        "contacts": {"email": _email(known), "phone": _phone(known)},
        "timezone": None if zone is None else zone[0],
        "timezone_source": None if zone is None else zone[1],
        "profile": profile(known, fields=fields),
    }


def profile(known: Customer, *, fields: Sequence[str]) -> dict[str, object]:
    """The fields that the settings show, in their order (M135, M136).

    What every shop has of its customers is in one form, whatever the attribute is called; any
    other name is that of an attribute, or `address.city` of one inside it. Null: not known.
    """
    told = known.attributes
    birthday = traits.birthday(told)
    read: dict[str, object] = {
        "gender": traits.gender(told),
        "birthday": None if birthday is None else birthday.isoformat(),
        "country": traits.country(told),
        "city": traits.city(told),
        "registered_at": answers.time_or_none(known.registered_at),
    }
    return {name: read[name] if name in read else _attribute(told, name) for name in fields}


def _attribute(told: dict[str, object], name: str) -> object:
    """The attribute of this very name goes before one inside another."""
    if name in told:
        return told[name]
    found: object = told
    for part in name.split("."):
        if not isinstance(found, dict):
            return None
        found = found.get(part)
    return found


def details(known: Customer) -> dict[str, object]:
    """Each contact with the date, cause and origin of its state; the push tokens."""
    return {
        "email": {
            **_email(known),
            "suggestion": known.contacts.get("email", Contact()).suggestion,
            **_since(known, "email"),
        },
        "phone": {**_phone(known), **_since(known, "phone")},
        "push": [
            {
                "type": token.type,
                "value": token.value,
                "state": "valid" if token.is_valid else "invalid",
                "given_at": answers.time(token.given_at),
            }
            for token in known.tokens
        ],
    }


def _email(known: Customer) -> dict[str, object]:
    return {
        "value": known.email,
        "state": contacts.state(known, "email"),
        "provider": known.contacts.get("email", Contact()).provider,
    }


def _phone(known: Customer) -> dict[str, object]:
    contact = known.contacts.get("phone", Contact())
    return {
        "value": known.phone,
        "state": contacts.state(known, "phone"),
        "kind": contact.kind,
        "operator": contact.operator,
        "region": contact.region,
    }


def _since(known: Customer, kind: AddressType) -> dict[str, object]:
    contact = known.contacts.get(kind, Contact())
    return {
        "changed_at": answers.time_or_none(contact.changed_at or None),
        "cause": contact.cause or None,
        "origin": contact.origin or None,
    }
