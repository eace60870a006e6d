"""Runs go over to a newer version at their next touch, by what was said when it was published.

    an event, a timer ──▶ published since, with finish ──▶ leaves: superseded
                                           with migrate ──▶ on the new version, at the mapped step
                                           with stay    ──▶ as it was

Where the step is the same, what the run waits for goes on; at another step it arrives anew.
"""

import msgspec

from engine import ids
from engine.claims import ClaimAnswer
from engine.definitions.entries import CampaignEntry
from engine.definitions.publishing import Publication
from engine.effects import AbandonClaim, RecordFact
from engine.facts import Fact
from engine.journeys import grants, running
from engine.journeys.walks import Walk


def is_over(walk: Walk, answer: ClaimAnswer | None = None) -> bool:
    """Bring the run to the version it belongs on.

    `answer`: what its message waited for, if that is what touches it.

    Returns:
        Nothing more is to be done: it left, or went on from another step.
    """
    entry = walk.definitions.campaigns.get(walk.instance.campaign)
    if entry is None or not entry.publications:
        return False
    at, asks = walk.instance.step, walk.instance.asks
    is_moved = False
    for version, publication in sorted(entry.publications.items()):
        if version <= walk.instance.version:
            continue
        is_moved = True
        if not _moved(walk, entry, version, publication):
            walk.leave("superseded")
            walk.effects += grants.given_back(answer)
            return True
    if not is_moved:
        return False
    if walk.instance.admits or (walk.instance.step == at and not asks):
        walk.keep()
        return False
    if asks:
        # The message it asks for is one of the old version.
        walk.effects += [AbandonClaim(claim_id=asks), *grants.given_back(answer)]
        walk.hear(None)
    running.run(walk)
    return True


def _moved(walk: Walk, entry: CampaignEntry, version: int, publication: Publication) -> bool:
    """Put the run on a version; False: it has no place there."""
    before = walk.instance
    campaign = entry.versions[version]
    step = campaign.start if before.admits else publication.target(before.step)
    live = walk.definitions.trigger_of(campaign.id, version, before.trigger)
    if publication.running == "finish" or step not in campaign.steps or live is None:
        return False
    walk.live = live
    if step != before.step:
        walk.move(step)
    walk.instance = msgspec.structs.replace(walk.instance, version=version)
    walk.effects.append(
        RecordFact(
            fact=Fact(
                id=ids.derived("migrated", before.id, version),
                customer=walk.customer.id,
                kind="migrated",
                at=walk.clock.at,
                campaign=campaign.id,
                version=version,
                trigger=before.trigger,
                instance=before.id,
                step=step,
                name=campaign.id,
                before=f"{before.version}/{before.step}",
                after=f"{version}/{step}",
            )
        )
    )
    return True
