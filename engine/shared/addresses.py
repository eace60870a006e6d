"""An address that messages under frequency caps go to, whoever of its customers they are for.

Two profiles of one person share an inbox, so a cap is kept twice: of the customer, in the row, and
of the address, here, by the same arithmetic (`engine.capping`).
"""

from engine import capping, ids
from engine.capping import Slot
from engine.claims import Capped, ClaimAnswer, Claimed, ClaimGranted, ClaimRefused, Released
from engine.schedules.local import Zones
from engine.shared.counters import CounterRow


def answer(
    row: CounterRow, counter: str, event: Claimed, capped: Capped, *, now: int
) -> ClaimAnswer:
    """Hold a place for the message, or say when to ask again."""
    before = capping.known(row.counts, event.claim_id)
    slot = Slot(
        message_id=event.claim_id,
        channel=capped.channel,
        category=capped.category,
        grant=event.number if before is None else before.grant,
    )
    zones = Zones(capped.recipient, capped.company)
    answer_id = ids.derived("claim", event.customer, event.claim_id, event.number)
    at = capping.look_at(row.counts, capped.caps, slot, now=now, zones=zones)
    if before is None and at > now:
        return ClaimRefused(
            id=answer_id,
            occurred_at=now,
            claim_id=event.claim_id,
            counter=counter,
            number=event.number,
            free_at=at,
        )
    if before is None or before.is_reserved:
        caps = (*capped.caps, *capped.others)
        row.counts = capping.reserve(
            row.counts, caps, slot, now=now, expires_at=capped.expires_at, zones=zones
        )
    return ClaimGranted(
        id=answer_id,
        occurred_at=now,
        claim_id=event.claim_id,
        counter=counter,
        number=event.number,
        grant=slot.grant,
        granted_at=now,
    )


def is_kept(row: CounterRow, event: Released) -> bool:
    """Whether this is about a message."""
    return event.accepted is not None or capping.known(row.counts, event.claim_id) is not None


def settle(row: CounterRow, event: Released) -> None:
    """Count the message that was accepted, or free the place that this grant had."""
    accepted = event.accepted
    if accepted is not None:
        slot = Slot(
            message_id=accepted.message_id, channel=accepted.channel, category=accepted.category
        )
        row.counts = capping.commit(
            row.counts, (), slot, accepted_at=accepted.at, zones=Zones(None, "UTC")
        )
        return
    held = capping.known(row.counts, event.claim_id)
    if held is not None and held.grant == event.grant:
        row.counts = capping.give_back(row.counts, event.claim_id)
