"""What was decided and why, and what changed: the value of a `facts` record."""

from typing import Literal, TypeAlias, TypeGuard, get_args

import msgspec

from engine.reasons import Reason
from engine.why import Why

FactKind: TypeAlias = Literal["fired", "entered", "sent", "not_sent", "deferred", "exited"]
"""Decisions of a campaign."""

ChangeKind: TypeAlias = Literal[
    "metric_changed",
    "contact_changed",
    "consent_changed",
    "merged",
    "erased",
    "bonuses_changed",
    "points_changed",
    "pool_low",
    "promo_code_issued",
    "tag_changed",
    "linked",
    "not_merged",
    "unmerged",
    "trimmed",
    "arm_assigned",
    "goal_reached",
    "campaign_started",
    "segment_entered",
    "segment_left",
    "migrated",
    "suppression_changed",
]
"""What changed in the customer: `name`, from `before` to `after`."""


class Fact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One decision or change; its id is a hash of what it is about, so a replay writes the same."""

    id: str
    customer: str
    kind: FactKind | ChangeKind
    at: int
    """Epoch ms: when the event occurred, or the timer was due."""
    campaign: str = ""
    """With the next three: whose decision it is; empty for a change."""
    version: int = 0
    trigger: str = ""
    instance: str = ""
    step: str | None = None
    message_id: str | None = None
    reason: Reason | None = None
    name: str = ""
    """What changed: `receipts_total`, `email`, `sms/promo`; of a decision the time zone it goes by,
    else empty."""
    before: str | None = None
    """Its value as text; None when there was none. Money is decimal text, times are RFC 3339."""
    after: str | None = None
    cause: str = ""
    """Id of the event that changed it, or led to the decision."""
    origin: str = ""
    """Who or what says so: `customer`, `operator`, `complaint`, `import`; `identify`,
    `back_office`, `tracker`, `bounce`; of a time zone its source. Of a segment why the verdict
    turned: `event`, `time`, `definition`, `population`."""
    identities: tuple[str, ...] = ()
    """With `erased`: the public ids to be deleted, and `name` is the erasure's id."""
    why: Why | None = None
    """What a decision rests on; None where it rests on nothing but its reason."""


def is_decision(kind: FactKind | ChangeKind) -> TypeGuard[FactKind]:
    """Whether a campaign decided it; the others are changes."""
    return kind in get_args(FactKind)
