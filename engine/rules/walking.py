"""Going through a rule's tree."""

from collections.abc import Iterator

from engine.conditions import nodes as conditions
from engine.conditions.nodes import BaseNode, Node
from engine.rules import nodes
from engine.rules.nodes import Rule


def walk(rule: Rule, *, path: str = "") -> Iterator[tuple[str, Rule]]:
    """Every node of the rule with its place, from the top; without those of `where`."""
    yield path, rule
    for place, child in children(rule):
        yield from walk(child, path=f"{path}.{place}".lstrip("."))


def everything(rule: Rule, *, path: str = "") -> Iterator[tuple[str, BaseNode]]:
    """Every node with its place, those of steps and of `where` too."""
    for place, node in walk(rule, path=path):
        yield place, node
        yield from steps(node, path=place)
        for below, where in wheres(node, path=place):
            yield from conditions.walk(where, path=below)


def children(rule: Rule) -> list[tuple[str, Rule]]:
    """What stands directly below, with its place."""
    if isinstance(rule, nodes.Joined):
        return [(f"of[{place}]", one) for place, one in enumerate(rule.of)]
    return [("of", rule.of)] if isinstance(rule, nodes.Negated) else []


def steps(rule: Rule, *, path: str) -> list[tuple[str, nodes.Step]]:
    """The steps of a sequence and what must not lie between, with their places."""
    if not isinstance(rule, nodes.Sequence):
        return []
    found = [(f"{path}.steps[{n}]".lstrip("."), step) for n, step in enumerate(rule.steps)]
    if rule.without is not None:
        found.append((f"{path}.without".lstrip("."), rule.without))
    return found


def wheres(rule: Rule, *, path: str = "") -> list[tuple[str, Node]]:
    """What the node asks of each event or purchase, with its place."""
    if not isinstance(rule, nodes.Counted):
        return []
    if not isinstance(rule, nodes.Sequence):
        return [] if rule.where is None else [(f"{path}.where".lstrip("."), rule.where)]
    return [
        (f"{place}.where", step.where)
        for place, step in steps(rule, path=path)
        if step.where is not None
    ]


def depth(rule: Rule) -> int:
    """How deep the tree is, `where` included; one node alone is 1."""
    below = [depth(child) for _, child in children(rule)]
    asked = [conditions.depth(where) for _, where in wheres(rule)]
    return 1 + int(isinstance(rule, nodes.Sequence)) + max([*below, *asked], default=0)


def is_counted(node: Rule) -> bool:
    """Whether rows keep an aggregate for the node."""
    return isinstance(node, nodes.Counted)
