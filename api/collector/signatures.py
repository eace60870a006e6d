"""Proof that a page speaks for its user: a write key is public, and anybody may claim any id.

The shop's server signs the user's id with the secret key; the page sends the signature along as
`context.signature`. It is taken off before anything is stored.
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

import msgspec

from engine.errors import RejectedError
from engine.events import (
    Aliased,
    Event,
    Grouped,
    Identified,
    OrderCancelled,
    OrderCompleted,
    OrderRefunded,
    OrderUpdated,
    SourceEvent,
)
from engine.intake.arrivals import Origin

FIELD: Final = "signature"

SIGNED: Final = (
    Identified,
    Grouped,
    Aliased,
    OrderCompleted,
    OrderUpdated,
    OrderRefunded,
    OrderCancelled,
)
"""What changes who a customer is, or what the customer is worth."""


def signature(user_id: str, *, secret: str) -> str:
    """HMAC-SHA256 of the id under the secret key, hexadecimal."""
    return hmac.new(secret.encode(), user_id.encode(), hashlib.sha256).hexdigest()


class Signatures(msgspec.Struct, frozen=True, kw_only=True):
    """The installation's rule."""

    secret: str
    is_required: bool = False

    def check(self, event: Event, given: object, *, origin: Origin) -> None:
        """Let an event pass that needs no signature, or has the right one.

        Raises:
            RejectedError: `unsigned_identity`, `invalid_signature`.
        """
        if not self.is_required or origin.is_trusted or not isinstance(event, SIGNED):
            return
        user_id = event.user_id if isinstance(event, SourceEvent) else None
        if user_id is None:
            return
        if given is None:
            raise RejectedError(
                "unsigned_identity",
                "a user is named from a page only with a signature: HMAC-SHA256 of the userId "
                "under the secret key",
                path=f"context.{FIELD}",
            )
        expected = signature(user_id, secret=self.secret)
        if not hmac.compare_digest(str(given).encode(errors="surrogatepass"), expected.encode()):
            raise RejectedError(
                "invalid_signature", "not the signature of this userId", path=f"context.{FIELD}"
            )


def taken_off(message: dict[str, object]) -> tuple[dict[str, object], object]:
    """A message without its signature, and the signature; None where it has none."""
    context = message.get("context")
    if not isinstance(context, dict) or FIELD not in context:
        return message, None
    return {**message, "context": without(context)}, context[FIELD]


def without(context: Mapping[str, object]) -> dict[str, object]:
    """A context without a signature."""
    return {name: value for name, value in context.items() if name != FIELD}
