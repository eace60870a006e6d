"""When a rule of a run reads an attribute or a metric: `now.`, `entry.` or `event.` before it.

Now is what a name without a scope means too. Entry is the customer as the run began: only what
some rule or template of the campaign names is remembered. Event is the triggering event's fields.
"""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias, get_args

from engine.rules.declared import ANYTHING, Field
from engine.rules.nodes import Attr, MetricIs

Scope: TypeAlias = Literal["now", "entry", "event"]

_SCOPES: Final = frozenset(get_args(Scope))
_METRIC: Final = "metric:"


def split(name: str) -> tuple[str, str]:
    """The scope that a name begins with, and the rest; one without any is asked now."""
    scope, dot, rest = name.partition(".")
    return (scope, rest) if dot and scope in _SCOPES else ("now", name)


def named(node: Attr | MetricIs) -> str:
    """What the node reads, as it was written."""
    return node.path if isinstance(node, Attr) else node.name


def readable(
    node: Attr | MetricIs, known: Mapping[str, Field], *, of_run: bool
) -> Mapping[str, Field]:
    """What there is to read, with the node's own name where its scope makes that something."""
    scope, rest = split(named(node))
    if not of_run or rest == named(node):
        return known
    if scope == "event":
        return {**known, node.path: ANYTHING} if isinstance(node, Attr) else known
    return {**known, named(node): known[rest]} if rest in known else known


def remembered(node: Attr | MetricIs) -> str | None:
    """Under which key the value of the entry is kept for the node; None: it asks for none."""
    scope, rest = split(named(node))
    if scope != "entry":
        return None
    return rest if isinstance(node, Attr) else f"{_METRIC}{rest}"


def metric_of(key: str) -> str | None:
    """The metric that is kept under a key; None: an attribute is."""
    return key.removeprefix(_METRIC) if key.startswith(_METRIC) else None
