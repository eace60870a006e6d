"""Going through a rule's tree."""

from collections.abc import Iterator

from engine.conditions import nodes as conditions
from engine.conditions.nodes import Node
from engine.rules import nodes
from engine.rules.nodes import Rule


def walk(rule: Rule, *, path: str = "") -> Iterator[tuple[str, Rule]]:
    """Every node of the rule with its place, from the top; without those of `where`."""
    yield path, rule
    for place, child in children(rule):
        yield from walk(child, path=f"{path}.{place}".lstrip("."))


def everything(rule: Rule, *, path: str = "") -> Iterator[tuple[str, Rule | Node]]:
    """Every node with its place, those of `where` too."""
    for place, node in walk(rule, path=path):
        yield place, node
        where = where_of(node)
        if where is not None:
            yield from conditions.walk(where, path=f"{place}.where".lstrip("."))


def children(rule: Rule) -> list[tuple[str, Rule]]:
    """What stands directly below, with its place."""
    if isinstance(rule, nodes.Joined):
        return [(f"of[{place}]", one) for place, one in enumerate(rule.of)]
    return [("of", rule.of)] if isinstance(rule, nodes.Negated) else []


def where_of(rule: Rule) -> Node | None:
    """What the node asks of each event or purchase."""
    return rule.where if isinstance(rule, nodes.Counted) else None


def depth(rule: Rule) -> int:
    """How deep the tree is, `where` included; one node alone is 1."""
    where = where_of(rule)
    below = [depth(child) for _, child in children(rule)]
    return 1 + max([*below, 0 if where is None else conditions.depth(where)], default=0)


def is_counted(node: Rule | Node) -> bool:
    """Whether rows keep an aggregate for the node."""
    return isinstance(node, nodes.Counted)
