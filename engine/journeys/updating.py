"""The update step: what a campaign notes about the customer, once for each visit of the step."""

from typing import Final

from engine import agreement, identity, ids
from engine.declarations import ProfileUpdated
from engine.definitions.steps import UpdateStep
from engine.events import TagsChanged
from engine.journeys.walks import Walk
from engine.lists import tags

COUNTED_MAX: Final = 2**63 - 1
"""What every store of ours holds of a whole number."""


def update(walk: Walk, step: UpdateStep) -> None:
    """Note it; what the shop says later of the same attribute goes before it."""
    name = ids.derived("update", walk.instance.id, walk.instance.step, walk.rounds)
    said = {**step.set, **_counted(walk, step)}
    if said:
        profile = ProfileUpdated(id=name, occurred_at=walk.clock.now, traits=dict(said))
        declared = walk.definitions.settings.custom_fields.customer
        walk.customer = identity.identify(walk.customer, profile, declared, now=walk.clock.now)
    # The whole step's changes of consent are facts: `engine.step`.
    at = walk.clock.now
    walk.customer = agreement.agree(walk.customer, step.subscriptions, at=at, origin="campaign")
    if step.add_tags or step.remove_tags:
        _tag(walk, step, name)


def _counted(walk: Walk, step: UpdateStep) -> dict[str, int]:
    known = walk.customer.attributes
    found = {}
    for name, more in step.increment.items():
        value = known.get(name)
        before = value if isinstance(value, int) and not isinstance(value, bool) else 0
        found[name] = before + more
        if abs(found[name]) > COUNTED_MAX:
            raise OverflowError(f"{name}: more than an attribute holds")
    return found


def _tag(walk: Walk, step: UpdateStep, name: str) -> None:
    event = TagsChanged(
        id=name,
        occurred_at=walk.clock.now,
        added=step.add_tags,
        removed=step.remove_tags,
        origin="campaign",
    )
    before = walk.customer
    walk.customer = tags.change(before, event)
    walk.effects += tags.facts(before, walk.customer, event)
