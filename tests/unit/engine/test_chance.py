"""Chance that can be repeated."""

from collections import Counter
from typing import Final

import pytest

from engine import chance
from engine.chance import Slice

CROWD: Final = [f"c{number}" for number in range(20_000)]


@pytest.mark.parametrize(
    ("salt", "customer_id", "expected"),
    [
        ("", "", 7450),
        ("welcome", "ada", 897),
        ("welcome", "anonymous:ж-1", 3953),
        ("größe", "ada", 1892),
    ],
)
def test_a_share_never_changes(salt: str, customer_id: str, expected: int) -> None:
    assert chance.share(salt, customer_id) == expected


def test_salt_and_customer_are_told_apart() -> None:
    assert chance.share("ab", "c") != chance.share("a", "bc")


def test_shares_are_spread_evenly() -> None:
    tenths = Counter(chance.share("welcome", one) // 1_000 for one in CROWD)

    assert all(1_850 < tenths[tenth] < 2_150 for tenth in range(10))


def test_two_salts_deal_independently() -> None:
    both = [
        one
        for one in CROWD
        if chance.is_within("one", one, first=0, end=5_000)
        and chance.is_within("other", one, first=0, end=5_000)
    ]

    assert 4_800 < len(both) < 5_200


def test_whoever_was_held_out_still_is_when_the_holdout_grows() -> None:
    five = {one for one in CROWD if chance.is_within("holdout", one, first=0, end=500)}
    ten = {one for one in CROWD if chance.is_within("holdout", one, first=0, end=1_000)}

    assert five < ten
    assert 900 < len(five) < 1_100


def test_a_changed_weight_moves_its_slice_only() -> None:
    """c.1, random split: among three arms, too, nobody moves between those that stay."""
    before = chance.allotted({"a": 33, "b": 33, "c": 34})

    after = chance.allotted({"a": 43, "b": 33, "c": 24}, before=before)

    assert before == (Slice("a", 0, 3_300), Slice("b", 3_300, 6_600), Slice("c", 6_600, 10_000))
    assert after == (
        Slice("a", 0, 3_300),
        Slice("b", 3_300, 6_600),
        Slice("c", 6_600, 9_000),
        Slice("a", 9_000, 10_000),
    )


def test_a_winner_takes_all_and_keeps_its_own() -> None:
    before = chance.allotted({"a": 1, "b": 1})

    assert chance.allotted({"a": 0, "b": 1}, before=before) == (Slice("b", 0, 10_000),)


def test_weights_that_do_not_come_out_even_are_rounded_to_whole_shares() -> None:
    slices = chance.allotted({"a": 1, "b": 1, "c": 1})

    assert [slice_.end - slice_.start for slice_ in slices] == [3_334, 3_333, 3_333]


def test_a_share_nobody_has_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no arm has the share 7"):
        chance.arm_of([Slice("a", 0, 7)], 7)


@pytest.mark.parametrize(
    ("weights", "places"),
    [
        ({"a": 50, "b": 50}, []),
        ({"a": 0, "b": 1}, []),
        ({}, ["arms"]),
        ({str(number): 1 for number in range(21)}, ["arms"]),
        ({"a": -1, "b": 1}, ["arms.a"]),
        ({"a": 10_001}, ["arms.a"]),
        ({"": 1}, ["arms"]),
        ({"a": 0, "b": 0}, ["arms"]),
        ({"a": 1, "b": 10_000, "c": 10_000}, ["arms.a"]),
    ],
)
def test_absurd_weights_are_refused_with_their_place(
    weights: dict[str, int], places: list[str]
) -> None:
    assert [flaw.path for flaw in chance.flaws(weights, path="arms")] == places
