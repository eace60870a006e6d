"""What delivery asks of a way to send."""

from typing import Protocol

from channels.outcomes import Outcome
from engine.sends import Rendered


class Channel(Protocol):
    """One provider. `send` never raises for what a provider or a network does."""

    @property
    def name(self) -> str:
        """The provider, as ledger and metrics call it."""
        ...

    @property
    def is_certain(self) -> bool:
        """Whether sending again under the same id changes nothing.

        Then a reservation without an outcome is no doubt: it is taken over.
        """
        ...

    @property
    def slot_count(self) -> int:
        """How many messages may be in flight; as many are in doubt after a kill, at most."""
        ...

    async def send(self, rendered: Rendered, *, message_id: str) -> Outcome:
        """Hand over one message; bounded in time by the channel itself."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
