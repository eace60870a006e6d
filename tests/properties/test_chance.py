"""What holds of splits for all weights."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from engine import chance
from engine.chance import SHARES, Slice

weights = st.dictionaries(
    st.sampled_from(["a", "b", "c", "d", "e"]), st.integers(0, 100), min_size=1
).filter(lambda found: sum(found.values()) > 0)


@given(st.lists(weights, min_size=1, max_size=5))
def test_every_share_belongs_to_one_arm(history: Sequence[dict[str, int]]) -> None:
    slices = dealt(history)

    assert [slice_.start for slice_ in slices] == [0, *(slice_.end for slice_ in slices[:-1])]
    assert slices[-1].end == SHARES


@given(st.lists(weights, min_size=1, max_size=5))
def test_an_arm_has_the_part_of_its_weight_whatever_was_before(
    history: Sequence[dict[str, int]],
) -> None:
    sizes = by_arm(dealt(history))

    total = sum(history[-1].values())
    assert all(
        abs(sizes.get(arm, 0) - SHARES * weight / total) < 1 for arm, weight in history[-1].items()
    )


@given(st.lists(weights, max_size=4), weights)
def test_as_few_customers_move_as_can_be(
    history: Sequence[dict[str, int]], last: dict[str, int]
) -> None:
    before, after = dealt(history), dealt([*history, last])

    moved = sum(
        chance.arm_of(before, share) != chance.arm_of(after, share) for share in range(SHARES)
    )
    sizes, were = by_arm(after), by_arm(before)
    assert moved == sum(max(size - were.get(arm, 0), 0) for arm, size in sizes.items())


def dealt(history: Sequence[dict[str, int]]) -> tuple[Slice, ...]:
    slices = chance.allotted({"a": 1})
    for one in history:
        slices = chance.allotted(one, before=slices)
    return slices


def by_arm(slices: Sequence[Slice]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for slice_ in slices:
        sizes[slice_.arm] = sizes.get(slice_.arm, 0) + slice_.end - slice_.start
    return sizes
