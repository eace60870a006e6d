"""What an A/B test came to: new weights for all who come later, never an edit of the graph.

A definition of its own, so that every process goes over to the winner at the same place of the log
and the campaign's versions stay what they were.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

from engine import chance
from engine.definitions.arms import AbTestStep
from engine.errors import Flaw


class Verdict(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """The weights that go from here on, and why."""

    id: str
    """The experiment's: `engine.journeys.trying.experiment`."""
    weights: dict[str, int]
    winner: str | None = None
    """None: no arm was ahead, and the tie rule goes."""
    by: Literal["statistics", "operator"]
    why: str = ""
    """In words."""


class ExperimentEntry(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict that goes now."""

    revision: int
    verdict: Verdict
    at: int
    """Epoch ms."""


def experiment(campaign: str, step_id: str, step: AbTestStep) -> str:
    """The name of a step's experiment: of its arms in rows and facts, and of its verdict."""
    return step.salt or f"{campaign}/{step_id}"


def weights(entry: ExperimentEntry | None, step: AbTestStep) -> dict[str, int] | None:
    """Those of the verdict, as far as the step has the arms; None: there is no verdict for it."""
    if entry is None:
        return None
    known = {name: weight for name, weight in entry.verdict.weights.items() if name in step.arms}
    return known if any(known.values()) else None


def with_entry(
    entries: Mapping[str, ExperimentEntry], entry: ExperimentEntry
) -> dict[str, ExperimentEntry]:
    """With the newest word on one of them."""
    return {**entries, entry.verdict.id: entry}


def flaws(verdict: Verdict) -> list[Flaw]:
    """Everything wrong that the types alone do not say."""
    found = chance.flaws(verdict.weights, path="weights")
    if verdict.winner is not None and not verdict.weights.get(verdict.winner):
        found.append(Flaw(path="winner", message="the winner has a weight above 0"))
    return found
