"""A decided message: the value of a `messages` record."""

from typing import Literal, TypeAlias

import msgspec

MessageClass: TypeAlias = Literal["marketing", "transactional"]


class Message(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename={"message_class": "class"}
):
    """Everything delivery needs, so that it never looks a customer up."""

    id: str
    """Hash of campaign version, customer, instance and step: the same decision, the same id."""

    customer: str
    """Public id; the record's key is the row key."""

    channel: str
    to: str
    """The address on that channel."""

    campaign: str
    version: int
    trigger: str
    instance: str
    step: str
    template: str
    template_version: int
    message_class: MessageClass
    category: str | None = None
    context: dict[str, object] = {}
    """What the template may use: `customer`, `cart`, `event`."""

    decided_at: int
    """Epoch ms: `now` of the step that decided."""

    caused_at: int
    """Epoch ms: when the event that led here was due or logged; latency is measured from it."""

    began_at: int = 0
    """Epoch ms: when what let the customer in happened, or was due; 0 in messages before runs had
    several steps: `caused_at`."""

    expires_at: int
    """Not sent at or after this instant; at most 7 days after `decided_at`."""
