"""Going through a rule's tree."""

from collections.abc import Iterator
from typing import assert_never

from engine.conditions import nodes as conditions
from engine.conditions.nodes import Node
from engine.rules.nodes import (
    AtLeast,
    Attr,
    Bonus,
    Bought,
    CartIs,
    ContactIs,
    Did,
    Every,
    First,
    InAudience,
    InCampaign,
    InSegment,
    InterestIs,
    Last,
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
    match rule:
        case Every(of=of) | Some(of=of) | Neither(of=of) | AtLeast(of=of):
            return [(f"of[{place}]", one) for place, one in enumerate(of)]
        case Negated(of=one):
            return [("of", one)]
        case (
            Attr() | MetricIs() | Did() | NeverDid() | First() | Last() | Bought() | InSegment()
            | InAudience() | Subscribed() | ContactIs() | Bonus() | CartIs() | InterestIs()
            | Messaged() | PromoIs() | InCampaign() | TopInterest() | Sample()
        ):  # fmt: skip
            return []
        case _:
            assert_never(rule)


def where_of(rule: Rule) -> Node | None:
    """What the node asks of each event or purchase."""
    return rule.where if isinstance(rule, Did | NeverDid | First | Last | Bought) else None


def depth(rule: Rule) -> int:
    """How deep the tree is, `where` included; one node alone is 1."""
    where = where_of(rule)
    below = [depth(child) for _, child in children(rule)]
    return 1 + max([*below, 0 if where is None else conditions.depth(where)], default=0)


def is_counted(node: Rule | Node) -> bool:
    """Whether rows keep an aggregate for the node."""
    return isinstance(node, Did | NeverDid | First | Last | Bought)
