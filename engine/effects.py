"""Outbound decisions. Names are imperatives: an effect is yet to be carried out."""

from typing import TypeAlias

import msgspec

from engine.capping import Count
from engine.claims import Capped, Guard
from engine.facts import Fact
from engine.faults import CampaignFailed
from engine.messages import Message
from engine.suppressions import AddressReported


class ScheduleTimer(msgspec.Struct, frozen=True, kw_only=True):
    """Fire once at `due_at`; the same `timer_id` again replaces it."""

    timer_id: str
    due_at: int
    is_latest: bool = False
    """Only ever move a timer that is already set further away: late news never shortens a wait."""


class CancelTimer(msgspec.Struct, frozen=True, kw_only=True):
    """Forget the timer; one that is not there is no error."""

    timer_id: str


class SendMessage(msgspec.Struct, frozen=True, kw_only=True):
    """Hand a message to delivery; its id makes the send idempotent."""

    message: Message


class RecordFact(msgspec.Struct, frozen=True, kw_only=True):
    """Keep what was decided."""

    fact: Fact


class ClaimShared(msgspec.Struct, frozen=True, kw_only=True):
    """Ask for a place of a counter; `ClaimGranted` or `ClaimRefused` comes back as an event.

    After `timeout_ms` the timer `claim:CLAIM_ID` fires instead, and a grant that comes later is
    given back. The same claim again waits anew.
    """

    claim_id: str
    """Hash of what the place is for, a message or an instance: asked again, it is the same."""
    counter: str
    """What is counted: `campaign:ID:limit`, `cap:HASH` (`engine.shared.counters`)."""
    limit: int
    window_ms: int = 0
    """As in `engine.claims.Claimed`."""
    timeout_ms: int
    guard: Guard | None = None
    """The same, as the next two."""
    is_numbered: bool = False
    capped: Capped | None = None


class ReleaseShared(msgspec.Struct, frozen=True, kw_only=True):
    """Give a granted place back, once; fields as in `engine.claims.ClaimGranted`."""

    claim_id: str
    counter: str
    grant: int
    granted_at: int
    accepted: Count | None = None
    """As in `engine.claims.Released`."""


class AbandonClaim(msgspec.Struct, frozen=True, kw_only=True):
    """Wait for the answer no longer; one that is not waited for is no error."""

    claim_id: str


class StartCampaign(msgspec.Struct, frozen=True, kw_only=True):
    """Let another campaign's T48 fire; taken up inside the same step, and carried out by nobody."""

    by: Fact
    campaign: str
    payload: dict[str, object]


class ReportAddress(msgspec.Struct, frozen=True, kw_only=True):
    """Tell an address's row what became of a message there."""

    counter: str
    """The address's, `engine.suppressions.counter`."""
    report: AddressReported


class ReportCampaign(msgspec.Struct, frozen=True, kw_only=True):
    """Tell a campaign's row that it cannot be worked out."""

    report: CampaignFailed


SharedEffect: TypeAlias = (
    ClaimShared | ReleaseShared | AbandonClaim | ReportAddress | ReportCampaign
)

Effect: TypeAlias = (
    ScheduleTimer | CancelTimer | SendMessage | RecordFact | StartCampaign | SharedEffect
)
