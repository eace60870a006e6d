"""T49: by hand, for everybody selected."""

from collections.abc import Mapping

import pytest

from engine import ids
from engine.commands import Enrolled
from tests.support.journeys import SERIES, book, delay, journey, mail
from tests.support.story import MINUTE, Book, Story

DAY = 24 * 60
ONE = {"one": mail("first")}


def enrols(
    story: Story, job: str = "j1", *, at: int = 1, expires: int | None = None, copy: int = 0
) -> Story:
    """A job puts the customer in; a copy has another id, as after a day without this one."""
    return story.event(
        Enrolled(
            id=ids.derived(job, "c", copy),
            occurred_at=at * MINUTE,
            campaign="cart-reminder",
            job=job,
            expires_at=None if expires is None else expires * MINUTE,
        )
    )


def batch(steps: Mapping[str, object] = ONE, **trigger: object) -> Story:
    return Story(written(steps, **trigger).definitions).consents()


def written(steps: Mapping[str, object] = ONE, **trigger: object) -> Book:
    return book(journey(steps, trigger={"type": "T49", **trigger}))


def test_a_job_enters_a_customer_once_however_often_it_says_so() -> None:
    """T49's trap: a resumed job never sends again."""
    story = enrols(enrols(batch(), at=1), at=2, copy=1)

    assert story.sent == ["first"]
    assert story.reasons == ["fired", "entered", "sent: admitted", "exited: completed"]


def test_the_same_job_stays_once_when_a_new_version_is_published() -> None:
    definitions = written()
    story = enrols(Story(definitions.definitions).consents())

    definitions.publish(journey({"other": mail("second")}, trigger={"type": "T49"}))
    story.definitions = definitions.definitions

    assert enrols(story, at=3, copy=1).sent == ["first"]


def test_another_job_enters_again_as_re_entry_says() -> None:
    assert enrols(enrols(batch(), "j1"), "j2", at=2).sent == ["first", "first"]

    never = batch(re_entry={"policy": "never"})
    story = enrols(enrols(never, "j1"), "j2", at=2)
    assert (story.sent, story.reasons[-1]) == (["first"], "not_sent: already_in_campaign")


def test_audience_and_exclusion_of_the_trigger_hold_for_a_job() -> None:
    story = enrols(batch(exclude={"op": "contact", "channel": "email", "state": "unknown"}))
    other = enrols(batch(audience={"op": "in_audience", "tag": "vip"}))

    assert other.reasons == ["fired", "not_sent: not_in_audience"]
    assert story.reasons[0] == "fired"


def test_consent_holds_for_a_job_as_for_anything() -> None:
    story = enrols(Story(written().definitions).consents(email=False))

    assert (story.sent, story.reasons[2]) == ([], "not_sent: no_consent")


@pytest.mark.parametrize(("action", "reason"), [("pause", "paused"), ("stop", "campaign_stopped")])
def test_a_campaign_that_does_not_run_lets_nobody_in_and_says_so(action: str, reason: str) -> None:
    """g02: every customer of a job is accounted for."""
    definitions = written().change("campaigns", "cart-reminder", action)  # type: ignore[arg-type]  # one of them
    story = enrols(Story(definitions.definitions).consents())

    assert story.reasons == [f"not_sent: {reason}"]
    assert story.facts[0].cause == "j1"


def test_after_the_deadline_it_is_too_late_to_enter() -> None:
    assert enrols(batch(), at=59, expires=60).sent == ["first"]
    assert enrols(batch(), at=60, expires=60).reasons == ["not_sent: expired"]


def test_what_a_job_led_to_at_once_names_it_and_the_rest_has_its_run() -> None:
    story = enrols(batch(SERIES)).wait(until=2 * DAY)

    assert story.sent == ["first", "second"]
    [run] = {fact.instance for fact in story.facts}
    assert {fact.kind for fact in story.facts if fact.cause == "j1"} == {"fired", "entered", "sent"}
    assert run


def test_nothing_that_a_customer_does_starts_it() -> None:
    story = batch({"wait": delay("1h", "one"), "one": mail("first")})

    assert story.adds("shoes", at=1).buys("shoes", at=2).wait(until=DAY).facts == []
