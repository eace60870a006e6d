"""From JSON or text to a rule: decoded, numbered, and checked against the installation.

The door of this package: `decoded` and `from_text` read, `checked` refuses, `engine.rules.printing`
writes the text; `engine.judging` evaluates.
"""

import re
from typing import Any, Final

import msgspec

from engine.errors import Flaw, InvalidDefinitionError
from engine.rules import checks, identifying, parsing
from engine.rules.declared import Declared
from engine.rules.nodes import Rule

_NESTING_MAX: Final = 100
"""Of JSON before it is looked at; `engine.rules.limits` is far below."""

_STEP: Final = re.compile(r"(of|where|steps|without)(?:\[([0-9]+)\])?")


def decoded(tree: object) -> Rule:
    """Make a rule of JSON that was decoded; nodes without an id get one.

    Raises:
        InvalidDefinitionError: it is none, with the place.
    """
    if not isinstance(tree, dict):
        raise InvalidDefinitionError([Flaw(path="", message='a rule is an object with an "op"')])
    if _is_too_deep(tree):
        flaw = Flaw(path="", message=f"nested deeper than {_NESTING_MAX}")
        raise InvalidDefinitionError([flaw])
    numbered = identifying.numbered(tree)
    try:
        found: Rule = msgspec.convert(numbered, Rule)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `$")
        path = place.rstrip("`").lstrip(".")
        flaw = Flaw(path=path, message=message, node=_owner(numbered, path))
        raise InvalidDefinitionError([flaw]) from error
    return found


def from_text(text: str) -> Rule:
    """Make a rule of its text.

    Raises:
        InvalidDefinitionError: it is none; the path says line and column, or the place in the tree.
    """
    return decoded(parsing.parsed(text))


def checked(rule: Rule, declared: Declared) -> Rule:
    """See that the rule means something in this installation.

    Raises:
        InvalidDefinitionError: with every flaw, its place and the id of its node.
    """
    if found := checks.flaws(rule, declared):
        raise InvalidDefinitionError(found)
    return rule


def _is_too_deep(tree: object) -> bool:
    level: list[object] = [tree]
    for _ in range(_NESTING_MAX):
        level = [below for one in level for below in _below(one)]
        if not level:
            return False
    return True


def _below(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _owner(tree: dict[str, Any], path: str) -> str | None:
    """The id of the deepest node on the way to a place."""
    node: Any = tree
    for name, place in _STEP.findall(path):
        below = node.get(name)
        if place and isinstance(below, list):
            below = below[int(place)]
        if not isinstance(below, dict):
            break
        node = below
    own = node.get("id")
    return own if isinstance(own, str) else None
