"""T30: a customer registered, and what is needed is known or waited for."""

import pytest

from engine.events import Identified
from tests.support.journeys import fired, triggered
from tests.support.story import MINUTE, Story


def says(story: Story, *, at: int, source: str = "", **traits: object) -> Story:
    said: dict[str, object] = {**traits}
    return story.event(Identified(id=f"i{at}", occurred_at=at * MINUTE, traits=said, source=source))


def registers(story: Story, *, at: int = 1, source: str = "", **traits: object) -> Story:
    return says(story, at=at, source=source, createdAt="1970-01-01T00:01:00Z", **traits)


def test_t30_fires_once_however_often_it_is_said() -> None:
    assert fired(registers(registers(triggered("T30")), at=5, name="Ada")) == 1


def test_t30_required_fields_that_come_in_time() -> None:
    story = registers(triggered("T30", require=["name", "city"]), name="Ada")
    assert fired(says(story, at=5, name="Ada B.")) == 0

    assert fired(says(story, at=6, city="Rome")) == 1
    assert fired(story.wait(until=100)) == 1


@pytest.mark.parametrize(("on_timeout", "count"), [("skip", 0), ("fire", 1)])
def test_t30_required_fields_that_do_not_come(on_timeout: str, count: int) -> None:
    story = registers(triggered("T30", require=["city"], on_timeout=on_timeout))

    assert fired(says(story.wait(until=12), at=13, city="Rome")) == count


@pytest.mark.parametrize(("contact", "count"), [("email", 1), ("phone", 0), ("any", 1)])
def test_t30_a_contact_is_there(contact: str, count: int) -> None:
    """The story's customer has an email."""
    assert fired(registers(triggered("T30", contact=contact))) == count


def test_t30_of_one_source() -> None:
    assert fired(registers(triggered("T30", source="till"), source="web")) == 0


def test_t30_who_registered_long_ago_is_not_new() -> None:
    story = says(triggered("T30"), at=60 * 24 * 3, createdAt="1970-01-01T00:01:00Z")

    assert fired(story) == 0
