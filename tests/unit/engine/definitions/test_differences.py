"""Two versions of a definition, place by place."""

import pytest

from engine.definitions import differences


def told(before: object, after: object) -> list[str]:
    return [
        f"{one.what} {one.path}: {one.before!r} -> {one.after!r}"
        for one in differences.differences(before, after)
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, ["changed a: 1 -> 2"]),
        ({"a": {"b": 1}}, {"a": {"c": 1}}, ["removed a.b: 1 -> None", "added a.c: None -> 1"]),
        ({"a": 1}, {"a": True}, ["changed a: 1 -> True"]),
        ({"a": [1, 2]}, {"a": [2, 1]}, ["changed a: [1, 2] -> [2, 1]"]),
        ({"a": None}, {}, ["removed a: None -> None"]),
    ],
)
def test_each_place_is_told_once(before: object, after: object, expected: list[str]) -> None:
    assert told(before, after) == expected


def test_things_with_ids_are_told_apart_by_them() -> None:
    one, two = {"id": "one", "idle": "1h"}, {"id": "two"}

    assert told({"t": [one]}, {"t": [two, one]}) == ["added t[two]: None -> {'id': 'two'}"]
    assert told({"t": [one]}, {"t": [{**one, "idle": "2h"}]}) == [
        "changed t[one].idle: '1h' -> '2h'"
    ]
    assert told({"t": [one, two]}, {"t": [two, one]}) == [
        "changed t: ['one', 'two'] -> ['two', 'one']"
    ]


def test_things_with_one_id_twice_are_one_value() -> None:
    twice = [{"id": "a"}, {"id": "a"}]

    assert len(told({"t": twice}, {"t": [{"id": "a"}]})) == 1
