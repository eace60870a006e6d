"""The rules that a campaign is written with: where they stand, and their nodes numbered."""

from collections.abc import Iterator
from typing import TypeVar

import msgspec

from engine.definitions import priors, waits
from engine.definitions.campaigns import Campaign, ExitRule, Holdout
from engine.definitions.goals import Goal
from engine.definitions.steps import BranchStep, FilterStep, Step
from engine.definitions.triggers.crossings import SegmentCrossed
from engine.definitions.triggers.types import Trigger
from engine.definitions.waits import WaitStep
from engine.errors import Flaw
from engine.rules import checks, cycles, identifying
from engine.rules.declared import Declared
from engine.rules.nodes import Rule

_Ending = TypeVar("_Ending", ExitRule, Goal)


def rules(campaign: Campaign) -> Iterator[tuple[str, Rule]]:
    """Every rule with its place."""
    for place, trigger in enumerate(campaign.triggers):
        yield from _there(f"triggers[{place}].audience", trigger.audience)
        yield from _there(f"triggers[{place}].exclude", trigger.exclude)
    yield from of_runs(campaign)
    if campaign.holdout is not None:
        yield from _there("holdout.audience", campaign.holdout.audience)
    for place, goal in enumerate(campaign.goals):
        yield from _there(f"goals[{place}].if", goal.condition)


def of_runs(campaign: Campaign) -> Iterator[tuple[str, Rule]]:
    """Those asked of a run: they may ask for its entry and its event, too."""
    for name, step in campaign.steps.items():
        match step:
            case BranchStep():
                for place, choice in enumerate(step.branches):
                    yield f"steps.{name}.branches[{place}].if", choice.condition
            case WaitStep():
                for place, branch in enumerate(step.branches):
                    yield from _there(f"steps.{name}.branches[{place}].if", branch.condition)
            case FilterStep(condition=condition):
                yield f"steps.{name}.if", condition
            case _:
                pass
    for place, leaving in enumerate(campaign.exit):
        yield from _there(f"exit[{place}].if", leaving.condition)


def counted(campaign: Campaign) -> Iterator[Rule]:
    """Every rule that may need something counted, those that nobody wrote as one too."""
    yield from (rule for _, rule in rules(campaign))
    for _, step in priors.of(campaign.steps):
        if step.accept_prior == "ever":
            yield from (waits.ever(branch.on) for branch in step.branches if branch.on is not None)


def flaws(campaign: Campaign, declared: Declared) -> list[Flaw]:
    """What means nothing in this installation, each at its place and node."""
    of_run = msgspec.structs.replace(declared, of_run=True)
    scoped = {path for path, _ in of_runs(campaign)}
    return [
        flaw
        for path, rule in rules(campaign)
        for flaw in checks.flaws(rule, of_run if path in scoped else declared, path=path)
    ]


def segments(campaign: Campaign) -> set[str]:
    """The segments that a campaign names."""
    named = {name for _, rule in rules(campaign) for name in cycles.named(rule)}
    waited = {
        trigger.params.segment
        for trigger in campaign.triggers
        if isinstance(trigger, SegmentCrossed)
    }
    return named | waited


def numbered(campaign: Campaign) -> Campaign:
    """The same with an id for every node, so that an explanation can name one."""
    return msgspec.structs.replace(
        campaign,
        triggers=tuple(_trigger(trigger) for trigger in campaign.triggers),
        steps={name: _step(step) for name, step in campaign.steps.items()},
        exit=tuple(_ending(leaving) for leaving in campaign.exit),
        goals=tuple(_ending(goal) for goal in campaign.goals),
        holdout=_holdout(campaign.holdout),
    )


def _there(path: str, rule: Rule | None) -> Iterator[tuple[str, Rule]]:
    if rule is not None:
        yield path, rule


def _trigger(trigger: Trigger) -> Trigger:
    if trigger.audience is None and trigger.exclude is None:
        return trigger
    return msgspec.structs.replace(
        trigger, audience=_rule(trigger.audience), exclude=_rule(trigger.exclude)
    )


def _step(step: Step) -> Step:
    match step:
        case BranchStep() | WaitStep():
            known = tuple(
                msgspec.structs.replace(way, condition=_rule(way.condition))
                for way in step.branches
            )
            return msgspec.structs.replace(step, branches=known)
        case FilterStep(condition=condition):
            return msgspec.structs.replace(step, condition=_rule(condition))
        case _:
            return step


def _ending(one: _Ending) -> _Ending:
    return msgspec.structs.replace(one, condition=_rule(one.condition))


def _holdout(holdout: Holdout | None) -> Holdout | None:
    if holdout is None or holdout.audience is None:
        return holdout
    return msgspec.structs.replace(holdout, audience=_rule(holdout.audience))


def _rule(rule: Rule | None) -> Rule | None:
    if rule is None:
        return None
    tree = identifying.numbered(msgspec.to_builtins(rule))
    found: Rule = msgspec.convert(tree, Rule)
    return found
