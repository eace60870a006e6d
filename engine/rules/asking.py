"""How a node asks: what is compared with what, and over which time."""

from typing import Literal, TypeAlias

import msgspec

from engine.conditions import nodes as conditions
from engine.conditions.nodes import BaseNode, Operand

Comparison: TypeAlias = Literal[
    conditions.Comparison,
    "before",
    "after",
    "on",
    "in_last",
    "in_next",
    "more_than_ago",
    "anniversary_in",
    "day_of_week",
    "same_month",
    "changed_within",
]

Zone: TypeAlias = Literal["company", "recipient", "UTC"]
"""Whose days a date is read by; a recipient whose zone nobody knows has the company's."""

Aggregate: TypeAlias = Literal["count", "distinct", "sum", "average", "min", "max"]


class Compared(
    BaseNode, frozen=True, kw_only=True, omit_defaults=True, rename={"comparison": "is"}
):
    """What every comparison has."""

    comparison: Comparison = "="
    value: Operand = None
    tz: Zone = "company"
    """Of dates only."""
    fold_case: bool = False
    """Of texts only: capital letters are as small ones, by `engine.conditions.folding`."""


class Measured(
    BaseNode, frozen=True, kw_only=True, omit_defaults=True, rename={"comparison": "is"}
):
    """What is counted or added up: at least one, unless told."""

    comparison: conditions.Comparison = ">="
    value: Operand = 1


class Between(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    tag_field="op",
    tag="between",
):
    """From the first day up to the last, both included, as 2026-01-31; days of the company."""

    first: str
    last: str


class LastCalendar(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    tag_field="op",
    tag="last_calendar",
):
    """The calendar day, week (from Monday) or month that runs, and the `count - 1` before it."""

    count: int
    unit: Literal["day", "week", "month"]


Period: TypeAlias = str | Between | LastCalendar
"""A rolling length, `90d`; or days of the calendar. None beside it: ever."""
