"""What may be asked of events and receipts: names, paths, what they come to."""

from collections.abc import Iterator
from typing import assert_never

from engine.errors import Flaw
from engine.rules import comparing, limits, nodes, periods
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
        case nodes.NeverDid():
            yield from _event_flaws(rule.event)
            yield from periods.flaws(rule.window)
        case nodes.Bought():
            yield from periods.flaws(rule.window)
            yield from _named_flaws(rule)
            yield from comparing.number_flaws(rule.comparison, rule.value)
        case _:
            assert_never(rule)


def _event_flaws(event: str) -> Iterator[Flaw]:
    if not limits.is_text(event.strip()):
        yield Flaw(path="event", message='the name of an event, like "Order Completed"')


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
    if rule.aggregate == "distinct":
        yield from comparing.distinct_flaws(rule.value)


def _named_flaws(rule: nodes.Bought) -> Iterator[Flaw]:
    for place in ("products", "categories", "brands"):
        named = getattr(rule, place)
        if len(named) > limits.LISTED_MAX or not all(map(limits.is_text, named)):
            message = f"at most {limits.LISTED_MAX}, of {limits.TEXT} each"
            yield Flaw(path=place, message=message)
