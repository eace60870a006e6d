"""Ids of nodes: they stay from version to version, so that an explanation can name a node."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from engine.conditions.checks import BARE

_BELOW: Final = ("of", "where", "steps", "without")


def numbered(tree: dict[str, Any]) -> dict[str, Any]:
    """Give an id to every node that has none: the first free of n1, n2, ... from the top.

    Args:
        tree: A rule as JSON; what is no tree stays as it is, for the decoder to refuse.
    """
    taken = {node["id"] for node in _nodes(tree) if isinstance(node.get("id"), str)}
    free = (name for number in _counting() if (name := f"n{number}") not in taken)
    return _numbered(tree, free)


def bare(tree: Mapping[str, object]) -> dict[str, Any]:
    """The tree without ids: what is meant, and nothing of how it is called."""
    return {name: _bare(below) for name, below in tree.items() if name != "id"}


def _bare(value: object) -> object:
    match value:
        case dict():
            return bare(value)
        case list() | tuple():
            return [_bare(one) for one in value]
        case _:
            return value


def _numbered(node: dict[str, Any], free: Iterator[str]) -> dict[str, Any]:
    found = dict(node) if node.get("id") is not None else {**node, "id": next(free)}
    comparison = found.get("is")
    if isinstance(comparison, str) and comparison in BARE and "value" not in found:
        # Where a comparison has a default value, this one takes none.
        found["value"] = None
    for field in _BELOW:
        below = found.get(field)
        if isinstance(below, dict):
            found[field] = _numbered(below, free)
        elif isinstance(below, list | tuple):
            found[field] = [_numbered(one, free) if isinstance(one, dict) else one for one in below]
    return found


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for field in _BELOW:
        below = node.get(field)
        for one in below if isinstance(below, list | tuple) else [below]:
            if isinstance(one, dict):
                yield from _nodes(one)


def _counting() -> Iterator[int]:
    number = 0
    while True:
        number += 1
        yield number
