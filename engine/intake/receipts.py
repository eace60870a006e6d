"""Receipts and returns of the back office."""

from engine import events
from engine.intake import identities, structure, transactions
from engine.intake.arrivals import Arrival, Origin
from engine.transactions import ReceiptIssued

KIND = "receipt"


def arrive(receipt: dict[str, object], *, origin: Origin) -> Arrival:
    """Check and normalise one receipt; a repetition has the same id, a correction another.

    Raises:
        RejectedError: its path leads from the receipt.
    """
    structure.check(receipt)
    key = identities.of_object(receipt, region=origin.region)
    receipt_id = transactions.required_id(receipt, name="id", kind=KIND)
    common = transactions.common(receipt, kind=KIND, item_id=receipt_id, origin=origin)
    event = ReceiptIssued(receipt_id=receipt_id, **common)
    return Arrival(key=key, kind=events.KINDS[ReceiptIssued], event=event)
