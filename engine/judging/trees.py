"""A rule with what was recorded of it, node by node: for people who ask why.

A node that was not asked, since the answer was settled before, has no verdict.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from engine.conditions import tracing
from engine.conditions.nodes import Node
from engine.judging.compiling import Compiled, Recorded
from engine.rules import printing
from engine.rules.nodes import Rule


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One node."""

    id: str
    op: str
    says: str
    """As the text of rules has it, without what stands below."""
    value: Any = None
    """What was read; null: missing, or not asked."""
    verdict: bool | None = None
    """Null: it was not asked."""
    of: tuple["Shown", ...] = ()


def of_rule(
    compiled: Compiled, operands: Recorded, *, now: int, segments: Mapping[str, Rule] | None = None
) -> Shown:
    """The rule of a customer; the segments it names stand below the nodes that name them."""
    drawing = _Drawing(operands, compiled.verdicts(operands, now=now), segments or {})
    return drawing.node(msgspec.to_builtins(compiled.rule))


def of_condition(node: Node, operands: Recorded) -> Shown:
    """The condition on an event."""
    verdicts = {
        name: tracing.verdict(one, operands[name])
        for name, one in tracing.named(node).items()
        if name in operands and isinstance(one, tracing.Leaf)
    }
    return _Drawing(operands, verdicts, {}).node(msgspec.to_builtins(node), path=tracing.TOP)


class _Drawing:
    def __init__(
        self, operands: Recorded, verdicts: Mapping[str, bool], segments: Mapping[str, Rule]
    ) -> None:
        self._operands = operands
        self._verdicts = verdicts
        self._segments = segments

    def node(self, tree: Mapping[str, Any], *, prefix: str = "", path: str = "") -> Shown:
        op = str(tree["op"])
        own = f"{prefix}{tree.get('id') or path}"
        if op == "in_segment":
            return self._segment(tree, own)
        if op not in _JOINED:
            return Shown(
                id=own,
                op=op,
                says=printing.said(tree),
                value=self._operands.get(own),
                verdict=self._verdicts.get(own),
            )
        parts = tuple(
            self.node(one, prefix=prefix, path=where) for where, one in _below(tree, path)
        )
        known, count = [part.verdict for part in parts], tree.get("count")
        says = op if count is None else f"{op} {count}"
        return Shown(id=own, op=op, says=says, verdict=_joined(op, known, count), of=parts)

    def _segment(self, tree: Mapping[str, Any], own: str) -> Shown:
        """As it is now: what it was when the decision was made is not looked up."""
        name = str(tree["segment"])
        rule, said = self._segments.get(name), printing.said(tree)
        if rule is None:
            return Shown(id=own, op="in_segment", says=said)
        below = self.node(msgspec.to_builtins(rule), prefix=f"{name}/")
        return Shown(id=own, op="in_segment", says=said, verdict=below.verdict, of=(below,))


def _below(tree: Mapping[str, Any], path: str) -> list[tuple[str, Mapping[str, Any]]]:
    below = tree["of"]
    if isinstance(below, Mapping):
        return [(f"{path}.of", below)]
    return [(f"{path}.of[{place}]", one) for place, one in enumerate(below)]


_JOINED: Final = frozenset({"all", "any", "none", "not", "at_least"})


def _joined(op: str, parts: Sequence[bool | None], count: object) -> bool | None:
    """The verdict of what is known; None where what was not asked could turn it."""
    match op:
        case "all":
            return _least(parts, len(parts))
        case "any":
            return _least(parts, 1)
        case "at_least":
            return _least(parts, count if isinstance(count, int) else 0)
        case _:
            turned = _least(parts, 1)
            return None if turned is None else not turned


def _least(parts: Sequence[bool | None], count: int) -> bool | None:
    """Whether so many hold."""
    true, unknown = parts.count(True), parts.count(None)
    if true >= count:
        return True
    return None if true + unknown >= count else False
