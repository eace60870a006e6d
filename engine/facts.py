"""What was decided and why: the value of a `facts` record."""

from typing import Literal, TypeAlias

import msgspec

FactKind: TypeAlias = Literal["fired", "entered", "sent", "not_sent", "deferred", "exited"]

Reason: TypeAlias = Literal[
    "admitted",
    "no_consent",
    "no_address",
    "campaign_stopped",
    "no_template",
    "expired",
    "already_in_campaign",
    "completed",
]
"""Closed list; `docs/glossary.md` says each in words."""


class Fact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One decision; its id is a hash of what it is about, so a replay writes the same."""

    id: str
    customer: str
    kind: FactKind
    at: int
    """Epoch ms: when the event occurred, or the timer was due."""
    campaign: str
    version: int
    trigger: str
    instance: str
    step: str | None = None
    message_id: str | None = None
    reason: Reason | None = None
