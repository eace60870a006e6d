"""The provider that keeps everything at home: accepted means written to the ledger."""

from channels.outcomes import Accepted
from engine.sends import Rendered


class Sandbox:
    """Accepts by definition. The `accepted` record carries the message: it is the mailbox.

    Nothing happens outside the ledger, so a repetition under the same id is the same mail.
    """

    name = "sandbox"
    is_certain = True
    slot_count = 100

    async def send(self, rendered: Rendered, *, message_id: str) -> Accepted:  # noqa: ARG002 - a Channel is asked with it
        """Accept."""
        return Accepted(code="250", kept=rendered)

    async def close(self) -> None:
        """Hold nothing."""
