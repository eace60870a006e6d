"""T05: one firing for the strongest view."""

import pytest

from tests.scenarios.triggers.test_t04_category_browse_abandoned import looks, opens
from tests.support.journeys import fired, triggered
from tests.support.story import Story


def lost(**params: object) -> Story:
    story = opens(triggered("T05", **params), "hats", at=1)
    return looks(opens(story, "hats", at=2), "a", "shoes", at=3).wait(until=100)


@pytest.mark.parametrize(
    ("priority", "event"),
    [
        (["product", "category"], {"kind": "product", "id": "a", "category": "shoes"}),
        (["category", "product"], {"kind": "category", "id": "hats", "category": "hats"}),
    ],
)
def test_t05_fires_once_for_the_strongest_view(priority: list[str], event: dict[str, str]) -> None:
    story = lost(priority=priority)

    assert (fired(story), story.messages[0].context["event"]) == (1, event)


def test_t05_what_was_not_looked_at_often_enough_gives_way() -> None:
    event = lost(min_views=2).messages[0].context["event"]

    assert event == {"kind": "category", "id": "hats", "category": "hats"}
