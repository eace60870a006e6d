"""Segments in segments: what a rule leads to, and rules that lead back to themselves."""

from collections.abc import Iterator, Mapping

from engine.rules import walking
from engine.rules.nodes import InSegment, Rule


def named(rule: Rule) -> list[str]:
    """The segments that the rule names itself."""
    found = [node.segment for _, node in walking.walk(rule) if isinstance(node, InSegment)]
    return list(dict.fromkeys(found))


def reached(rule: Rule, segments: Mapping[str, Rule]) -> dict[str, Rule]:
    """Every segment that the rule leads to, over others too; those that are not there stay out."""
    found: dict[str, Rule] = {}
    ahead = named(rule)
    while ahead:
        name = ahead.pop()
        if name in segments and name not in found:
            found[name] = segments[name]
            ahead += named(segments[name])
    return found


def flaw(segment: str, segments: Mapping[str, Rule]) -> str | None:
    """The circle that begins at the segment, in words; None where there is none.

    To check a segment before it is saved, let `segments` hold its new rule.
    """
    circle = next(_circles((segment,), segments), None)
    if circle is None:
        return None
    return f"a segment cannot need itself: {' in '.join(circle)}; take one of them out"


def _circles(way: tuple[str, ...], segments: Mapping[str, Rule]) -> Iterator[tuple[str, ...]]:
    seen = {way[0]}
    ahead = [way]
    while ahead:
        way = ahead.pop()
        rule = segments.get(way[-1])
        for name in named(rule) if rule is not None else ():
            if name == way[0]:
                yield (*way, name)
            elif name not in seen:
                seen.add(name)
                ahead.append((*way, name))


def levels(segment: str, segments: Mapping[str, Rule]) -> int:
    """How many segments stand below each other from this one on; alone it is 1.

    Args:
        segments: Without a circle.
    """
    known: dict[str, int] = {}
    return _levels(segment, segments, known)


def _levels(segment: str, segments: Mapping[str, Rule], known: dict[str, int]) -> int:
    if segment not in known:
        rule = segments.get(segment)
        below = named(rule) if rule is not None else []
        known[segment] = 1 + max((_levels(name, segments, known) for name in below), default=0)
    return known[segment]
