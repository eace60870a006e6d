"""What differs between two definitions, place by place, as people read it.

Items of lists that have an `id` are told apart by it, so that one put in before the others does not
make all of them look changed; other lists are one value.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import msgspec

What: TypeAlias = Literal["added", "removed", "changed"]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One place where they differ."""

    path: str
    """`steps.s1.template`, `triggers[idle].params.idle`, `rule.of[n2].value`."""
    what: What
    before: Any = None
    after: Any = None


def differences(before: object, after: object) -> list[Difference]:
    """All of them, in the order of the first, then of the second; both are JSON."""
    return list(_between(before, after, ""))


def _between(before: object, after: object, path: str) -> Iterator[Difference]:
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _of_mappings(before, after, path, "{0}.{1}")
        return
    own, others = _by_id(before), _by_id(after)
    if own is None or others is None:
        if _text(before) == _text(after):
            return
        yield Difference(path=path, what="changed", before=before, after=after)
        return
    yield from _of_mappings(own, others, path, "{0}[{1}]")
    kept = [name for name in own if name in others]
    if kept != [name for name in others if name in own]:
        yield Difference(path=path, what="changed", before=list(own), after=list(others))


def _of_mappings(
    before: Mapping[str, object], after: Mapping[str, object], path: str, form: str
) -> Iterator[Difference]:
    for name, value in before.items():
        place = form.format(path, name).lstrip(".")
        if name not in after:
            yield Difference(path=place, what="removed", before=value)
        else:
            yield from _between(value, after[name], place)
    for name, value in after.items():
        if name not in before:
            place = form.format(path, name).lstrip(".")
            yield Difference(path=place, what="added", after=value)


def _text(value: object) -> bytes:
    """As JSON, where 1, 1.0 and true are three things."""
    return msgspec.json.encode(value)


def _by_id(value: object) -> dict[str, object] | None:
    """A list of things with ids of their own; None: another value."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return None
    names = [item.get("id") if isinstance(item, dict) else None for item in value]
    if not all(isinstance(name, str) for name in names) or len(set(names)) != len(names):
        return None
    return {str(name): item for name, item in zip(names, value, strict=True)}
