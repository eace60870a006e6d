"""The failure arm of a send (c.2, 14): one outcome each, and the run always goes on."""

import pytest

from engine.events import Responded
from engine.sends import Response
from tests.support.journeys import journey, mail, told
from tests.support.story import MINUTE, Story

DAY = 24 * 60


def sent() -> Story:
    steps = {
        "one": mail("first", "two", on_failed="three", ttl="1h"),
        "two": mail("second"),
        "three": mail("third"),
    }
    return told(journey(steps)).adds("shoes", at=0).wait(until=30)


def answers(story: Story, response: Response, *, at: int, message: str = "") -> Story:
    return story.event(
        Responded(
            id=f"{response}-{at}",
            occurred_at=at * MINUTE,
            message_id=message or story.messages[0].id,
            channel="email",
            campaign="cart-reminder",
            response=response,
        )
    )


def test_the_run_waits_for_the_answer_and_goes_on_when_it_is_yes() -> None:
    story = sent()
    assert story.sent == ["first"]

    assert answers(story, "accepted", at=31).sent == ["first", "second"]
    assert story.row.timers == {}


@pytest.mark.parametrize("response", ["failed", "in_doubt", "expired"])
def test_a_message_that_nobody_took_leads_to_the_failure_arm(response: Response) -> None:
    assert answers(sent(), response, at=31).sent == ["first", "third"]


def test_one_outcome_decides_and_what_comes_after_it_changes_nothing() -> None:
    story = answers(answers(sent(), "accepted", at=31), "failed", at=32)

    assert story.sent == ["first", "second"]


def test_the_answer_to_another_message_is_none() -> None:
    assert answers(sent(), "accepted", at=31, message="another").sent == ["first"]


def test_without_any_answer_the_run_goes_on_after_the_time_to_live() -> None:
    assert sent().wait(until=30 + 74).sent == ["first"]
    assert sent().wait(until=30 + 75).sent == ["first", "third"]


def test_who_is_refused_goes_on_as_before() -> None:
    steps = {"one": mail("first", "two", on_failed="three"), "two": mail("second")}
    story = Story(told(journey({**steps, "three": mail("third")})).definitions)
    story.consents(email=False).adds("shoes", at=0).wait(until=30)

    assert story.reasons[-1] == "exited: completed"
    assert story.row.customer.runs == ()
