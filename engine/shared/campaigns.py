"""A campaign's row of `shared`: says once of each revision that it failed.

The log of definitions is kept for ever, and a fault may be met by thousands before every worker
has heard of it; so it is this row that speaks. Its word is void like anybody's if the campaign has
moved on meanwhile: who meets the fault then speaks of the newer revision.
"""

from typing import Final

import msgspec

from engine import ids
from engine.definitions.changes import Change
from engine.definitions.failures import Failure
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
    change = Change(
        change_id=ids.derived("fail", event.campaign, event.revision),
        kind="campaigns",
        id=event.campaign,
        action="fail",
        based_on=event.revision,
        body=msgspec.Raw(msgspec.json.encode(failure)),
        at=now,
        by=BY,
    )
    key = f"{change.kind}/{change.id}"
    return [Emission("definitions", msgspec.json.encode(change), key=key)]
