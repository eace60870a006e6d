"""A good JSON object made bad, one field at a time: every field, on every level."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

BAD: Final = (
    *("null", "true", "-1", "0", "0.1", "1e308", "1e400", "NaN", "9" * 40),
    *('""', '" "', '"\\u0000"', '"\\ud800"', f'"{"x" * 3_000}"', '"2026-02-31T25:00:00Z"'),
    *("[]", "{}", "[null]", '[[],"x",1]', '{"a":{"b":[1]}}', f"{'[' * 40}{']' * 40}"),
)
"""As JSON text, since some of it no encoder would write."""

_HOLE: Final = "\0hole"
_HOLE_TEXT: Final = msgspec.json.encode(_HOLE)


class Bad(NamedTuple):
    """One field of an object and what it holds."""

    path: str
    value: str
    body: bytes


def of(good: Mapping[str, object]) -> Iterator[Bad]:
    """Each field with each bad value, without it, and with one beside it that nobody knows."""
    for path, holed in _holed(good):
        text = msgspec.json.encode(holed)
        for value in BAD:
            yield Bad(path, value, text.replace(_HOLE_TEXT, value.encode()))
    for path, without in _without(good):
        yield Bad(path, "(left out)", msgspec.json.encode(without))
    yield Bad("unheard_of", "1", msgspec.json.encode({**good, "unheard_of": 1}))


def _holed(value: object) -> Iterator[tuple[str, object]]:
    """The value with a hole in the place of each part of it."""
    for name, part in _parts(value):
        yield name, _with(value, name, _HOLE)
        for path, inner in _holed(part):
            yield f"{name}.{path}", _with(value, name, inner)


def _without(value: object) -> Iterator[tuple[str, object]]:
    for name, part in _parts(value):
        if isinstance(value, Mapping):
            yield name, {key: kept for key, kept in value.items() if key != name}
        for path, inner in _without(part):
            yield f"{name}.{path}", _with(value, name, inner)


def _parts(value: object) -> list[tuple[str, object]]:
    if isinstance(value, Mapping):
        return [(str(name), part) for name, part in value.items()]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [(str(place), part) for place, part in enumerate(value)]
    return []


def _with(value: object, name: str, part: object) -> object:
    if isinstance(value, Mapping):
        return {**value, name: part}
    assert isinstance(value, Sequence)
    return [part if str(place) == name else kept for place, kept in enumerate(value)]
