"""The order of the parts."""

import pytest

from oncue.up.supervisor import parts
from oncue.up.supervisor.parts import Part


def part(name: str, *after: str) -> Part:
    return Part(name=name, command=("true",), after=after)


def test_a_wave_needs_only_earlier_ones() -> None:
    wanted = [
        part("api", "worker", "store"),
        part("worker", "broker"),
        part("broker"),
        part("store"),
    ]

    names = [[each.name for each in wave] for wave in parts.waves(wanted)]

    assert names == [["broker", "store"], ["worker"], ["api"]]


@pytest.mark.parametrize(
    "wanted", [[part("a", "b"), part("b", "a")], [part("a", "a")], [part("a", "missing")]]
)
def test_parts_without_an_order_are_refused(wanted: list[Part]) -> None:
    with pytest.raises(ValueError, match="no order"):
        parts.waves(wanted)
