"""Decisions with what they rest on, as they go out: for programs, and in words for people."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from api.admin import answers
from engine.conditions.nodes import Node
from engine.definitions import places
from engine.definitions.campaigns import Campaign
from engine.definitions.folded import Definitions
from engine.journeys import asking
from engine.judging import trees
from engine.judging.trees import Shown
from engine.why import Asked, Why

SAID_MAX: Final = 3
"""Questions that a sentence names; the tree has all of them."""

TOO_LARGE: Final = "what it read was too large to keep"


class AskedRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that the decision rests on."""

    place: str
    """In the campaign: `triggers.t.audience`, `steps.s1.if`, `exit.paid.if`."""
    verdict: bool
    whole: bool
    """False: its values were too large to keep."""
    values: Mapping[str, Any]
    """What was read, by id of node; of a date with the zone it was read in."""
    tree: Shown | None
    """The rule node by node; null where the campaign's version is not known any more."""


class Grounds(msgspec.Struct, frozen=True, kw_only=True):
    """What a decision rests on beside its reason."""

    at: str
    """The instant the rules were asked at."""
    saw: Mapping[str, Any]
    """What a check looked at, with its counters and limits; names that end in `_at` are times."""
    arms: Mapping[str, str]
    """That the run went by so far, by experiment."""
    rules: tuple[AskedRule, ...]


def grounds(why: Why, campaign: Campaign | None, definitions: Definitions) -> Grounds:
    """Show it, its rules as that version of the campaign has them."""
    return Grounds(
        at=answers.time(why.now),
        saw={name: _told(name, value) for name, value in why.saw.items()},
        arms=why.arms,
        rules=tuple(_rule(asked, campaign, definitions, now=why.now) for asked in why.rules),
    )


def details(found: Grounds) -> str:
    """The same in words, to follow the sentence of the reason; empty where there is nothing."""
    parts = [f"{name} {_word(value)}" for name, value in found.saw.items() if value is not None]
    said = [f" ({', '.join(parts)})"] if parts else []
    return "".join([*said, *(f"; {_told_of(rule)}" for rule in found.rules)])


def _rule(
    asked: Asked, campaign: Campaign | None, definitions: Definitions, *, now: int
) -> AskedRule:
    known = None if campaign is None else places.found(campaign, asked.place)
    operands = asked.operands or {}
    if known is None:
        tree = None
    elif isinstance(known, Node):
        tree = trees.of_condition(known, operands)
    else:
        segments = definitions.segment_rules.by_id
        of_run, in_doubt = places.is_of_run(asked.place), places.in_doubt(asked.place)
        compiled = asking.compiled(known, definitions, of_run=of_run, in_doubt=in_doubt)
        tree = trees.of_rule(compiled, operands, now=now, segments=segments)
    return AskedRule(
        place=asked.place,
        verdict=asked.verdict,
        whole=asked.operands is not None,
        values=operands,
        tree=tree,
    )


def _told_of(rule: AskedRule) -> str:
    said = f"{rule.place} {'held' if rule.verdict else 'did not hold'}"
    if not rule.whole:
        return f"{said}: {TOO_LARGE}"
    if rule.tree is None:
        return said
    asked = [node for node in _questions(rule.tree) if node.verdict is not None]
    named = [
        f"{node.says} is {str(node.verdict).lower()} with {_word(node.value)}"
        for node in asked[:SAID_MAX]
    ]
    more = len(asked) - len(named)
    return f"{said}: {', '.join(named)}{f' and {more} more' if more > 0 else ''}"


def _questions(node: Shown) -> Iterator[Shown]:
    if not node.of:
        yield node
    for below in node.of:
        yield from _questions(below)


def _word(value: object) -> str:
    return "nothing" if value is None else msgspec.json.encode(value).decode().strip('"')


def _told(name: str, value: object) -> object:
    is_time = name.endswith("_at") or name == "until"
    return answers.time(value) if is_time and isinstance(value, int) else value
