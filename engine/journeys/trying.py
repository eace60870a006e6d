"""The A/B test: a sample is dealt the arms, the others wait for what comes of it.

    remembered ──────────────────────────────▶ the same arm, whatever has changed since
    held out ────────────────────────────────▶ dealt, and takes no place of the sample
    there is a verdict ──────────────────────▶ dealt by its weights
    a place of the sample ──granted──────────▶ dealt by the weights of the step
                          └─refused─▶ waits ─▶ dealt by the verdict, else by the tie rule

Who was dealt an arm keeps it, in the row: new weights, a verdict, a new version and a second run
show nobody another variant.
"""

from typing import Final, NamedTuple, TypeAlias

import msgspec

from engine import chance, durations, ids
from engine.claims import ClaimGranted, ClaimRefused
from engine.customer import ARMS_MAX
from engine.definitions import experiments
from engine.definitions.arms import AbTestStep, Arm
from engine.effects import ClaimShared
from engine.journeys import splitting
from engine.journeys.capped import ANSWER_MS, Asked
from engine.journeys.walks import Walk

LOOK_MS: Final = 10 * 60 * 1000
"""Between two looks for a verdict: those who wait go on within so long after it, each at a time of
its own."""

GRACE_MS: Final = 60 * 60 * 1000
"""For the verdict to be written after its time: `api.judging` looks more often."""


class Waits(NamedTuple):
    """There is no verdict yet; look again then, epoch ms."""

    until: int


Tried: TypeAlias = Arm | Asked | Waits


def arm(walk: Walk, step: AbTestStep) -> Tried:
    """The customer's arm, recorded; or what it waits for."""
    name = experiments.experiment(walk.instance.campaign, walk.instance.step, step)
    known = walk.customer.arms.get(name)
    if known in step.arms:
        return _dealt(walk, step, name=name, arm=known, origin="remembered")
    decided = experiments.weights(walk.definitions.experiments.get(name), step)
    if decided is not None:
        return _by(walk, step, name=name, weights=decided, origin="winner")
    if walk.instance.is_shadow:
        return _by(walk, step, name=name, weights=step.weights, origin="holdout")
    if walk.instance.verdict_by is not None:
        return _waiting(walk, step, name=name, until=walk.instance.verdict_by)
    return _asked(walk, step, name=name)


def _asked(walk: Walk, step: AbTestStep, *, name: str) -> Tried:
    """Ask for a place of the sample, or go by the answer."""
    claim_id = ids.derived("sample", name, walk.instance.id, walk.rounds)
    answer = walk.answer
    if isinstance(answer, ClaimGranted) and answer.claim_id == claim_id:
        walk.answer = None
        return _by(walk, step, name=name, weights=step.weights, origin="sample")
    if isinstance(answer, ClaimRefused) and answer.claim_id == claim_id:
        until = walk.clock.now + durations.parse_ms(step.wait) + GRACE_MS
        walk.note(verdict_by=until)
        return _waiting(walk, step, name=name, until=until)
    walk.effects.append(
        ClaimShared(
            claim_id=claim_id,
            counter=f"sample:{ids.derived('sample', name)}",
            limit=step.sample_size,
            timeout_ms=ANSWER_MS,
        )
    )
    walk.ask(claim_id)
    return Asked()


def _waiting(walk: Walk, step: AbTestStep, *, name: str, until: int) -> Tried:
    """Look again, each at a place of its own in the time between two looks."""
    now = walk.clock.now
    if now >= until:
        return _by(walk, step, name=name, weights=step.tied, origin="tie")
    own_ms = LOOK_MS * chance.share("look", walk.instance.id) // chance.SHARES
    return Waits(min(until, now + LOOK_MS - (now - own_ms) % LOOK_MS))


def _by(walk: Walk, step: AbTestStep, *, name: str, weights: dict[str, int], origin: str) -> Arm:
    slices = chance.allotted(weights)
    arm = chance.arm_of(slices, chance.share(name, walk.customer.id))
    return _dealt(walk, step, name=name, arm=arm, origin=origin)


def _dealt(walk: Walk, step: AbTestStep, *, name: str, arm: str, origin: str) -> Arm:
    others = {known: was for known, was in walk.customer.arms.items() if known != name}
    kept = dict(list(others.items())[-(ARMS_MAX - 1) :])
    walk.customer = msgspec.structs.replace(walk.customer, arms={**kept, name: arm})
    walk.note(verdict_by=None)
    splitting.record(walk, name, arm, origin=origin)
    return step.arms[arm]
