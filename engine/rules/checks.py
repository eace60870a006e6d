"""What is wrong with a rule, each flaw at its node, in a sentence that says what to do."""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final, assert_never

from engine import windows
from engine.conditions import checks as conditions
from engine.conditions.nodes import BaseNode, Node
from engine.conditions.nodes import walk as walked
from engine.errors import Flaw
from engine.rules import (
    belonging,
    comparing,
    cycles,
    holdings,
    limits,
    nodes,
    purchases,
    scopes,
    walking,
)
from engine.rules.declared import DERIVED, METRICS, TRAITS, Declared, Field
from engine.rules.nodes import (
    AtLeast,
    Attr,
    Between,
    Bonus,
    Bought,
    CartIs,
    Compared,
    ContactIs,
    Did,
    Every,
    First,
    InAudience,
    InCampaign,
    InSegment,
    InterestIs,
    Last,
    LastCalendar,
    Messaged,
    MetricIs,
    Negated,
    Neither,
    NeverDid,
    PromoIs,
    Rule,
    Sample,
    Some,
    Subscribed,
    TopInterest,
)

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")


def flaws(rule: Rule, declared: Declared, *, path: str = "") -> list[Flaw]:
    """Everything wrong with the rule in this installation, from the top of the tree."""
    found = list(_size_flaws(rule, path))
    if found:
        return found
    every = list(walking.everything(rule, path=path))
    found += _id_flaws([(place, node) for place, node in every])
    for place, node in walking.walk(rule, path=path):
        found += [_at(node, place, flaw) for flaw in _flaws_of(node, declared)]
        where = walking.where_of(node)
        if where is not None:
            found += _where_flaws(node, where, declared, place=_joined(place, "where"))
    return found


def _size_flaws(rule: Rule, path: str) -> Iterator[Flaw]:
    deep = walking.depth(rule)
    if deep > limits.DEPTH_MAX:
        message = f"nested {deep} deep, at most {limits.DEPTH_MAX}: save parts as segments"
        yield Flaw(path=path, message=message, node=rule.id)
        return
    count = sum(1 for _ in walking.everything(rule))
    if count > limits.NODES_MAX:
        message = f"{count} nodes, at most {limits.NODES_MAX}: save parts as segments"
        yield Flaw(path=path, message=message, node=rule.id)
    counted = sum(1 for _, node in walking.walk(rule) if walking.is_counted(node))
    if counted > limits.COUNTED_MAX:
        message = f"{counted} nodes count events, at most {limits.COUNTED_MAX}: every customer's"
        yield Flaw(path=path, message=f"{message} row keeps each", node=rule.id)


def _id_flaws(every: Sequence[tuple[str, BaseNode]]) -> Iterator[Flaw]:
    twice = {own for own, times in Counter(node.id for _, node in every).items() if times > 1}
    for place, node in every:
        if node.id is None:
            continue
        if not _ID.fullmatch(node.id):
            message = "letters, digits, - and _, at most 32; leave it out to get one"
            yield Flaw(path=_joined(place, "id"), message=message, node=node.id)
        elif node.id in twice:
            message = f"two nodes are called {node.id!r}: leave one out to get another"
            yield Flaw(path=_joined(place, "id"), message=message, node=node.id)


def _flaws_of(rule: Rule, declared: Declared) -> Iterator[Flaw]:  # noqa: C901, PLR0912 one arm per node
    """What is wrong with one node, its path beginning at the node."""
    match rule:
        case Attr() | MetricIs():
            yield from _field_flaws(rule, declared)
        case First() | Last():
            yield from _event_flaws(rule.event)
            yield from _path_flaws(rule.path, "path")
            field = Field(kind="any" if rule.path is not None else "date")
            yield from _compared_flaws(rule, field)
        case Did():
            yield from _event_flaws(rule.event)
            yield from _period_flaws(rule.window)
            yield from _aggregate_flaws(rule)
        case NeverDid():
            yield from _event_flaws(rule.event)
            yield from _period_flaws(rule.window)
        case Bought():
            yield from _period_flaws(rule.window)
            yield from _named_flaws(rule)
            yield from comparing.number_flaws(rule.comparison, rule.value)
        case Bonus():
            yield from comparing.number_flaws(rule.comparison, rule.value)
            yield from holdings.expiring_flaws(rule)
        case CartIs():
            yield from holdings.cart_flaws(rule)
        case InterestIs() | Messaged() | PromoIs():
            yield from comparing.number_flaws(rule.comparison, rule.value)
            yield from _period_flaws(rule.window if isinstance(rule, Messaged) else None)
        case InCampaign() | TopInterest():
            yield from belonging.flaws(rule)
            yield from _period_flaws(rule.window if isinstance(rule, InCampaign) else None)
        case InSegment(segment=segment):
            yield from _segment_flaws(segment, declared)
        case AtLeast(count=count, of=of) if not 1 <= count <= len(of):
            message = f"{count} of {len(of)} can never be decided: from 1 to {len(of)}"
            yield Flaw(path="count", message=message)
        case Sample():
            yield from _sample_flaws(rule)
        case ContactIs(channel="email", state="mobile" | "landline"):
            yield Flaw(path="state", message="only a phone is mobile or landline")
        case InAudience(tag=text) | Subscribed(channel=text) if not _is_text(text):
            yield Flaw(path="tag" if isinstance(rule, InAudience) else "channel", message=_TEXT)
        case (
            AtLeast() | Every() | Some() | Neither() | Negated() | InAudience() | Subscribed()
            | ContactIs()
        ):  # fmt: skip
            return
        case _:
            assert_never(rule)


_TEXT: Final = f"1 to {limits.TEXT_CHARS_MAX} characters"


def _attributes(declared: Declared) -> Mapping[str, Field]:
    return {**TRAITS, **declared.attributes, **DERIVED}


def _field_flaws(rule: Attr | MetricIs, declared: Declared) -> Iterator[Flaw]:
    is_attribute = isinstance(rule, Attr)
    there = _attributes(declared) if is_attribute else {**METRICS, **declared.metrics}
    known, name = scopes.readable(rule, there, of_run=declared.of_run), scopes.named(rule)
    field = known.get(name)
    if field is None:
        message = _unknown(name, known, "attribute" if is_attribute else "metric")
        yield Flaw(path="path" if is_attribute else "name", message=message)
        return
    yield from _compared_flaws(rule, field)


def _compared_flaws(rule: Compared, field: Field) -> Iterator[Flaw]:
    yield from comparing.flaws(rule.comparison, rule.value, field, tz=rule.tz)
    if rule.fold_case:
        yield from comparing.fold_flaws(rule.comparison, rule.value)


def _unknown(name: str, known: Iterable[str], word: str) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    meant = f": did you mean {near[0]!r}?" if near else ""
    if word == "attribute":
        declare = "declare it in /api/settings under custom_fields.customer"
        return f"there is no attribute {name!r}{meant or f': {declare}'}"
    return f"there is no {word} {name!r}{meant or f': create it with PUT /api/{word}s/ID'}"


def _event_flaws(event: str) -> Iterator[Flaw]:
    if not _is_text(event.strip()):
        yield Flaw(path="event", message='the name of an event, like "Order Completed"')


def _path_flaws(path: str | None, place: str) -> Iterator[Flaw]:
    if path is None:
        return
    if len(path) > limits.TEXT_CHARS_MAX or not all(path.split(".")):
        yield Flaw(path=place, message=f"{path[:80]!r} is no path: write it like properties.price")


def _period_flaws(window: nodes.Period | None) -> Iterator[Flaw]:
    match window:
        case None:
            return
        case str():
            try:
                windows.parsed(window)
            except ValueError as error:
                yield Flaw(path="window", message=str(error))
        case LastCalendar(count=count, unit=unit):
            longest = limits.LAST_CALENDAR_MAX[unit]
            if not 1 <= count <= longest:
                yield Flaw(path="window.count", message=f"from 1 to {longest} for a {unit}")
        case Between(first=first, last=last):
            yield from _between_flaws(first, last)
        case _:
            assert_never(window)


def _between_flaws(first: str, last: str) -> Iterator[Flaw]:
    days = {"first": comparing.day(first), "last": comparing.day(last)}
    for name, day in days.items():
        if day is None:
            yield Flaw(path=f"window.{name}", message='a day like "2026-01-31"')
    if (days["first"] or date.min) > (days["last"] or date.max):
        yield Flaw(path="window.last", message="it lies before the first day")


def _aggregate_flaws(rule: Did) -> Iterator[Flaw]:
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


def _named_flaws(rule: Bought) -> Iterator[Flaw]:
    for place, named in (("products", rule.products), ("categories", rule.categories)):
        if len(named) > limits.LISTED_MAX or not all(map(_is_text, named)):
            message = f"at most {limits.LISTED_MAX}, of {_TEXT} each"
            yield Flaw(path=place, message=message)


def _segment_flaws(segment: str, declared: Declared) -> Iterator[Flaw]:
    if segment not in declared.segments:
        yield Flaw(path="segment", message=_unknown(segment, declared.segments, "segment"))
        return
    message = cycles.flaw(segment, declared.segments)
    if message is not None:
        yield Flaw(path="segment", message=message)


def _sample_flaws(rule: Sample) -> Iterator[Flaw]:
    if not _is_text(rule.salt):
        yield Flaw(path="salt", message=_TEXT)
    if not 0 <= rule.first < rule.last <= 100:
        yield Flaw(path="to", message="percent: 0 <= from < to <= 100")
    elif any(round(edge, 2) != edge for edge in (rule.first, rule.last)):
        yield Flaw(path="to", message="percent with at most two decimals")


def _where_flaws(rule: Rule, where: Node, declared: Declared, *, place: str) -> Iterator[Flaw]:
    by_place = dict(walked(where, path=place))
    for flaw in conditions.flaws(where, path=place):
        owner = max((one for one in by_place if flaw.path.startswith(one)), key=len)
        yield Flaw(path=flaw.path, message=flaw.message, node=by_place[owner].id)
    if isinstance(rule, Bought):
        yield from purchases.flaws(by_place, declared)


def _at(node: BaseNode, place: str, flaw: Flaw) -> Flaw:
    return Flaw(path=_joined(place, flaw.path), message=flaw.message, node=node.id)


def _joined(place: str, field: str) -> str:
    return f"{place}.{field}" if place else field


def _is_text(text: str) -> bool:
    return 0 < len(text) <= limits.TEXT_CHARS_MAX
