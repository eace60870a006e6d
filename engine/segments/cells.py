"""The RFM cell of a customer as text, and when time alone moves it."""

from engine.judging.leaves import Moment
from engine.metrics import ages, rfm


def cell(moment: Moment) -> str:
    """`5-4-3`; empty without a receipt that counts, or before anybody was compared."""
    entry = moment.definitions.rfm
    found = rfm.scores(moment.customer, None if entry is None else entry.cuts, now=moment.now)
    return "" if found is None else str(found)


def next_at(moment: Moment) -> int | None:
    """When the recency sinks next, epoch ms."""
    entry, at = moment.definitions.rfm, moment.customer.receipts.last_at
    if entry is None or at is None:
        return None
    sinks = (at + (cut + 1) * ages.DAY_MS for cut in entry.cuts.recency_days)
    return min((one for one in sinks if one > moment.now), default=None)
