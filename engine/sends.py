"""The ledger of delivery: the value of a `sends` record, and the answer that ends an attempt."""

from typing import Literal, TypeAlias

import msgspec

SendState: TypeAlias = Literal["reserved", "accepted", "failed", "in_doubt", "expired"]


Response: TypeAlias = Literal[
    "accepted",
    "failed",
    "in_doubt",
    "expired",
    "delivered",
    "bounced",
    "opened",
    "clicked",
    "unsubscribed",
    "complained",
    "deferred",
    "dropped",
    "replied",
    "resubscribed",
    "read",
]
"""What became of a message, as its customer's row hears of it."""


class Rendered(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message as the provider gets it."""

    to: str
    subject: str = ""
    text: str = ""
    html: str = ""
    headers: dict[str, str] = {}


class Send(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of the ledger on (message id, attempt); the first reservation wins."""

    id: str
    """The message's."""

    attempt: int
    state: SendState
    at: int
    """Epoch ms, delivery's clock."""
    customer: str
    channel: str
    campaign: str
    version: int
    step: str
    template: str
    writer: str
    """The delivery process's run: only it knows what became of a reservation of its own."""
    provider: str
    """`sandbox`, `smtp`."""
    code: str | None = None
    reason: str | None = None
    rendered: Rendered | None = None
    """Only in the sandbox's `accepted`: the sandbox's mailbox is this very record."""
