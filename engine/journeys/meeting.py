"""Whether an event is one that a run waits for, leaves by, or has for its goal."""

from engine.definitions.basestep import EventMet
from engine.journeys import payloads
from engine.journeys.payloads import Told


def is_met(met: EventMet, told: Told, *, key: str, path: str | None) -> bool:
    """Tell whether it is.

    Args:
        key: What the run is about; empty: nothing that could be matched.
        path: Where the trigger reads that; in this event it may stand elsewhere.
    """
    if met.event.strip().casefold() not in told.names:
        return False
    if met.match_key and (not key or payloads.key(told.document, met.key or path) != key):
        return False
    return told.passes(met.where)
