"""What waits accept of before: how much of it a campaign may ask for, and since which step."""

from collections.abc import Iterator, Mapping

from engine.definitions import waits
from engine.definitions.basestep import StepId
from engine.definitions.steps import Step
from engine.definitions.waits import WaitStep
from engine.errors import Flaw


def of(steps: Mapping[StepId, Step]) -> Iterator[tuple[StepId, WaitStep]]:
    """The waits that accept what came before them."""
    for name, step in steps.items():
        if isinstance(step, WaitStep) and step.accept_prior != "none":
            yield name, step


def flaws(steps: Mapping[StepId, Step]) -> Iterator[Flaw]:
    """What is wrong with what waits accept of before."""
    count = 0
    for name, step in of(steps):
        count += len(step.branches)
        if step.since is not None and step.since not in steps:
            message = f"there is no step {step.since!r}"
            yield Flaw(path=f"steps.{name}.since", message=message)
    if count > waits.PRIORS_MAX:
        message = f"{count} branches accept what came before, at most {waits.PRIORS_MAX}"
        yield Flaw(path="steps", message=f"{message} in one campaign")
