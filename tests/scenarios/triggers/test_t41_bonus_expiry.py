"""T41: bonuses will soon be gone."""

from decimal import Decimal

import pytest

from engine.events import BonusBalanceChanged
from engine.holdings import Expiring
from tests.support.journeys import book, delay, fired, journey, mail, triggered
from tests.support.story import MINUTE, Story

DAY = 24 * 60


def says(story: Story, *expiring: tuple[int, int], at: int, active: int = 100) -> Story:
    """What expires at which minute."""
    return story.event(
        BonusBalanceChanged(
            id=f"b{at}",
            occurred_at=at * MINUTE,
            updated_at=at * MINUTE,
            active=Decimal(active),
            expiring=tuple(Expiring(when * MINUTE, Decimal(much)) for when, much in expiring),
        )
    )


def amounts(story: Story) -> list[object]:
    events = [message.context["event"] for message in story.messages]
    return [event["amount"] for event in events if isinstance(event, dict)]


def test_t41_each_day_that_bonuses_go_fires_so_many_days_before() -> None:
    story = says(triggered("T41"), (10 * DAY, 5), (20 * DAY, 7), at=1)

    assert fired(story.wait(until=7 * DAY - 1)) == 0
    assert fired(story.wait(until=7 * DAY)) == 1
    assert fired(story.wait(until=17 * DAY)) == 2
    assert amounts(story) == ["5", "7"]


@pytest.mark.parametrize(("merges", "found"), [(True, ["12"]), (False, ["5", "7"])])
def test_t41_what_goes_on_one_day_is_one_firing(merges: bool, found: list[str]) -> None:  # noqa: FBT001  a row of the table
    story = triggered("T41", merge_same_day=merges)
    says(story, (10 * DAY + 1, 5), (10 * DAY + 60, 7), at=1).wait(until=20 * DAY)

    assert amounts(story) == found


def test_t41_at_a_time_of_day() -> None:
    story = says(triggered("T41", at_time="09:30"), (10 * DAY + 60, 5), at=1)

    assert fired(story.wait(until=7 * DAY + 9 * 60 + 29)) == 0
    assert fired(story.wait(until=7 * DAY + 9 * 60 + 30)) == 1


def test_t41_bonuses_that_were_spent_are_not_announced() -> None:
    story = says(says(triggered("T41"), (10 * DAY, 5), at=1), at=2, active=0)

    assert fired(story.wait(until=20 * DAY)) == 0


def test_t41_no_more_is_announced_than_there_is() -> None:
    story = says(triggered("T41"), (10 * DAY, 50), at=1, active=20).wait(until=8 * DAY)

    assert amounts(story) == ["20"]


def test_t41_the_amount_is_that_of_the_moment_when_it_is_sent() -> None:
    steps = {"wait": delay("1d", "one"), "one": mail("first")}
    story = Story(book(journey(steps, trigger={"type": "T41"})).definitions).consents()
    says(story, (10 * DAY, 50), at=1).wait(until=7 * DAY)
    says(story, (10 * DAY, 30), at=7 * DAY + 5).wait(until=8 * DAY)

    assert amounts(story) == ["30"]


def test_t41_spent_while_the_message_waits_it_is_not_sent() -> None:
    steps = {"wait": delay("1d", "one"), "one": mail("first")}
    story = Story(book(journey(steps, trigger={"type": "T41"})).definitions).consents()
    says(story, (10 * DAY, 50), at=1).wait(until=7 * DAY)
    says(story, at=7 * DAY + 5, active=0).wait(until=8 * DAY)

    assert story.reasons[-2:] == ["not_sent: completed", "exited: completed"]


def test_t41_too_little_to_speak_of() -> None:
    story = says(triggered("T41", min_amount="6"), (10 * DAY, 5), at=1)

    assert fired(story.wait(until=20 * DAY)) == 0
