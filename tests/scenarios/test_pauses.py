"""A message that comes back to a paused campaign waits for it (c.2 rule 9, X61)."""

from engine.definitions.changes import Action
from engine.definitions.folded import Definitions
from tests.support.journeys import book, journey, mail
from tests.support.story import MINUTE, Book, Story

HOUR = 60

GO = {"type": "T01", "params": {"idle": "30m"}}


def acted(definitions: Definitions, action: Action, *, at: int, body: object = None) -> Definitions:
    made = Book()
    made.definitions, made.at = definitions, at * MINUTE
    return made.change("campaigns", "cart-reminder", action, body).definitions


def held() -> Story:
    """A message is decided, and comes back since the campaign is paused meanwhile."""
    steps = {"one": mail("first", ttl="2d")}
    story = Story(book(journey(steps, trigger=GO)).definitions).consents()
    story.adds("shoes", at=0).wait(until=30)
    story.definitions = acted(story.definitions, "pause", at=31)
    return story.rechecks(story.messages[0], at=32)


def test_it_is_kept_and_its_waiting_recorded_once() -> None:
    story = held().wait(until=3 * HOUR)

    assert len(story.messages) == 1
    assert story.reasons.count("deferred: paused") == 1
    assert len(story.row.customer.held) == 1


def test_it_leaves_under_its_own_id_when_the_campaign_goes_on() -> None:
    story = held()
    story.definitions = acted(story.definitions, "resume", at=3 * HOUR)

    story.wait(until=4 * HOUR)

    first, again = story.messages
    assert again.id == first.id
    assert story.row.customer.held == ()


def test_it_leaves_at_its_place_in_the_time_that_is_said() -> None:
    story = held()
    story.definitions = acted(story.definitions, "resume", at=3 * HOUR, body={"over": "20h"})

    story.wait(until=3 * HOUR + 15)
    assert len(story.messages) == 1

    story.wait(until=23 * HOUR)
    assert len(story.messages) == 2
    assert story.reasons.count("deferred: paused") == 1


def test_it_expires_in_a_pause_that_outlasts_it() -> None:
    story = held().wait(until=49 * HOUR)

    assert story.reasons[-1] == "not_sent: expired"
    assert story.row.customer.held == ()
