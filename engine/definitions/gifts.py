"""Steps that give the customer something, or take it: points, promo codes."""

from collections.abc import Iterator

from engine import points
from engine.definitions.basestep import BaseStep, StepId
from engine.errors import Flaw


class PointsStep(BaseStep, frozen=True, kw_only=True, omit_defaults=True, tag="points"):
    """Give points, or take some; whoever is held out gets none and loses none."""

    amount: int
    """Below zero: taken, what expires first before the rest."""
    reason: str = ""
    """For the customer's history."""
    expires_in: str | None = None
    """None: never."""
    otherwise: StepId | None = None
    """Of points taken: where those go who have fewer; nothing is taken from them."""

    def exits(self) -> Iterator[tuple[str, StepId]]:
        """See `BaseStep`."""
        yield from super().exits()
        if self.otherwise is not None:
            yield "otherwise", self.otherwise

    def lengths(self) -> Iterator[tuple[str, str]]:
        """See `BaseStep`."""
        if self.expires_in is not None:
            yield "expires_in", self.expires_in


class PromoStep(BaseStep, frozen=True, kw_only=True, omit_defaults=True, tag="promo_code"):
    """Issue a code of a pool; whoever is held out gets none."""

    pool: str
    otherwise: StepId | None = None
    """Where those go for whom no code is left."""

    def exits(self) -> Iterator[tuple[str, StepId]]:
        """See `BaseStep`."""
        yield from super().exits()
        if self.otherwise is not None:
            yield "otherwise", self.otherwise


def flaws(step: PointsStep, *, path: str) -> Iterator[Flaw]:
    """What is wrong with it beside its lengths."""
    if step.amount == 0 or abs(step.amount) > points.AMOUNT_MAX:
        message = f"a whole number other than 0, at most {points.AMOUNT_MAX}; below 0 it is taken"
        yield Flaw(path=f"{path}.amount", message=message)
    if len(step.reason) > points.REASON_MAX_CHARS:
        message = f"at most {points.REASON_MAX_CHARS} characters"
        yield Flaw(path=f"{path}.reason", message=message)
    if step.amount < 0 and step.expires_in is not None:
        yield Flaw(path=f"{path}.expires_in", message="only of points that are given")
    if step.amount > 0 and step.otherwise is not None:
        message = "only of points that are taken: who has fewer goes there"
        yield Flaw(path=f"{path}.otherwise", message=message)
