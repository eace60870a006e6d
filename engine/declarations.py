"""What is said of a customer for good: consent, and what the back office knows, as events."""

from typing import Literal, TypeAlias

import msgspec

from engine.addresses import Address, AddressType, Token, ZoneSource
from engine.baseevent import BaseEvent

Subscriptions: TypeAlias = dict[str, bool | dict[str, bool]]
"""By channel: yes or no for all of it, or by category. What is absent is unknown."""

Preferred: TypeAlias = dict[str, str | None]
"""By category the channel the customer would rather have; None: none any more."""

ConsentOrigin: TypeAlias = Literal["customer", "operator", "complaint", "import", "campaign"]


class DatedAnswer(msgspec.Struct, frozen=True, array_like=True):
    """A yes or no with its own time, as an export has it."""

    channel: str
    category: str
    """Empty: the channel as a whole."""
    is_yes: bool
    at: int
    """Epoch ms, by the source."""
    origin: ConsentOrigin = "import"


class ProfileUpdated(
    BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="profile_updated"
):
    """What the back office knows of a customer, as of `occurred_at`; fields as `Identified`."""

    traits: dict[str, object] = msgspec.field(default_factory=dict)
    trait_times: dict[str, int] = msgspec.field(default_factory=dict)
    """Epoch ms of traits that are older than the rest, as an export carries them."""
    addresses: dict[AddressType, Address] = msgspec.field(default_factory=dict)
    tokens: tuple[Token, ...] = ()
    zones: dict[ZoneSource, str | None] = msgspec.field(default_factory=dict)
    subscriptions: Subscriptions = msgspec.field(default_factory=dict)
    preferred: Preferred = msgspec.field(default_factory=dict)
    answers: tuple[DatedAnswer, ...] = ()
    """Consent with times of its own, beside `subscriptions`, which go by `occurred_at`."""


class SubscriptionsChanged(
    BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="subscriptions_changed"
):
    """Consent given or withdrawn, by whom `origin` says."""

    subscriptions: Subscriptions = msgspec.field(default_factory=dict)
    preferred: Preferred = msgspec.field(default_factory=dict)
    origin: ConsentOrigin
