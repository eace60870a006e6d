"""Steps that give or take: once for each visit of the step, and nothing to whoever is held out."""

import msgspec

from engine import durations, ids, points
from engine.definitions.basestep import StepId
from engine.definitions.gifts import PointsStep
from engine.effects import RecordFact
from engine.journeys.walks import Walk
from engine.lists import accruals
from engine.points import PointsEntry


def change_points(walk: Walk, step: PointsStep) -> StepId | None:
    """Where the run goes on; who has fewer than are taken goes elsewhere."""
    if walk.instance.is_shadow:
        return step.next
    before, now = walk.customer, walk.clock.now
    entry = _entry(walk, step)
    entered = points.enter(before.points, entry, now=now)
    if entered is None:
        is_in = any(one.id == entry.id for one in before.points)
        return step.next if is_in else step.otherwise
    walk.customer = msgspec.structs.replace(before, points=entered)
    for told in accruals.facts(before, walk.customer, now=now, cause=walk.clock.cause):
        walk.effects.append(_of_step(walk, told))
    return step.next


def _entry(walk: Walk, step: PointsStep) -> PointsEntry:
    instance, now = walk.instance, walk.clock.now
    length_ms = None if step.expires_in is None else durations.parse_ms(step.expires_in)
    return PointsEntry(
        id=ids.derived("points", instance.id, instance.step, walk.rounds),
        at=now,
        amount=step.amount,
        expires_at=None if length_ms is None else now + length_ms,
        reason=step.reason,
        origin="campaign",
        campaign=instance.campaign,
        run=instance.id,
    )


def _of_step(walk: Walk, told: RecordFact) -> RecordFact:
    """The entry's own fact says the step too; what had expired is nobody's decision."""
    if told.fact.origin == "expired":
        return told
    instance = walk.instance
    fact = msgspec.structs.replace(
        told.fact, version=instance.version, trigger=instance.trigger, step=instance.step
    )
    return RecordFact(fact=fact)
