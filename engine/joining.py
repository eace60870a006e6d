"""What two identities of one person said of themselves: attributes, contacts and consent.

Each word goes by when it was said, as if one customer had said both; of two that nothing tells
apart, the survivor's stands.
"""

from collections.abc import Callable

from engine import agreement, consent, contacts, identity
from engine.addresses import AddressType, ZoneSource
from engine.consent import Answers
from engine.customer import ATTRIBUTES_MAX, Contact, Customer, Preference, Suppression, Zone
from engine.declarations import Subscriptions


def attributes(survivor: Customer, joined: Customer) -> dict[str, object]:
    """Each as it was said last; of two that nothing tells apart, the survivor's."""
    found: dict[str, object] = {}
    for name in {**survivor.attributes, **joined.attributes}:
        source = _later(name, survivor, joined)
        if name in source.attributes and len(found) < ATTRIBUTES_MAX:
            found[name] = source.attributes[name]
    return found


def attribute_times(survivor: Customer, joined: Customer) -> dict[str, int]:
    """When each was said, removals too."""
    names = {**survivor.attribute_times, **joined.attribute_times}
    times = {name: max(_said_at(survivor, name), _said_at(joined, name)) for name in names}
    return identity.bounded(times, attributes(survivor, joined))


def attribute_changes(survivor: Customer, joined: Customer) -> dict[str, int]:
    """When each that stands became what it is, to whom it belonged."""
    found: dict[str, int] = {}
    for name in attributes(survivor, joined):
        source = _later(name, survivor, joined)
        if name in source.attribute_changes:
            found[name] = source.attribute_changes[name]
    return found


def _later(name: str, survivor: Customer, joined: Customer) -> Customer:
    """Whose word on an attribute counts; a removal is a word, too."""
    return joined if _said_at(joined, name) > _said_at(survivor, name) else survivor


def _said_at(customer: Customer, name: str) -> int:
    """Before any time for what was never said, so that the other's fills the gap."""
    known = identity.UNTIMED if name in customer.attributes else identity.UNTIMED - 1
    return customer.attribute_times.get(name, known)


def address(kind: AddressType) -> Callable[[Customer, Customer], str | None]:
    """Make the rule for `email` or `phone`."""

    def rule(survivor: Customer, joined: Customer) -> str | None:
        source = _whose(kind, survivor, joined)
        return source.email if kind == "email" else source.phone

    return rule


def _whose(kind: AddressType, survivor: Customer, joined: Customer) -> Customer:
    """Whose address it is: the last one given, and at first whoever has one."""
    if _said_at(survivor, kind) == _said_at(joined, kind):
        has_one = survivor.email if kind == "email" else survivor.phone
        return survivor if has_one or kind in survivor.contacts else joined
    return _later(kind, survivor, joined)


def reached(survivor: Customer, joined: Customer) -> dict[AddressType, Contact]:
    """The state of each address beside it, never that of the other one."""
    return {
        kind: source.contacts[kind]
        for kind in contacts.ADDRESSES
        if kind in (source := _whose(kind, survivor, joined)).contacts
    }


def suppressions(survivor: Customer, joined: Customer) -> dict[AddressType, Suppression]:
    """What is known of each address that stays: of the same one what was said last."""
    found: dict[AddressType, Suppression] = {}
    for kind in contacts.ADDRESSES:
        source = _whose(kind, survivor, joined)
        value = source.email if kind == "email" else source.phone
        said = [
            one.suppressions[kind]
            for one in (survivor, joined)
            if kind in one.suppressions and (one.email if kind == "email" else one.phone) == value
        ]
        if said:
            found[kind] = max(said, key=lambda standing: standing.revision)
    return found


def zones(survivor: Customer, joined: Customer) -> dict[ZoneSource, Zone]:
    """What each source said last of the time zone."""
    later = {
        source: zone
        for source, zone in joined.zones.items()
        if source not in survivor.zones or zone.at > survivor.zones[source].at
    }
    return {**survivor.zones, **later}


def answers(survivor: Customer, joined: Customer) -> Answers:
    """Consent as if one had answered for both."""
    if not (survivor.subscriptions and joined.subscriptions):
        return survivor.answers or joined.answers
    return consent.joined(
        *(consent.known(one.subscriptions, one.answers) for one in (survivor, joined))
    )


def subscriptions(survivor: Customer, joined: Customer) -> Subscriptions:
    """The same without times."""
    if not (survivor.subscriptions and joined.subscriptions):
        return survivor.subscriptions or joined.subscriptions
    return consent.subscriptions(answers(survivor, joined))


def preferred(survivor: Customer, joined: Customer) -> dict[str, Preference]:
    """Preferred channels by the last word."""
    later = {
        category: preference
        for category, preference in joined.preferred.items()
        if category not in survivor.preferred or preference.at > survivor.preferred[category].at
    }
    return agreement.bounded({**survivor.preferred, **later})
