"""What one step makes of a run: where it goes, how long it waits, or why it leaves."""

from typing import NamedTuple, TypeAlias, assert_never

from engine import durations
from engine.definitions.actions import StartStep
from engine.definitions.arms import AbTestStep, Arm, SplitStep
from engine.definitions.basestep import StepId
from engine.definitions.entries import RESTING
from engine.definitions.gifts import PointsStep, PromoStep
from engine.definitions.steps import (
    BranchStep,
    DelayStep,
    ExitStep,
    FilterStep,
    LoopStep,
    SendStep,
    Step,
    UpdateStep,
)
from engine.definitions.waits import WaitStep
from engine.journeys import (
    awaiting,
    exiting,
    giving,
    halting,
    outcomes,
    promos,
    sending,
    splitting,
    starting,
    trying,
    updating,
    waiting,
)
from engine.journeys.capped import Asked
from engine.journeys.pacing import PAUSE_LOOK_MS, Held
from engine.journeys.trying import Waits
from engine.journeys.walks import Walk
from engine.reasons import Reason
from engine.schedules.delays import Due, Past


class Go(NamedTuple):
    """At once; None: there is nothing more to come."""

    to: StepId | None


class Wait(NamedTuple):
    """Epoch ms."""

    until: int


class Stay(NamedTuple):
    """It waits already, or something is asked; the answer leads on."""


class Leave(NamedTuple):
    """The run ends here."""

    reason: Reason


Outcome: TypeAlias = Go | Wait | Stay | Leave


def taken(walk: Walk, step: Step) -> Outcome:  # noqa: C901, PLR0911, PLR0912 one arm per step
    """Take the step where the run stands."""
    match step:
        case SendStep() if walk.definitions.status(walk.instance.campaign) in RESTING:
            return _held(walk)
        case SendStep():
            return _sent(walk, step)
        case DelayStep():
            return _delayed(walk, step)
        case WaitStep():
            return _waited(walk, step)
        case BranchStep():
            return Go(_chosen(walk, step))
        case FilterStep():
            place = f"steps.{walk.instance.step}.if"
            return Go(step.next if walk.decides(step.condition, place=place) else step.otherwise)
        case SplitStep():
            return Go(splitting.arm(walk, step).next)
        case AbTestStep():
            return _tried(walk, step)
        case UpdateStep():
            updating.update(walk, step)
            return Go(step.next)
        case PointsStep():
            return Go(giving.change_points(walk, step))
        case PromoStep():
            return _issued(walk, step)
        case StartStep():
            starting.start(walk, step)
            return Go(step.next)
        case LoopStep():
            return Go(_after_loop(walk, step))
        case ExitStep():
            return Leave("exit_step")
        case _:
            assert_never(step)


def _tried(walk: Walk, step: AbTestStep) -> Outcome:
    match trying.arm(walk, step):
        case Arm(next=after):
            return Go(after)
        case Asked():
            return Stay()
        case Waits(until=until):
            return Wait(until)


def _issued(walk: Walk, step: PromoStep) -> Outcome:
    found = promos.issue(walk, step)
    return Stay() if isinstance(found, Asked) else Go(found.to)


def _waited(walk: Walk, step: WaitStep) -> Outcome:
    ends_at = walk.clock.at + durations.parse_ms(step.timeout)
    taken = awaiting.arrive(walk, step, ends_at=ends_at)
    if taken is not None:
        awaiting.leave(walk, step)
        return Go(taken.next)
    awaiting.rest(walk, step)
    return Stay()


def _delayed(walk: Walk, step: DelayStep) -> Outcome:
    """Wait from when what led here was due, so that a late timer makes nothing later."""
    match waiting.resolve(walk, step):
        case Due(at=at):
            return Wait(at)
        case Past() if step.past == "exit":
            return Leave("date_past")
        case Past() if step.past == "branch":
            return Go(step.otherwise)
        case Past():
            return Go(step.next)


def _chosen(walk: Walk, step: BranchStep) -> StepId | None:
    for one in step.branches:
        place = f"steps.{walk.instance.step}.branches.{one.id}.if"
        if walk.decides(one.condition, place=place):
            return one.next
    return step.next


def _sent(walk: Walk, step: SendStep) -> Outcome:
    leaves_at = halting.release_at(walk)
    if leaves_at > walk.clock.now:
        return Wait(leaves_at)
    if any(exiting.is_out(rule, walk) for rule in walk.live.campaign.exit if rule.on is None):
        return Leave("exit_rule")
    return _after_send(walk, step, sending.send(walk, step))


def _after_send(walk: Walk, step: SendStep, reason: Reason | Held | Asked | None) -> Outcome:
    match reason:
        case None if not outcomes.awaits(walk, step):
            return Go(step.next)
        case None:
            return Wait(walk.clock.now + durations.parse_ms(step.ttl) + outcomes.GRACE_MS)
        case Asked():
            return Stay()
        case Held(until=until):
            return Wait(until)
        case "capped" if (on_cap := walk.definitions.policy(walk.live.campaign).on_cap) != "defer":
            return Leave(reason) if on_cap == "exit" else Go(step.next)
        case _:
            return Go(step.next) if step.on_refused == "go_on" else Leave(reason)


def _held(walk: Walk) -> Outcome:
    """Look again later; the reason is recorded once."""
    if walk.instance.due_at is None:
        is_failed = walk.definitions.status(walk.instance.campaign) == "failed"
        reason: Reason = "campaign_failed" if is_failed else "paused"
        walk.record("deferred", reason, step=walk.instance.step)
    return Wait(walk.clock.now + PAUSE_LOOK_MS)


def _after_loop(walk: Walk, step: LoopStep) -> StepId | None:
    name = walk.instance.step
    if walk.instance.turns.get(name, 0) >= step.max_turns:
        return step.next
    walk.turn(name)
    return step.to
