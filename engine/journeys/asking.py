"""Rules asked of the customer as they are now."""

import functools
from typing import Final

from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.definitions.nesting import SegmentRules
from engine.judging import compiling
from engine.judging.compiling import Compiled
from engine.judging.leaves import Moment
from engine.rules.nodes import Rule

RULES_MAX: Final = 10_000
"""Kept compiled; more are compiled again when they are met."""


def holds(rule: Rule | None, customer: Customer, definitions: Definitions, *, now: int) -> bool:
    """Whether the rule holds; there being none, it does."""
    if rule is None:
        return True
    known = _compiled(rule, definitions.settings.timezone, definitions.segment_rules)
    return known.holds(Moment(customer, now, definitions))


def next_flip_at(
    rule: Rule, customer: Customer, definitions: Definitions, *, now: int
) -> int | None:
    """When time alone turns the rule round; None: as far as we see it does not."""
    known = _compiled(rule, definitions.settings.timezone)
    return known.next_flip_at(Moment(customer, now, definitions))


@functools.lru_cache(maxsize=RULES_MAX)
def _compiled(rule: Rule, zone: str, segments: SegmentRules) -> Compiled:
    return compiling.compiled(rule, segments=segments.by_id, zone=zone)
