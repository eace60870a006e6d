"""What is wrong with a rule, each flaw at its node, in a sentence that says what to do."""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, assert_never

from engine.conditions import checks as conditions
from engine.conditions.nodes import BaseNode, Node
from engine.conditions.nodes import walk as walked
from engine.errors import Flaw
from engine.rules import (
    belonging,
    comparing,
    counts,
    cycles,
    held,
    holdings,
    limits,
    nodes,
    purchases,
    scopes,
    walking,
)
from engine.rules.declared import DERIVED, METRICS, TRAITS, Declared, Field
from engine.rules.nodes import Rule

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
        for below, where in walking.wheres(node, path=place):
            found += _where_flaws(node, where, declared, place=below)
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


def _flaws_of(rule: Rule, declared: Declared) -> Iterator[Flaw]:
    """What is wrong with one node, its path beginning at the node."""
    if isinstance(rule, nodes.Counted):
        return counts.flaws(rule)
    if isinstance(rule, held.Held):
        return holdings.flaws(rule)
    if isinstance(rule, held.Belonging):
        return belonging.flaws(rule)
    return _own_flaws(rule, declared)


def _own_flaws(rule: nodes.Logic | nodes.Own, declared: Declared) -> Iterator[Flaw]:
    match rule:
        case nodes.Attr() | nodes.MetricIs():
            yield from _field_flaws(rule, declared)
        case nodes.InSegment(segment=segment):
            yield from _segment_flaws(segment, declared)
        case nodes.AtLeast(count=count, of=of) if not 1 <= count <= len(of):
            message = f"{count} of {len(of)} can never be decided: from 1 to {len(of)}"
            yield Flaw(path="count", message=message)
        case nodes.Sample():
            yield from _sample_flaws(rule)
        case nodes.ContactIs(channel="email", state="mobile" | "landline"):
            yield Flaw(path="state", message="only a phone is mobile or landline")
        case nodes.InAudience(tag=tag):
            yield from _text_flaws("tag", tag)
        case nodes.Subscribed(channel=channel):
            yield from _text_flaws("channel", channel)
        case (
            nodes.ContactIs()
            | nodes.AtLeast()
            | nodes.Every()
            | nodes.Some()
            | nodes.Neither()
            | nodes.Negated()
        ):
            return
        case _:
            assert_never(rule)


def _text_flaws(place: str, text: str) -> Iterator[Flaw]:
    if not limits.is_text(text):
        yield Flaw(path=place, message=limits.TEXT)


def _attributes(declared: Declared) -> Mapping[str, Field]:
    return {**TRAITS, **declared.attributes, **DERIVED}


def _field_flaws(rule: nodes.Attr | nodes.MetricIs, declared: Declared) -> Iterator[Flaw]:
    is_attribute = isinstance(rule, nodes.Attr)
    there = _attributes(declared) if is_attribute else {**METRICS, **declared.metrics}
    known, name = scopes.readable(rule, there, of_run=declared.of_run), scopes.named(rule)
    field = known.get(name)
    if field is None:
        message = _unknown(name, known, "attribute" if is_attribute else "metric")
        yield Flaw(path="path" if is_attribute else "name", message=message)
        return
    if rule.comparison == comparing.CHANGED:
        yield from _changed_flaws(rule)
        return
    yield from comparing.compared_flaws(rule, field)


def _changed_flaws(rule: nodes.Attr | nodes.MetricIs) -> Iterator[Flaw]:
    """Rows remember when an attribute changed, as a whole; not of what is derived."""
    scope, name = scopes.split(scopes.named(rule))
    if not isinstance(rule, nodes.Attr) or scope != "now" or name in DERIVED or "." in name:
        message = (
            f'"{comparing.CHANGED}" is asked of an attribute as the shop sent it, like "level": '
            "not of metrics, of parts, or of what we derive"
        )
        yield Flaw(path="is", message=message)
        return
    yield from comparing.changed_flaws(rule)


def _unknown(name: str, known: Iterable[str], word: str) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    meant = f": did you mean {near[0]!r}?" if near else ""
    if word == "attribute":
        declare = "declare it in /api/settings under custom_fields.customer"
        return f"there is no attribute {name!r}{meant or f': {declare}'}"
    return f"there is no {word} {name!r}{meant or f': create it with PUT /api/{word}s/ID'}"


def _segment_flaws(segment: str, declared: Declared) -> Iterator[Flaw]:
    if segment not in declared.segments:
        yield Flaw(path="segment", message=_unknown(segment, declared.segments, "segment"))
        return
    message = cycles.flaw(segment, declared.segments)
    if message is not None:
        yield Flaw(path="segment", message=message)


def _sample_flaws(rule: nodes.Sample) -> Iterator[Flaw]:
    yield from _text_flaws("salt", rule.salt)
    if not 0 <= rule.first < rule.last <= 100:
        yield Flaw(path="to", message="percent: 0 <= from < to <= 100")
    elif any(round(edge, 2) != edge for edge in (rule.first, rule.last)):
        yield Flaw(path="to", message="percent with at most two decimals")


def _where_flaws(rule: Rule, where: Node, declared: Declared, *, place: str) -> Iterator[Flaw]:
    by_place = dict(walked(where, path=place))
    for flaw in conditions.flaws(where, path=place):
        owner = max((one for one in by_place if flaw.path.startswith(one)), key=len)
        yield Flaw(path=flaw.path, message=flaw.message, node=by_place[owner].id)
    if isinstance(rule, nodes.Bought):
        yield from purchases.flaws(by_place, declared)


def _at(node: BaseNode, place: str, flaw: Flaw) -> Flaw:
    return Flaw(path=_joined(place, flaw.path), message=flaw.message, node=node.id)


def _joined(place: str, field: str) -> str:
    return f"{place}.{field}" if place else field
