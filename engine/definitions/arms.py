"""Steps that divide the customers among arms: for good, or to find out which arm is the best."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Final, Literal, TypeAlias

import msgspec

from engine import chance
from engine.definitions.basestep import BaseStep, StepId
from engine.errors import Flaw

SAMPLE_MAX: Final = 10_000_000

EXPERIMENT_MAX_CHARS: Final = 200
"""Of the name of an experiment: rows remember it with each arm."""

TestMetric: TypeAlias = Literal["open", "click", "order", "revenue"]
"""Opens and clicks by people, not by machines; orders, and what they come to."""


class Arm(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """One part of the customers, and where it goes."""

    weight: int
    next: StepId | None = None


class SplitStep(BaseStep, frozen=True, kw_only=True, omit_defaults=True, tag="random_split"):
    """Divide the customers by a stable hash: who was in an arm is in it again."""

    salt: str | None = None
    """Name of the experiment; None: this campaign and step. The same salt divides alike."""
    arms: dict[str, Arm]

    def exits(self) -> Iterator[tuple[str, StepId]]:
        """See `BaseStep`."""
        yield from super().exits()
        for name, arm in self.arms.items():
            if arm.next is not None:
                yield f"arms.{name}.next", arm.next

    @property
    def weights(self) -> dict[str, int]:
        """Of the arms."""
        return {name: arm.weight for name, arm in self.arms.items()}


class AbTestStep(BaseStep, frozen=True, kw_only=True, omit_defaults=True, tag="ab_test"):
    """Divide a sample, wait for what comes of it, and let all others go by the winner."""

    salt: str | None = None
    """Name of the experiment; None: this campaign and step. Another name is a new experiment."""
    arms: dict[str, Arm]
    """With their weights in the sample."""
    metric: TestMetric
    sample_size: int
    """Customers who are dealt the arms before there is a winner, held out ones not counted."""
    wait: str
    """How long after an assignment what the customer does counts, and how long after the last one
    of the sample the verdict comes."""
    min_effect: str = "0"
    """By how much the winner must be ahead of each other, as a decimal: 0.01 is one percentage
    point, of revenue it is money a customer."""
    tie: str | None = None
    """Arm for all others where none is ahead; None: they are divided as the sample was."""

    def exits(self) -> Iterator[tuple[str, StepId]]:
        """See `BaseStep`."""
        yield from super().exits()
        for name, arm in self.arms.items():
            if arm.next is not None:
                yield f"arms.{name}.next", arm.next

    def lengths(self) -> Iterator[tuple[str, str]]:
        """See `BaseStep`."""
        yield "wait", self.wait

    @property
    def weights(self) -> dict[str, int]:
        """Of the sample."""
        return {name: arm.weight for name, arm in self.arms.items()}

    @property
    def tied(self) -> dict[str, int]:
        """Weights for all others where no arm is ahead."""
        return self.weights if self.tie is None else {self.tie: 1}


def flaws(step: AbTestStep, *, path: str) -> Iterator[Flaw]:
    """What is wrong with an A/B test beside its lengths."""
    yield from chance.flaws(step.weights, path=f"{path}.arms")
    if len(step.arms) == 1:
        yield Flaw(path=f"{path}.arms", message="two arms at least: there is nothing to compare")
    for name, weight in step.weights.items():
        if weight == 0:
            message = "above 0: an arm that nobody of the sample gets cannot win"
            yield Flaw(path=f"{path}.arms.{name}.weight", message=message)
    if step.next is not None:
        yield Flaw(path=f"{path}.next", message="each arm says where it goes")
    if not len(step.arms) <= step.sample_size <= SAMPLE_MAX:
        message = f"a customer for each arm at least, {SAMPLE_MAX} at most"
        yield Flaw(path=f"{path}.sample_size", message=message)
    if step.tie is not None and step.tie not in step.arms:
        yield Flaw(path=f"{path}.tie", message=f"there is no arm {step.tie!r}")
    if step.salt is not None and not 1 <= len(step.salt) <= EXPERIMENT_MAX_CHARS:
        yield Flaw(path=f"{path}.salt", message=f"1 to {EXPERIMENT_MAX_CHARS} characters")
    if not _is_effect(step.min_effect):
        message = "a decimal from 0: 0.01 is one percentage point"
        yield Flaw(path=f"{path}.min_effect", message=message)


def _is_effect(text: str) -> bool:
    try:
        effect = Decimal(text)
    except InvalidOperation:
        return False
    return effect.is_finite() and effect >= 0
