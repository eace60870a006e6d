"""The steps of a campaign as a graph: all reached, and no way round without time and an end."""

from collections.abc import Callable, Iterator, Mapping

from engine.definitions.basestep import StepId
from engine.definitions.steps import DelayStep, LoopStep, Step
from engine.definitions.waits import WaitStep
from engine.errors import Flaw


def flaws(start: StepId, steps: Mapping[StepId, Step]) -> list[Flaw]:
    """What is wrong with how the steps are joined, each at its place."""
    if start not in steps:
        return [Flaw(path="start", message=f"there is no step {start!r}")]
    loose = list(_loose(steps))
    if loose:
        return loose
    reached = _reached(start, steps)
    unreached = [
        Flaw(path=f"steps.{step}", message="no step leads here")
        for step in steps
        if step not in reached
    ]
    return [*unreached, *_rounds(steps)]


def _loose(steps: Mapping[StepId, Step]) -> Iterator[Flaw]:
    for name, step in steps.items():
        for path, target in step.exits():
            if target not in steps:
                yield Flaw(path=f"steps.{name}.{path}", message=f"there is no step {target!r}")


def _reached(
    start: StepId,
    steps: Mapping[StepId, Step],
    *,
    follows: Callable[[Step, str], bool] = lambda _step, _path: True,
) -> set[StepId]:
    """What can be reached from a step, itself included, by the exits that are followed."""
    reached, ahead = {start}, [start]
    while ahead:
        step = steps[ahead.pop()]
        for path, target in step.exits():
            if target not in reached and follows(step, path):
                reached.add(target)
                ahead.append(target)
    return reached


def _is_back(step: Step, path: str) -> bool:
    return path == "to" and isinstance(step, LoopStep)


def _leads_on(step: Step, path: str) -> bool:
    return not _is_back(step, path)


def _takes_no_time(step: Step, _path: str) -> bool:
    """On a Monday nobody waits for Monday, a date may be over, and what is waited for be there."""
    if isinstance(step, DelayStep):
        return not step.always_waits
    return not isinstance(step, WaitStep) or step.accept_prior != "none"


def _rounds(steps: Mapping[StepId, Step]) -> Iterator[Flaw]:
    """Only a loop step may lead back, since it counts; and time must pass on the way round."""
    for name, step in steps.items():
        for path, target in step.exits():
            if not _is_back(step, path) and name in _reached(target, steps, follows=_leads_on):
                message = "the steps go round here: only a step of type loop may lead back"
                yield Flaw(path=f"steps.{name}.{path}", message=message)
        if isinstance(step, LoopStep) and name in _reached(step.to, steps, follows=_takes_no_time):
            message = "no time passes on the way round: put a delay of some length into the loop"
            yield Flaw(path=f"steps.{name}.to", message=message)
