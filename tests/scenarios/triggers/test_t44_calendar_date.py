"""T44: dates of the calendar, for everybody of the audience. Day 0 is Thursday, 1 January 1970."""

import pytest

from engine.commands import Activated
from engine.events import PageViewed, TimerFired
from tests.scenarios.triggers.test_t42_anniversary import days
from tests.support.journeys import fired, set_up, triggered
from tests.support.story import MINUTE, Story

DAY = 24 * 60
DAILY = {"start": "1970-01-02T09:00", "rrule": "FREQ=DAILY"}


def comes(story: Story, *, at: int) -> Story:
    return story.event(PageViewed(id=f"p{at}", occurred_at=at * MINUTE, url="/"))


def wakes(story: Story, *, at: int) -> Story:
    """The timer comes due after an outage that lasted until then."""
    [(timer_id, timer)] = story.row.timers.items()
    fired_late = TimerFired(
        id=f"late-{at}",
        occurred_at=timer.due_at,
        timer_id=timer_id,
        generation=timer.generation,
    )
    return story._apply(fired_late, logged_at=at * MINUTE)


def test_t44_once_at_its_time() -> None:
    story = triggered("T44", start="1970-01-03T09:00").wait(until=30 * DAY)

    assert days(story) == ["1970-01-03 09:00"]


def test_t44_again_and_again_but_not_on_blackout_days() -> None:
    story = triggered("T44", **DAILY, blackout_days=["1970-01-03"]).wait(until=4 * DAY)

    assert days(story) == ["1970-01-02 09:00", "1970-01-04 09:00"]


@pytest.mark.parametrize(("policy", "count"), [("run_once", 1), ("skip", 0)])
def test_t44_after_an_outage_it_runs_once_at_most(policy: str, count: int) -> None:
    story = wakes(triggered("T44", **DAILY, missed_policy=policy), at=6 * DAY)
    assert fired(story) == count

    assert fired(story.wait(until=6 * DAY + 10 * 60)) == count + 1


def test_t44_whoever_is_outside_the_audience_hears_nothing() -> None:
    """Nothing is recorded of them either: the date is the same for all."""
    vip = {"op": "in_audience", "tag": "vip"}
    story = set_up("T44", DAILY, audience=vip).wait(until=3 * DAY)

    assert story.facts == []


def test_t44_those_who_come_later_are_there_for_the_next_date() -> None:
    definitions = triggered("T44", **DAILY).definitions
    story = comes(Story(definitions, key="u:late"), at=3 * DAY).wait(until=4 * DAY)

    assert days(story) == ["1970-01-04 09:00"]


def test_t44_those_who_were_there_before_are_told_of_the_campaign() -> None:
    definitions = triggered("T44", **DAILY).definitions
    story = comes(Story(key="u:known"), at=0)
    story.definitions = definitions
    assert days(story.wait(until=2 * DAY)) == []

    begun = Activated(id="x", occurred_at=2 * DAY * MINUTE, campaign="cart-reminder", version=1)
    assert days(story.event(begun).event(begun).wait(until=3 * DAY)) == ["1970-01-03 09:00"]


def test_t44_by_the_recipients_clock() -> None:
    story = Story(triggered("T44", **DAILY, tz="recipient").definitions, key="u:far")
    story.event(PageViewed(id="p", occurred_at=MINUTE, url="/", zones={"browser": "Asia/Tokyo"}))

    assert days(story.wait(until=DAY + 60)) == ["1970-01-02 00:00"]
