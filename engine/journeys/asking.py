"""Rules asked of the customer as they are now."""

import functools
from typing import Final, NamedTuple

from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.definitions.nesting import SegmentRules
from engine.instances import Instance
from engine.judging import compiling
from engine.judging.compiling import Compiled, Explanation
from engine.judging.leaves import Moment
from engine.rules.nodes import Rule

RULES_MAX: Final = 10_000
"""Kept compiled; more are compiled again when they are met."""


class Recalled(NamedTuple):
    """What a message remembers of a run that may be over."""

    event: dict[str, object]
    entry: dict[str, object]


def holds_of_run(
    rule: Rule | None,
    customer: Customer,
    definitions: Definitions,
    *,
    run: Instance | Recalled,
    now: int,
) -> bool:
    """The same of a rule that may ask for the run's entry and event."""
    if rule is None:
        return True
    known = _known(rule, definitions, of_run=True)
    return known.holds(Moment(customer, now, definitions, run.entry, run.event))


def holds(rule: Rule | None, customer: Customer, definitions: Definitions, *, now: int) -> bool:
    """Whether the rule holds; there being none, it does."""
    if rule is None:
        return True
    known = _known(rule, definitions, of_run=False)
    return known.holds(Moment(customer, now, definitions))


def traced(
    rule: Rule,
    customer: Customer,
    definitions: Definitions,
    *,
    run: Instance | None,
    now: int,
    in_doubt: bool = False,
) -> Explanation:
    """The verdict with what it was reached by; of no run, it asks for none's entry and event.

    Args:
        in_doubt: The verdict where it hangs on counts whose past is not filled in yet.
    """
    known = _known(rule, definitions, of_run=run is not None, in_doubt=in_doubt)
    if run is None:
        return known.traced(Moment(customer, now, definitions))
    return known.traced(Moment(customer, now, definitions, run.entry, run.event))


def compiled(
    rule: Rule, definitions: Definitions, *, of_run: bool, in_doubt: bool = False
) -> Compiled:
    """The rule, to ask recorded values of it again."""
    return _known(rule, definitions, of_run=of_run, in_doubt=in_doubt)


def next_flip_at(
    rule: Rule, customer: Customer, definitions: Definitions, *, run: Instance, now: int
) -> int | None:
    """When time alone turns a run's rule round; None: as far as we see it does not."""
    known = _known(rule, definitions, of_run=True)
    return known.next_flip_at(Moment(customer, now, definitions, run.entry, run.event))


def _known(
    rule: Rule, definitions: Definitions, *, of_run: bool, in_doubt: bool = False
) -> Compiled:
    zone, segments = definitions.settings.timezone, definitions.segment_rules
    return _compiled(rule, zone, segments, of_run=of_run, in_doubt=in_doubt)


@functools.lru_cache(maxsize=RULES_MAX)
def _compiled(
    rule: Rule, zone: str, segments: SegmentRules, *, of_run: bool, in_doubt: bool
) -> Compiled:
    return compiling.compiled(
        rule, segments=segments.by_id, zone=zone, of_run=of_run, in_doubt=in_doubt
    )
