"""What became of a message decides about the places it holds under frequency caps.

accepted, in doubt ──▶ counts from then on, of the customer and of the address
failed, expired, dropped ──▶ the places are given back
"""

from typing import Final

import msgspec

from engine import capping
from engine.capping import Count, Slot
from engine.customer import Customer
from engine.definitions import policies
from engine.definitions.folded import Definitions
from engine.effects import Effect, ReleaseShared
from engine.events import Responded
from engine.journeys import waiting

_COUNTS: Final = frozenset({"accepted", "in_doubt"})
_GIVES_BACK: Final = frozenset({"failed", "expired"})


def settle(
    customer: Customer, event: Responded, definitions: Definitions
) -> tuple[Customer, list[Effect]]:
    """Go by the first outcome that is heard of; what comes later changes nothing."""
    if event.response in _GIVES_BACK:
        return dropped(customer, event.message_id)
    held = capping.known(customer.counts, event.message_id)
    if event.response not in _COUNTS or held is None or not held.is_reserved:
        return customer, []
    at = event.occurred_at
    slot = Slot(message_id=held.message_id, channel=held.channel, category=held.category)
    counts = capping.commit(
        customer.counts,
        policies.every_cap(definitions.policies),
        slot,
        accepted_at=at,
        zones=waiting.zones(customer, definitions),
    )
    accepted = Count(held.message_id, held.channel, held.category, at)
    return msgspec.structs.replace(customer, counts=counts), [_released(held, accepted)]


def dropped(customer: Customer, message_id: str) -> tuple[Customer, list[Effect]]:
    """The message is not sent: its places are free."""
    held = capping.known(customer.counts, message_id)
    if held is None or not held.is_reserved:
        return customer, []
    counts = capping.give_back(customer.counts, message_id)
    # Without a grant the address was never asked.
    effects: list[Effect] = [_released(held)] if held.grant else []
    return msgspec.structs.replace(customer, counts=counts), effects


def _released(held: Count, accepted: Count | None = None) -> Effect:
    return ReleaseShared(
        claim_id=held.message_id,
        counter=held.counter,
        grant=held.grant,
        granted_at=0,
        accepted=accepted,
    )
