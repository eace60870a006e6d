"""T31: an event of the shop's own, so many of them, or what follows it."""

import pytest

from tests.support.journeys import fired, set_up, tracks, triggered
from tests.support.story import Story


def happens(story: Story, *names: str, at: int) -> Story:
    for later, name in enumerate(names):
        tracks(story, name, at=at + later)
    return story


def test_t31_so_many_within_the_window_and_then_anew() -> None:
    story = triggered("T31", event="Play", count=3, window="1h")
    happens(happens(story, "Play", "Play", at=0), "Play", at=61)
    assert fired(story) == 0

    assert fired(happens(story, "play", at=62)) == 0
    assert fired(happens(story, "Play", at=63)) == 1
    assert fired(happens(story, "Play", "Play", at=64)) == 1
    assert fired(happens(story, "Play", at=66)) == 2


def test_t31_what_does_not_pass_the_filter_is_not_counted() -> None:
    passes = {"op": "prop", "path": "properties.level", "is": ">=", "value": 2}
    story = set_up("T31", {"event": "Play", "count": 2}, property_filter=passes)
    tracks(story, "Play", at=1, level=1)
    tracks(story, "Play", at=2, level=2)
    assert fired(story) == 0

    assert fired(tracks(story, "Play", at=3, level=2)) == 1


@pytest.mark.parametrize(
    ("follows", "names", "count"),
    [
        ({"then": "B"}, ["A", "B"], 1),
        ({"then": "B"}, ["B", "A"], 0),
        ({"then": "B"}, ["A", "B", "B"], 1),
        ({"then": "B", "without": "C"}, ["A", "C", "B"], 0),
        ({"then": "B", "without": "C"}, ["C", "A", "B"], 1),
        ({"then": "B", "with": "C"}, ["A", "C", "B"], 1),
        ({"then": "B", "with": "C"}, ["A", "B"], 0),
        ({"then": "A"}, ["A", "A"], 1),
    ],
)
def test_t31_one_after_the_other_with_or_without_a_third(
    follows: dict[str, object], names: list[str], count: int
) -> None:
    assert fired(happens(triggered("T31", event="A", sequence=follows), *names, at=1)) == count


def test_t31_a_sequence_has_to_end_within_the_window() -> None:
    story = triggered("T31", event="A", window="1h", sequence={"then": "B"})

    assert fired(happens(happens(story, "A", at=0), "B", at=61)) == 0
    assert fired(happens(happens(story, "A", at=100), "B", at=160)) == 1
