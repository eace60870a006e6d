"""A rule as compact text, for people who review it; `engine.rules.parsing` reads it back.

all(
  n2: metric("receipts_count") >= 1,
  n3: did("Order Completed", window="90d" /* moves by 1h */) >= 3,
)
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from engine import windows
from engine.rules import identifying
from engine.rules.forms import DEFAULTS, FORMS
from engine.rules.nodes import Rule

LINE_CHARS: Final = 88
INDENT: Final = "  "

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def text(rule: Rule) -> str:
    """Write the rule; short parts in a line, long ones over several."""
    return _written(msgspec.to_builtins(rule), indent="")


def said(node: Mapping[str, object]) -> str:
    """Write one node or condition of a tree in one line, without ids."""
    tree = identifying.bare(node)
    return f"{tree['op']}({', '.join(_arguments(tree, indent=''))}){_comparison(tree)}"


def _written(value: object, *, indent: str) -> str:
    if isinstance(value, Mapping):
        return _node(value, indent=indent)
    if isinstance(value, list | tuple) and any(isinstance(one, Mapping) for one in value):
        return _nodes(value, indent=indent)
    return json.dumps(value, ensure_ascii=False)


def _node(node: Mapping[str, object], *, indent: str) -> str:
    head, tail = f"{_label(node)}{node['op']}(", f"){_comparison(node)}"
    in_a_line = head + ", ".join(_arguments(node, indent="")) + tail
    if len(indent) + len(in_a_line) <= LINE_CHARS and "\n" not in in_a_line:
        return in_a_line
    deeper = indent + INDENT
    lines = [f"{deeper}{argument},\n" for argument in _arguments(node, indent=deeper)]
    return f"{head}\n{''.join(lines)}{indent}{tail}"


def _nodes(of: Sequence[object], *, indent: str) -> str:
    in_a_line = f"[{', '.join(_written(one, indent='') for one in of)}]"
    if len(indent) + len(in_a_line) <= LINE_CHARS and "\n" not in in_a_line:
        return in_a_line
    deeper = indent + INDENT
    lines = [f"{deeper}{_written(one, indent=deeper)},\n" for one in of]
    return f"[\n{''.join(lines)}{indent}]"


def _label(node: Mapping[str, object]) -> str:
    own = node.get("id")
    if own is None:
        return ""
    return f"{own if _NAME.fullmatch(str(own)) else json.dumps(own)}: "


def _arguments(node: Mapping[str, object], *, indent: str) -> Iterator[str]:
    form = FORMS[str(node["op"])]
    left = {name: value for name, value in node.items() if name not in {"op", "id"}}
    if form.is_compared:
        left.pop("is", None)
        left.pop("value", None)
    for name in form.places:
        if name not in left:
            break
        yield _written(left.pop(name), indent=indent)
    others = left.pop(form.rest, ()) if form.rest is not None else ()
    if isinstance(others, list | tuple):
        yield from (_written(one, indent=indent) for one in others)
    for name, value in left.items():
        yield f"{name}={_written(value, indent=indent)}{_step_of(name, value)}"


def _comparison(node: Mapping[str, object]) -> str:
    op = str(node["op"])
    if not FORMS[op].is_compared:
        return ""
    comparison, value = DEFAULTS.get(op, ("=", None))
    comparison, value = str(node.get("is", comparison)), node.get("value", value)
    return f" {comparison}" if value is None else f" {comparison} {_written(value, indent='')}"


def _step_of(name: str, value: object) -> str:
    """In which steps a rolling window moves, for whoever reads; nothing is read back."""
    if name != "window" or not isinstance(value, str):
        return ""
    try:
        step_ms = windows.parsed(value).step_ms
    except ValueError:
        return ""
    return f" /* moves by {_STEPS[step_ms]} */"


_STEPS: Final = {60_000: "1m", 900_000: "15m", 3_600_000: "1h"}
