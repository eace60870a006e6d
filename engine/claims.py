"""Claims on what is counted across customers: the records of `shared`, and the answers to them.

    customer's row ──Claimed, Released──▶ counter's row          topic `shared`, by counter
    customer's row ◀──ClaimGranted, ClaimRefused── counter's row topic `events`, by customer

A claim is one customer's wish for one place of a counter. Its **number** tells repeated wishes
for the same claim apart, and with the claim's id it names the grant that came of it.
"""

from typing import Final, TypeAlias

import msgspec

from engine.baseevent import BaseEvent
from engine.capping import Count
from engine.caps import Cap
from engine.faults import CampaignFailed
from engine.suppressions import AddressRecord

TIMER: Final = "claim:"
"""Begins the id of the timer that ends a wait."""


def claim_of(timer_id: str) -> str:
    """The claim whose wait this timer ends; empty if it is another timer."""
    return timer_id.removeprefix(TIMER) if timer_id.startswith(TIMER) else ""


class Capped(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The message that asks for a place under frequency caps; the counter is its address."""

    channel: str
    category: str | None = None
    caps: tuple[Cap, ...]
    """Those it must keep."""
    others: tuple[Cap, ...] = ()
    """Those that count it: what they need is not forgotten."""
    expires_at: int
    recipient: str | None = None
    """Zone of the customer that asks, and the company's."""
    company: str = "UTC"


class Guard(msgspec.Struct, frozen=True, kw_only=True):
    """A volume guard, and what it pauses; the counter is its own."""

    campaign: str
    revision: int
    """That the customer was decided under: what came after it is another campaign."""
    trigger: str
    per: str


class Claimed(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="claimed"):
    """A customer wants a place; the record's key is the counter."""

    claim_id: str
    customer: str
    """Row key that the answer goes to."""
    number: int
    """Unique in that row, and rising."""
    limit: int
    """Places there are, by the definition the customer was decided under."""
    window_ms: int = 0
    """Places become free this long after they were granted, by log time; 0: never by themselves."""
    guard: Guard | None = None
    """Then the first who finds no place free pauses a campaign."""
    is_numbered: bool = False
    """Places are told apart: the grant names one that nobody else has."""
    capped: Capped | None = None
    """Then these caps decide, instead of limit and window; the claim's id is the message's."""


class Released(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="released"):
    """A granted place is given back: it was not used, or will not be."""

    claim_id: str
    customer: str
    grant: int
    """Number of the claim that was granted: a place taken again since is not given back."""
    granted_at: int
    accepted: Count | None = None
    """Under frequency caps: the place is not given back but counts from here on."""


class CounterRewriteRequested(
    BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="counter_rewrite_requested"
):
    """As `RewriteRequested`, of a counter's row."""


SharedEvent: TypeAlias = (
    Claimed | Released | CounterRewriteRequested | CampaignFailed | AddressRecord
)
"""What the topic `shared` holds."""


class ClaimGranted(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="claim_granted"):
    """The customer has the place until it is given back, or its window has passed."""

    claim_id: str
    counter: str
    number: int
    """Of the claim that is answered."""
    grant: int
    """Number of the claim that the place was granted to: an earlier one when this repeats it."""
    granted_at: int
    """Log time in the counter's row."""
    place: int | None = None
    """Of a numbered claim: which one, from 0 and below the limit."""
    left_count: int | None = None
    """With the place: how many were free after it."""

    @property
    def is_fresh(self) -> bool:
        """This answer is the grant; otherwise it only repeats one that was given before."""
        return self.number == self.grant


class ClaimRefused(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="claim_refused"):
    """No place is free."""

    claim_id: str
    counter: str
    number: int
    free_at: int | None = None
    """When the window frees a place, if none is taken before; None: no window does."""


ClaimAnswer: TypeAlias = ClaimGranted | ClaimRefused
