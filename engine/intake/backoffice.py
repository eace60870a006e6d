"""What a back office sends, by kind: the same checks for HTTP, for files and for the door.

A kind is the last part of its path, `/v1/receipts`. To take a new one, add its function here.
"""

from collections.abc import Mapping
from typing import Final, Protocol

from engine.intake import receipts
from engine.intake.arrivals import Arrival, Origin


class Take(Protocol):
    """Checks one object and says whose log it belongs to."""

    def __call__(self, item: dict[str, object], /, *, origin: Origin) -> Arrival:
        """Take it.

        Raises:
            RejectedError: its path leads from the object.
        """


KINDS: Final[Mapping[str, Take]] = {
    "receipts": receipts.arrive,
}
