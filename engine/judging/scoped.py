"""Questions of a run's rules about its entry and its triggering event, and what an entry keeps."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from engine.conditions import evaluation
from engine.judging import attributes, questions
from engine.judging.leaves import Leaf, Moment, Value, never, plain
from engine.rules import scopes
from engine.rules.nodes import Attr, MetricIs

ENTRY_MAX_BYTES: Final = 1_024
"""Of the values that a run remembers of its entry, as JSON; what is beyond is missing."""


def leaf(node: Attr | MetricIs) -> Leaf:
    """Compile a question with a scope, or without one."""
    scope, rest = scopes.split(scopes.named(node))
    if scope == "now":
        field = "path" if isinstance(node, Attr) else "name"
        return questions.leaf(msgspec.structs.replace(node, **{field: rest}), None)
    key = scopes.remembered(node)
    if key is not None:
        return questions.compared(node, lambda moment: moment.entry.get(key), never)
    keys = rest.split(".")
    return questions.compared(
        node, lambda moment: plain(evaluation.found(moment.event, keys)), never
    )


def snapshot(moment: Moment, keys: Iterable[str]) -> dict[str, Value]:
    """The values of now by their keys, within the bound."""
    found: dict[str, Value] = {}
    left = ENTRY_MAX_BYTES
    for key in keys:
        value = _read(moment, key)
        left -= len(msgspec.json.encode({key: value}))
        if left < 0:
            break
        found[key] = value
    return found


def nested(kept: Mapping[str, Value]) -> dict[str, object]:
    """Attributes as a template reads them: `address.city` stands in `address`."""
    found: dict[str, object] = {}
    for key, value in kept.items():
        if scopes.metric_of(key) is not None:
            continue
        *above, last = key.split(".")
        place = found
        for name in above:
            below = place.setdefault(name, {})
            if not isinstance(below, dict):
                break
            place = below
        else:
            place.setdefault(last, value)
    return found


def _read(moment: Moment, key: str) -> Value:
    metric = scopes.metric_of(key)
    if metric is not None:
        return questions.metric(moment, metric)
    zone = moment.zone
    return plain(attributes.read(moment.customer, key, now=moment.now, zone=zone))
