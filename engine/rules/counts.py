"""What may be asked of events and receipts: names, paths, what they come to."""

from collections.abc import Iterator
from typing import assert_never

from engine import durations
from engine.errors import Flaw
from engine.rules import comparing, limits, nodes, periods, walking
from engine.rules.asking import Between
from engine.rules.declared import Field


def flaws(rule: nodes.Counted) -> Iterator[Flaw]:
    """What is wrong beside `where`, paths beginning at the node."""
    match rule:
        case nodes.First() | nodes.Last():
            yield from _event_flaws(rule.event)
            yield from _path_flaws(rule.path, "path")
            field = Field(kind="any" if rule.path is not None else "date")
            yield from comparing.compared_flaws(rule, field)
        case nodes.Did():
            yield from _event_flaws(rule.event)
            yield from periods.flaws(rule.window)
            yield from _aggregate_flaws(rule)
        case nodes.Sequence():
            yield from _sequence_flaws(rule)
        case nodes.NeverDid():
            yield from _event_flaws(rule.event)
            yield from periods.flaws(rule.window)
        case nodes.Bought():
            yield from periods.flaws(rule.window)
            yield from _named_flaws(rule)
            yield from comparing.number_flaws(rule.comparison, rule.value)
        case _:
            assert_never(rule)


def _event_flaws(event: str, *, path: str = "event") -> Iterator[Flaw]:
    if not limits.is_text(event.strip()):
        yield Flaw(path=path, message='the name of an event, like "Order Completed"')


def _sequence_flaws(rule: nodes.Sequence) -> Iterator[Flaw]:
    if not 2 <= len(rule.steps) <= limits.STEPS_MAX:
        message = f"from 2 to {limits.STEPS_MAX} steps, one after another"
        yield Flaw(path="steps", message=message)
    for place, step in walking.steps(rule, path=""):
        yield from _event_flaws(step.event, path=f"{place}.event")
    try:
        durations.parse_ms(rule.within)
    except ValueError as error:
        yield Flaw(path="within", message=str(error))
    yield from periods.flaws(rule.window)


def _path_flaws(path: str | None, place: str) -> Iterator[Flaw]:
    if path is None:
        return
    if len(path) > limits.TEXT_CHARS_MAX or not all(path.split(".")):
        yield Flaw(path=place, message=f"{path[:80]!r} is no path: write it like properties.price")


def _aggregate_flaws(rule: nodes.Did) -> Iterator[Flaw]:
    if rule.aggregate == "count" and rule.field is not None:
        message = '"count" counts and takes no field; for its values take "distinct"'
        yield Flaw(path="field", message=message)
    if rule.aggregate != "count" and rule.field is None:
        message = f'"{rule.aggregate}" needs a field, like properties.price'
        yield Flaw(path="field", message=message)
    yield from _path_flaws(rule.field, "field")
    yield from comparing.number_flaws(rule.comparison, rule.value)
    if rule.approximate:
        yield from _approximate_flaws(rule)
    elif rule.aggregate == "distinct":
        yield from comparing.distinct_flaws(rule.value)


def _approximate_flaws(rule: nodes.Did) -> Iterator[Flaw]:
    if rule.aggregate != "distinct":
        yield Flaw(path="approximate", message='only of "distinct": leave it out')
    elif rule.window is not None and not isinstance(rule.window, Between):
        message = "an estimate lets nothing go: leave the window out, or take between(...)"
        yield Flaw(path="window", message=message)


def _named_flaws(rule: nodes.Bought) -> Iterator[Flaw]:
    for place in ("products", "categories", "brands"):
        named = getattr(rule, place)
        if len(named) > limits.LISTED_MAX or not all(map(limits.is_text, named)):
            message = f"at most {limits.LISTED_MAX}, of {limits.TEXT} each"
            yield Flaw(path=place, message=message)
