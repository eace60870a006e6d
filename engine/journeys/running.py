"""From step to step until the run waits or ends."""

from typing import Final

from engine import faults
from engine.claims import ClaimAnswer
from engine.definitions.basestep import StepId
from engine.definitions.steps import DelayStep, SendStep
from engine.definitions.waits import WaitBranch, WaitStep
from engine.events import Event
from engine.faults import FAULTS
from engine.journeys import awaiting, grants, halting, outcomes, taking
from engine.journeys.taking import Go, Leave, Stay, Wait
from engine.journeys.walks import Walk

AT_ONCE_MAX: Final = 1_000
"""Steps without a wait between them. Loops without time in them are refused at save, so a hundred
rounds of a hundred steps is more than any campaign takes; this is the last guard."""


def run(walk: Walk) -> None:
    """Take the step where the run stands, and those that follow."""
    for _ in range(AT_ONCE_MAX):
        name = walk.instance.step
        try:
            taken = taking.taken(walk, walk.live.campaign.steps[name])
        except FAULTS as error:
            raise faults.fault(error, place=f"steps.{name}") from error
        match taken:
            case Go(to=None):
                walk.leave("completed")
                return
            case Go(to=str() as to):
                walk.move(to)
                awaiting.pass_by(walk)
            case Wait(until=until):
                walk.wait(until)
                return
            case Stay():
                return
            case Leave(reason=reason):
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


def hear(walk: Walk, answer: ClaimAnswer | None) -> None:
    """What was asked for a place, an address or a sample, answered; None: not in time."""
    walk.hear(answer)
    is_message = isinstance(walk.live.campaign.steps[walk.instance.step], SendStep)
    if answer is None and is_message:
        walk.vie("cap_unanswered")
    run(walk)
    walk.effects += grants.given_back(walk.answer)


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
