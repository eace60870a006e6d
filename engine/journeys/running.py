"""From step to step until the run waits or ends."""

from typing import Final, NamedTuple, TypeAlias, assert_never

from engine import durations, faults
from engine.claims import ClaimAnswer
from engine.definitions.actions import StartStep
from engine.definitions.arms import AbTestStep, Arm, SplitStep
from engine.definitions.basestep import StepId
from engine.definitions.entries import RESTING
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
from engine.definitions.waits import WaitBranch, WaitStep
from engine.events import Event
from engine.faults import FAULTS
from engine.journeys import (
    awaiting,
    exiting,
    grants,
    halting,
    outcomes,
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

AT_ONCE_MAX: Final = 1_000
"""Steps without a wait between them. Loops without time in them are refused at save, so a hundred
rounds of a hundred steps is more than any campaign takes; this is the last guard."""


class _Go(NamedTuple):
    to: StepId | None


class _Wait(NamedTuple):
    until: int


class _Stay(NamedTuple):
    """It waits already, or something is asked; the answer leads on."""


class _Leave(NamedTuple):
    reason: Reason


_Outcome: TypeAlias = _Go | _Wait | _Stay | _Leave


def run(walk: Walk) -> None:
    """Take the step where the run stands, and those that follow."""
    for _ in range(AT_ONCE_MAX):
        name = walk.instance.step
        try:
            taken = _taken(walk, walk.live.campaign.steps[name])
        except FAULTS as error:
            raise faults.fault(error, place=f"steps.{name}") from error
        match taken:
            case _Go(to=None):
                walk.leave("completed")
                return
            case _Go(to=str() as to):
                walk.move(to)
                awaiting.pass_by(walk)
            case _Wait(until=until):
                walk.wait(until)
                return
            case _Stay():
                return
            case _Leave(reason=reason):
                walk.leave(reason)
                return
    walk.leave("too_many_steps")


def wake(walk: Walk) -> None:
    """The time that the run waited for has come: go on behind the step."""
    step = walk.live.campaign.steps[walk.instance.step]
    if isinstance(step, WaitStep):
        _look_up(walk, step)
    elif isinstance(step, SendStep) and outcomes.awaits(walk, step):
        _go_on(walk, step.on_failed)
    elif not isinstance(step, DelayStep):
        run(walk)
    elif owed_ms := halting.owed_ms(walk, walk.instance.due_at):
        walk.halt(owed_ms)
    else:
        _go_on(walk, step.next)


def branch(walk: Walk, taken: WaitBranch) -> None:
    """What was waited for has happened."""
    step = walk.live.campaign.steps[walk.instance.step]
    assert isinstance(step, WaitStep), "only there a run waits for anything"
    awaiting.leave(walk, step)
    _go_on(walk, taken.next)


def answered(walk: Walk, event: Event) -> None:
    """Something happened that may be the outcome of the run's message."""
    step = walk.live.campaign.steps[walk.instance.step]
    if not isinstance(step, SendStep) or not outcomes.awaits(walk, step):
        return
    accepted = outcomes.is_accepted(walk, event)
    if accepted is not None:
        _go_on(walk, step.next if accepted else step.on_failed)


def _look_up(walk: Walk, step: WaitStep) -> None:
    halting.extend(walk)
    is_over, taken = awaiting.woken(walk, step)
    if taken is not None:
        branch(walk, taken)
    elif is_over:
        awaiting.leave(walk, step)
        _go_on(walk, step.next)
    else:
        awaiting.rest(walk, step)


def _go_on(walk: Walk, to: StepId | None) -> None:
    if to is None:
        walk.leave("completed")
    else:
        walk.move(to)
        awaiting.pass_by(walk)
        run(walk)


def _taken(walk: Walk, step: Step) -> _Outcome:  # noqa: C901, PLR0911, PLR0912 one arm per step
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
            return _Go(_chosen(walk, step))
        case FilterStep():
            place = f"steps.{walk.instance.step}.if"
            return _Go(step.next if walk.decides(step.condition, place=place) else step.otherwise)
        case SplitStep():
            return _Go(splitting.arm(walk, step).next)
        case AbTestStep():
            return _tried(walk, step)
        case UpdateStep():
            updating.update(walk, step)
            return _Go(step.next)
        case StartStep():
            starting.start(walk, step)
            return _Go(step.next)
        case LoopStep():
            return _Go(_after_loop(walk, step))
        case ExitStep():
            return _Leave("exit_step")
        case _:
            assert_never(step)


def _tried(walk: Walk, step: AbTestStep) -> _Outcome:
    match trying.arm(walk, step):
        case Arm(next=after):
            return _Go(after)
        case Asked():
            return _Stay()
        case Waits(until=until):
            return _Wait(until)


def _waited(walk: Walk, step: WaitStep) -> _Outcome:
    ends_at = walk.clock.at + durations.parse_ms(step.timeout)
    taken = awaiting.arrive(walk, step, ends_at=ends_at)
    if taken is not None:
        awaiting.leave(walk, step)
        return _Go(taken.next)
    awaiting.rest(walk, step)
    return _Stay()


def _delayed(walk: Walk, step: DelayStep) -> _Outcome:
    """Wait from when what led here was due, so that a late timer makes nothing later."""
    match waiting.resolve(walk, step):
        case Due(at=at):
            return _Wait(at)
        case Past() if step.past == "exit":
            return _Leave("date_past")
        case Past() if step.past == "branch":
            return _Go(step.otherwise)
        case Past():
            return _Go(step.next)


def _chosen(walk: Walk, step: BranchStep) -> StepId | None:
    for one in step.branches:
        place = f"steps.{walk.instance.step}.branches.{one.id}.if"
        if walk.decides(one.condition, place=place):
            return one.next
    return step.next


def _sent(walk: Walk, step: SendStep) -> _Outcome:
    leaves_at = halting.release_at(walk)
    if leaves_at > walk.clock.now:
        return _Wait(leaves_at)
    if any(exiting.is_out(rule, walk) for rule in walk.live.campaign.exit if rule.on is None):
        return _Leave("exit_rule")
    return _after_send(walk, step, sending.send(walk, step))


def _after_send(walk: Walk, step: SendStep, reason: Reason | Held | Asked | None) -> _Outcome:
    match reason:
        case None if not outcomes.awaits(walk, step):
            return _Go(step.next)
        case None:
            return _Wait(walk.clock.now + durations.parse_ms(step.ttl) + outcomes.GRACE_MS)
        case Asked():
            return _Stay()
        case Held(until=until):
            return _Wait(until)
        case "capped" if (on_cap := walk.definitions.policy(walk.live.campaign).on_cap) != "defer":
            return _Leave(reason) if on_cap == "exit" else _Go(step.next)
        case _:
            return _Go(step.next) if step.on_refused == "go_on" else _Leave(reason)


def hear(walk: Walk, answer: ClaimAnswer | None) -> None:
    """What was asked for a place, an address or a sample, answered; None: not in time."""
    walk.hear(answer)
    is_message = isinstance(walk.live.campaign.steps[walk.instance.step], SendStep)
    if answer is None and is_message:
        walk.vie("cap_unanswered")
    run(walk)
    walk.effects += grants.given_back(walk.answer)


def _held(walk: Walk) -> _Outcome:
    """Look again later; the reason is recorded once."""
    if walk.instance.due_at is None:
        is_failed = walk.definitions.status(walk.instance.campaign) == "failed"
        reason: Reason = "campaign_failed" if is_failed else "paused"
        walk.record("deferred", reason, step=walk.instance.step)
    return _Wait(walk.clock.now + PAUSE_LOOK_MS)


def _after_loop(walk: Walk, step: LoopStep) -> StepId | None:
    name = walk.instance.step
    if walk.instance.turns.get(name, 0) >= step.max_turns:
        return step.next
    walk.turn(name)
    return step.to
