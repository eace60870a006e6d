"""A campaign's rows of `shared`: say once of each revision that it failed, or is to pause.

The log of definitions is kept for ever, and a fault may be met by thousands before every worker
has heard of it; so it is this row that speaks. Its word is void like anybody's if the campaign has
moved on meanwhile: who meets the fault then speaks of the newer revision.
"""

from typing import Final

import msgspec

from engine import ids
from engine.claims import ClaimAnswer, Claimed, ClaimRefused
from engine.definitions.changes import Action, Change
from engine.definitions.failures import Failure
from engine.definitions.publishing import Paused, Tripped
from engine.emissions import Emission
from engine.faults import CampaignFailed
from engine.shared.counters import CounterRow

BY: Final = "oncue"
"""Who switches a campaign off."""


def fail(row: CounterRow, event: CampaignFailed, *, now: int) -> list[Emission]:
    """Note it, and tell the log of definitions if it does not know yet."""
    if event.revision <= row.failed:
        return []
    row.failed = event.revision
    failure = Failure(
        version=event.version, place=event.place, code=event.code, event=event.event, at=now
    )
    return [_change("fail", event.campaign, event.revision, failure, at=now)]


def guard(row: CounterRow, event: Claimed, answer: ClaimAnswer, *, now: int) -> list[Emission]:
    """Pause the campaign of a volume guard for whoever first found no place."""
    said = event.guard
    if said is None or not isinstance(answer, ClaimRefused) or said.revision <= row.failed:
        return []
    row.failed = said.revision
    tripped = Tripped(trigger=said.trigger, entries=event.limit, per=said.per, at=now)
    return [_change("pause", said.campaign, said.revision, Paused(guard=tripped), at=now)]


def _change(
    action: Action, campaign: str, revision: int, body: Failure | Paused, *, at: int
) -> Emission:
    change = Change(
        change_id=ids.derived(action, campaign, revision),
        kind="campaigns",
        id=campaign,
        action=action,
        based_on=revision,
        body=msgspec.Raw(msgspec.json.encode(body)),
        at=at,
        by=BY,
    )
    key = f"{change.kind}/{change.id}"
    return Emission("definitions", msgspec.json.encode(change), key=key)
