"""T42: birthdays and other days that come round; the stories begin on 1 January 1970."""

from datetime import UTC, date, datetime

import pytest

from engine.events import Identified
from tests.support.journeys import book, delay, fired, journey, mail, triggered
from tests.support.story import MINUTE, Story

DAY = 24 * 60
TEN = 10 * 60


def says(story: Story, *, at: int, **traits: object) -> Story:
    said: dict[str, object] = {**traits}
    return story.event(Identified(id=f"i{at}", occurred_at=at * MINUTE, traits=said))


def on(year: int, month: int, day: int) -> int:
    """Ten in the morning of a day, in minutes of the story."""
    return (date(year, month, day) - date(1970, 1, 1)).days * DAY + TEN


def days(story: Story) -> list[str]:
    """When it fired."""
    times = (fact.at for fact in story.facts if fact.kind == "fired")
    return [datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M") for at in times]


def test_t42_fires_every_year_at_its_hour() -> None:
    story = says(triggered("T42"), at=1, birthday="1960-03-02").wait(until=on(1971, 12, 31))

    assert days(story) == ["1970-03-02 10:00", "1971-03-02 10:00"]
    assert story.messages[1].context["event"] == {
        "field": "birthday",
        "date": "1960-03-02",
        "year": 1971,
        "years": 11,
    }


def test_t42_fires_once_a_year_even_if_the_date_is_edited() -> None:
    story = says(triggered("T42"), at=1, birthday="1960-03-02").wait(until=on(1970, 3, 2))
    says(story, at=on(1970, 3, 3), birthday="1960-03-10").wait(until=on(1971, 12, 31))

    assert days(story) == ["1970-03-02 10:00", "1971-03-10 10:00"]


def test_t42_a_date_that_is_edited_before_moves_the_day() -> None:
    story = says(triggered("T42"), at=1, birthday="1960-03-02")
    says(story, at=2, birthday="1960-02-02").wait(until=on(1970, 12, 31))

    assert days(story) == ["1970-02-02 10:00"]


def test_t42_a_date_that_is_taken_away_has_no_day() -> None:
    story = says(triggered("T42"), at=1, birthday="1960-03-02")

    assert days(says(story, at=2, birthday=None).wait(until=on(1970, 12, 31))) == []


@pytest.mark.parametrize(
    ("feb29", "first"),
    [
        ("feb28", "1970-02-28 10:00"),
        ("mar1", "1970-03-01 10:00"),
        ("leap_only", "1972-02-29 10:00"),
    ],
)
def test_t42_the_29th_of_february_in_other_years(feb29: str, first: str) -> None:
    story = says(triggered("T42", feb29=feb29), at=1, birthday="1960-02-29")

    assert days(story.wait(until=on(1972, 12, 31)))[0] == first


def test_t42_days_before_it_belong_to_its_year() -> None:
    story = says(triggered("T42", offset_days=-3), at=1, birthday="1960-01-02")

    assert days(story.wait(until=on(1971, 2, 1))) == ["1970-12-30 10:00"]


def test_t42_each_child_has_a_day() -> None:
    story = triggered("T42", field="children", child="born")
    children = [{"born": "2000-02-01"}, {"born": "2001-03-01"}, {"name": "?"}]
    says(story, at=1, children=[{"born": "1965-02-01"}, {"born": "1966-03-01"}, *children[2:]])

    assert days(story.wait(until=on(1970, 12, 31))) == ["1970-02-01 10:00", "1970-03-01 10:00"]


def test_t42_by_the_customers_clock() -> None:
    story = triggered("T42")
    story.event(
        Identified(
            id="i",
            occurred_at=MINUTE,
            traits={"birthday": "1960-03-02"},
            zones={"profile": "Europe/Moscow"},
        )
    )

    assert days(story.wait(until=on(1970, 12, 31))) == ["1970-03-02 07:00"]


def test_t42_nobody_leaves_the_journey_because_the_day_is_over() -> None:
    steps = {"one": mail("first", "wait"), "wait": delay("3d", "two"), "two": mail("second")}
    body = journey(steps, trigger={"type": "T42"})
    story = says(Story(book(body).definitions).consents(), at=1, birthday="1960-03-02")

    assert story.wait(until=on(1970, 3, 6)).sent == ["first", "second"]


def test_t42_a_birthday_that_an_import_tells_late_is_still_one() -> None:
    story = triggered("T42")
    late = Identified(id="i", occurred_at=1, traits={"birthday": "1960-03-02"})

    assert days(story.event(late, logged_at=5 * DAY * MINUTE).wait(until=on(1970, 4, 1))) == [
        "1970-03-02 10:00"
    ]


def test_t42_paused_the_year_passes_and_the_next_one_comes() -> None:
    written = book(journey({"one": mail("first")}, trigger={"type": "T42"}))
    story = says(Story(written.definitions).consents(), at=1, birthday="1960-03-02")
    story.definitions = written.change("campaigns", "cart-reminder", "pause").definitions
    assert fired(story.wait(until=on(1970, 6, 1))) == 0

    story.definitions = written.change("campaigns", "cart-reminder", "resume").definitions
    assert days(story.wait(until=on(1971, 6, 1))) == ["1971-03-02 10:00"]
