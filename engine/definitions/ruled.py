"""The rules that a campaign is written with: where they stand, and their nodes numbered."""

from collections.abc import Iterator

import msgspec

from engine.definitions.campaigns import Campaign, ExitRule, Holdout
from engine.definitions.steps import BranchStep, FilterStep, Step
from engine.definitions.triggers.types import Trigger
from engine.errors import Flaw
from engine.rules import checks, cycles, identifying
from engine.rules.declared import Declared
from engine.rules.nodes import Rule


def rules(campaign: Campaign) -> Iterator[tuple[str, Rule]]:
    """Every rule with its place."""
    for place, trigger in enumerate(campaign.triggers):
        yield from _there(f"triggers[{place}].audience", trigger.audience)
        yield from _there(f"triggers[{place}].exclude", trigger.exclude)
    for name, step in campaign.steps.items():
        match step:
            case BranchStep(branches=branches):
                for place, branch in enumerate(branches):
                    yield f"steps.{name}.branches[{place}].if", branch.condition
            case FilterStep(condition=condition):
                yield f"steps.{name}.if", condition
            case _:
                pass
    for place, leaving in enumerate(campaign.exit):
        yield from _there(f"exit[{place}].if", leaving.condition)
    if campaign.holdout is not None:
        yield from _there("holdout.audience", campaign.holdout.audience)


def flaws(campaign: Campaign, declared: Declared) -> list[Flaw]:
    """What means nothing in this installation, each at its place and node."""
    return [
        flaw for path, rule in rules(campaign) for flaw in checks.flaws(rule, declared, path=path)
    ]


def segments(campaign: Campaign) -> set[str]:
    """The segments that a campaign names."""
    return {name for _, rule in rules(campaign) for name in cycles.named(rule)}


def numbered(campaign: Campaign) -> Campaign:
    """The same with an id for every node, so that an explanation can name one."""
    return msgspec.structs.replace(
        campaign,
        triggers=tuple(_trigger(trigger) for trigger in campaign.triggers),
        steps={name: _step(step) for name, step in campaign.steps.items()},
        exit=tuple(_exit(leaving) for leaving in campaign.exit),
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
        case BranchStep(branches=branches):
            known = tuple(
                msgspec.structs.replace(branch, condition=_rule(branch.condition))
                for branch in branches
            )
            return msgspec.structs.replace(step, branches=known)
        case FilterStep(condition=condition):
            return msgspec.structs.replace(step, condition=_rule(condition))
        case _:
            return step


def _exit(leaving: ExitRule) -> ExitRule:
    return msgspec.structs.replace(leaving, condition=_rule(leaving.condition))


def _holdout(holdout: Holdout | None) -> Holdout | None:
    if holdout is None or holdout.audience is None:
        return holdout
    return msgspec.structs.replace(holdout, audience=_rule(holdout.audience))


def _rule(rule: Rule | None) -> Rule | None:
    if rule is None:
        return None
    tree = identifying.numbered(msgspec.to_builtins(rule))
    return msgspec.convert(tree, Rule)  # type: ignore[no-any-return]  # a union
