"""The rules of a campaign by the place at which a decision names them."""

from collections.abc import Iterator

from engine.conditions.nodes import Node
from engine.definitions.campaigns import Campaign
from engine.definitions.steps import BranchStep, FilterStep, Step
from engine.rules.nodes import Rule


def found(campaign: Campaign, place: str) -> Rule | Node | None:
    """The rule there, or the condition on an event; None: this version has none."""
    return next((rule for where, rule in _rules(campaign) if where == place), None)


def is_of_run(place: str) -> bool:
    """Whether a rule there may ask for the run's entry and event."""
    return not place.startswith("triggers.")


def in_doubt(place: str) -> bool:
    """The verdict there where it is not known yet: whom a trigger may leave out, it leaves out."""
    return place.endswith(".exclude")


def _rules(campaign: Campaign) -> Iterator[tuple[str, Rule | Node | None]]:
    for trigger in campaign.triggers:
        place = f"triggers.{trigger.id}"
        yield f"{place}.audience", trigger.audience
        yield f"{place}.exclude", trigger.exclude
        yield f"{place}.property_filter", trigger.property_filter
    for name, step in campaign.steps.items():
        yield from _of_step(f"steps.{name}", step)
    for leaving in campaign.exit:
        yield f"exit.{leaving.id}.if", leaving.condition


def _of_step(place: str, step: Step) -> Iterator[tuple[str, Rule | Node | None]]:
    match step:
        case BranchStep(branches=branches):
            for branch in branches:
                yield f"{place}.branches.{branch.id}.if", branch.condition
        case FilterStep(condition=condition):
            yield f"{place}.if", condition
        case _:
            return
