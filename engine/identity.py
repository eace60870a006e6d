"""Who the customer is: attributes and contacts, as trackers and back offices say them.

Each attribute is as of the last time a source spoke of it. So a delivery that comes late, or an
import of last year's file, fills gaps and overwrites nothing that was said since.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import msgspec

from engine import agreement, clocks, contacts, customfields
from engine.contacts import Said
from engine.customer import ATTRIBUTES_MAX, Customer
from engine.declarations import ProfileUpdated
from engine.definitions.settings import CustomField
from engine.events import Identified

NOTHING_OLDER: Final[Mapping[str, int]] = MappingProxyType({})

UNTIMED = -1
"""Of attributes in rows older than the times we keep: anything is newer."""


def identify(
    customer: Customer, said: Said, declared: Sequence[CustomField] = (), *, now: int
) -> Customer:
    """Merge traits into the attributes; null removes one; what exceeds the cap is left out.

    Args:
        declared: Custom fields of customers, read as their type; what cannot be is left out.
    """
    at = said.occurred_at
    attributes, times = dict(customer.attributes), dict(customer.attribute_times)
    older = said.trait_times if isinstance(said, ProfileUpdated) else {}
    taken: set[str] = set()
    for name, value in customfields.typed(said.traits, declared).items():
        said_at = older.get(name, at)
        if said_at < times.get(name, UNTIMED):
            continue
        if value is None:
            attributes.pop(name, None)
        elif name in attributes or len(attributes) < ATTRIBUTES_MAX:
            attributes[name] = value
        else:
            continue
        times[name] = said_at
        taken.add(name)
    changes = changed(customer, attributes, at=at, older=older)
    known = msgspec.structs.replace(
        customer,
        attributes=attributes,
        attribute_times=bounded(times, attributes),
        attribute_changes=changes,
        zones=clocks.heard(customer.zones, said.zones, at=at),
    )
    reached = contacts.give(known, said, frozenset(taken), now=now)
    agreed = agreement.agree(
        reached,
        said.subscriptions,
        at=at,
        origin="customer" if isinstance(said, Identified) else "import",
    )
    if isinstance(said, ProfileUpdated):
        agreed = agreement.recall(agreed, said.answers)
    return agreement.prefer(agreed, said.preferred, at=at)


def changed(
    customer: Customer,
    attributes: dict[str, object],
    *,
    at: int,
    older: Mapping[str, int] = NOTHING_OLDER,
) -> dict[str, int]:
    """When each of the attributes became what it is: some of them at `at`, by the source.

    A word between two others that comes late is passed over, and does not show here.
    """
    known = customer.attribute_changes
    found: dict[str, int] = {}
    for name, value in attributes.items():
        if name not in customer.attributes or customer.attributes[name] != value:
            found[name] = older.get(name, at)
        elif name in known:
            found[name] = known[name]
    return known if found == known else found


def bounded(times: dict[str, int], attributes: dict[str, object]) -> dict[str, int]:
    """Forget when the attributes removed longest ago were removed, where there are too many."""
    surplus = len(times) - ATTRIBUTES_MAX
    if surplus <= 0:
        return times
    removed = sorted((name for name in times if name not in attributes), key=times.__getitem__)
    return {name: at for name, at in times.items() if name not in removed[:surplus]}
