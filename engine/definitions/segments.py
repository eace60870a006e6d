"""A segment as its author writes it: a rule with a name, for lists, campaigns, other segments."""

from typing import Any, Final, Literal, TypeAlias

import msgspec

from engine.errors import Flaw, InvalidDefinitionError
from engine.rules import reading
from engine.rules.nodes import Rule

ID_CHARS_MAX: Final = 64
"""Rows and facts repeat it."""

TEXT_CHARS_MAX: Final = 500
"""Of a name or a description."""

Mode: TypeAlias = Literal["live", "computed"]


class Segment(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """One version."""

    id: str
    name: str = ""
    """For people."""
    description: str = ""
    rule: Rule
    mode: Mode = "live"
    """`live`: customers enter and leave as it becomes true of them, and rows remember who is in.
    `computed`: asked of ClickHouse when it is used, counted several times a day."""


class Said(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """The same, its rule not looked at yet, so that what is wrong is told at its node."""

    id: str
    name: str = ""
    description: str = ""
    rule: Any
    mode: Mode = "live"


def of(said: Said) -> Segment:
    """Read the rule; its nodes without an id get one.

    Raises:
        InvalidDefinitionError: it is none, at its node.
    """
    try:
        rule = reading.decoded(said.rule)
    except InvalidDefinitionError as error:
        raise InvalidDefinitionError([_below(flaw) for flaw in error.flaws]) from error
    return Segment(
        id=said.id, name=said.name, description=said.description, rule=rule, mode=said.mode
    )


def flaws(segment: Segment) -> list[Flaw]:
    """Everything wrong that the types alone do not say, and no other definition."""
    found = []
    if not 0 < len(segment.id) <= ID_CHARS_MAX or not segment.id.isprintable():
        message = f"an id has 1 to {ID_CHARS_MAX} characters, all of them printable"
        found.append(Flaw(path="id", message=message))
    found += [
        Flaw(path=name, message=f"at most {TEXT_CHARS_MAX} characters")
        for name in ("name", "description")
        if len(getattr(segment, name)) > TEXT_CHARS_MAX
    ]
    return found


def _below(flaw: Flaw) -> Flaw:
    path = f"rule.{flaw.path}" if flaw.path else "rule"
    return msgspec.structs.replace(flaw, path=path)
