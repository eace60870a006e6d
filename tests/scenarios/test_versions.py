"""Who is inside when a version is published, or a campaign pauses (c.2 rules 8 and 9, X60, X61)."""

from collections.abc import Mapping

import pytest

from engine.definitions import folded
from engine.definitions.basestep import StepId
from engine.definitions.changes import Action
from engine.definitions.publishing import Publication, flaws
from engine.events import Tracked
from tests.support.journeys import book, delay, journey, mail
from tests.support.story import MINUTE, Book, Story

HOUR = 60
DAY = 24 * HOUR

GO = {"type": "T31", "params": {"event": "go"}}
OLD = {"wait": delay("1d", "one"), "one": mail("first")}
NEW = {"wait": delay("3d", "two"), "two": mail("second")}
NEWER = {"pause": delay("2d", "two"), "two": mail("second")}
NAME = "cart-reminder"


def version(steps: Mapping[str, object], **fields: object) -> dict[str, object]:
    return journey(steps, trigger=GO, **fields)


def goes(story: Story, *, at: int) -> Story:
    return story.event(Tracked(id=f"go-{at}", occurred_at=at * MINUTE, name="go"))


def changed(story: Story, action: Action, body: object = None, *, at: int) -> Story:
    """The definitions change while the story is on."""
    story.wait(until=at)
    known = Book()
    known.definitions = story.definitions
    known.at = at * MINUTE
    story.definitions = known.change("campaigns", NAME, action, body).definitions
    return story


def published(story: Story, steps: Mapping[str, object], body: object = None, *, at: int) -> Story:
    story = changed(story, "put", version(steps), at=at)
    return changed(story, "publish", body, at=at)


def inside(*, at: int = 0) -> Story:
    """Somebody who waits for a day."""
    return goes(Story(book(version(OLD)).definitions).consents(), at=at)


def moves(story: Story) -> list[tuple[str | None, str | None]]:
    return [(fact.before, fact.after) for fact in story.changes if fact.kind == "migrated"]


def test_who_is_inside_stays_on_their_version_unless_it_is_said() -> None:
    """c.2 rule 8."""
    story = published(inside(), NEW, at=HOUR)

    assert story.wait(until=5 * DAY).sent == ["first"]
    assert goes(story, at=6 * DAY).wait(until=9 * DAY).sent == ["first", "second"]


def test_finish_lets_everybody_inside_leave_at_their_next_touch() -> None:
    story = published(inside(), NEW, {"running": "finish"}, at=HOUR).wait(until=5 * DAY)

    assert (story.sent, story.reasons[-1]) == ([], "exited: superseded")
    assert story.row.customer.runs == ()


def test_at_a_step_that_is_still_there_what_is_waited_for_goes_on() -> None:
    """The day that was begun, and then the new version's next step."""
    story = published(inside(), NEW, {"running": "migrate", "map": {"one": "two"}}, at=HOUR)

    assert story.wait(until=DAY - 1).sent == []
    assert story.wait(until=DAY).sent == ["second"]
    assert moves(story) == [("1/wait", "3/wait")]


def test_at_another_step_a_run_arrives_anew_at_its_next_touch() -> None:
    choice = {"running": "migrate", "map": {"wait": "pause", "one": "two"}}
    story = published(inside(), NEWER, choice, at=HOUR)

    touched = goes(story, at=2 * HOUR)

    assert moves(touched) == [("1/wait", "3/pause")]
    assert story.wait(until=2 * HOUR + 2 * DAY - 1).sent == []
    assert story.wait(until=2 * HOUR + 2 * DAY).sent == ["second"]


def test_mapped_to_nothing_a_run_leaves() -> None:
    choice = {"running": "migrate", "map": {"wait": None, "one": "two"}}
    story = published(inside(), NEWER, choice, at=HOUR).wait(until=5 * DAY)

    assert (story.sent, story.reasons[-1]) == ([], "exited: superseded")


def test_several_publications_later_a_run_goes_through_each_map() -> None:
    story = published(
        inside(), NEWER, {"running": "migrate", "map": {"wait": "pause", "one": "two"}}, at=1
    )
    story = published(
        story, NEW, {"running": "migrate", "map": {"pause": "wait", "one": "two"}}, at=2
    )

    goes(story, at=HOUR)

    assert moves(story) == [("1/wait", "3/pause"), ("3/pause", "5/wait")]


def test_what_was_sent_is_not_sent_again_on_the_new_version() -> None:
    series = {"one": mail("first", "wait"), "wait": delay("1d", "two"), "two": mail("second")}
    story = goes(Story(book(version(series)).definitions).consents(), at=0)
    longer = {**series, "two": mail("third")}

    published(story, longer, {"running": "migrate"}, at=HOUR).wait(until=3 * DAY)

    assert story.sent == ["first", "third"]


@pytest.mark.parametrize(
    ("steps", "running", "mapped", "paths"),
    [
        (NEW, "stay", {}, []),
        (NEW, "stay", {"one": "two"}, ["map"]),
        (NEW, "migrate", {"one": "two"}, []),
        (NEW, "migrate", {}, ["map.one"]),
        (NEW, "migrate", {"one": "three"}, ["map.one"]),
        (NEW, "migrate", {"one": "two", "three": "two"}, ["map.three"]),
    ],
)
def test_a_map_that_leads_nowhere_is_refused_when_it_is_published(
    steps: Mapping[str, object], running: str, mapped: dict[StepId, StepId | None], paths: list[str]
) -> None:
    known = book(version(OLD)).change("campaigns", NAME, "put", version(steps)).definitions
    entry = known.campaigns[NAME]

    found = flaws(Publication(running=running, map=mapped), entry.versions, entry.draft)  # type: ignore[arg-type]  # drawn from the table

    assert [flaw.path for flaw in found] == paths


def test_a_trigger_by_which_runs_came_in_must_stay() -> None:
    other = {**version(NEW), "triggers": [{"id": "other", **GO}]}
    entry = book(version(OLD)).change("campaigns", NAME, "put", other).definitions.campaigns[NAME]

    found = flaws(Publication(running="migrate", map={"one": "two"}), entry.versions, entry.draft)

    assert [flaw.path for flaw in found] == ["triggers"]


def test_a_publication_that_cannot_be_is_void_for_every_process() -> None:
    known = book(version(OLD)).change("campaigns", NAME, "put", version(NEW))
    change = known.made("campaigns", NAME, "publish", {"running": "migrate"})

    assert folded.fold(known.definitions, change, offset=known.definitions.offset + 1).is_void


def test_clocks_that_run_lose_nothing_in_a_pause() -> None:
    """c.2 rule 9: what came due leaves after it, within its time."""
    story = changed(inside(), "pause", at=HOUR)
    story = changed(story.wait(until=DAY + HOUR), "resume", at=DAY + HOUR)

    assert story.wait(until=DAY + HOUR + 10).sent == ["first"]


@pytest.mark.parametrize("length", [2 * HOUR, 23 * HOUR, 10 * DAY])
def test_clocks_that_freeze_go_on_where_they_stood(length: int) -> None:
    """c.2 rule 9."""
    story = changed(inside(), "pause", {"clocks": "freeze"}, at=HOUR)
    story = changed(story, "resume", at=HOUR + length)

    assert story.wait(until=DAY + length - 1).sent == []
    assert story.wait(until=DAY + length).sent == ["first"]


def test_two_pauses_are_both_made_up_for_and_no_more() -> None:
    story = inside()
    for at in (HOUR, 5 * HOUR):
        story = changed(story, "pause", {"clocks": "freeze"}, at=at)
        story = changed(story, "resume", at=at + 2 * HOUR)

    assert story.wait(until=DAY + 4 * HOUR - 1).sent == []
    assert story.wait(until=DAY + 4 * HOUR).sent == ["first"]


def test_what_waited_too_long_in_a_pause_is_not_sent() -> None:
    """c.2 rule 9: a mail lives for a day."""
    story = changed(inside(), "pause", at=HOUR)
    story = changed(story, "resume", at=3 * DAY)

    assert story.wait(until=4 * DAY).reasons[-2:] == ["not_sent: expired", "exited: completed"]


def test_what_waited_leaves_over_the_time_that_is_said() -> None:
    """c.2 rule 9, parcelvoy#3340: no flood."""
    steps = {"wait": delay("1h", "one"), "one": mail("first")}
    hours = []
    for number in range(60):
        story = Story(book(version(steps)).definitions, key=f"u:c{number}").consents()
        changed(goes(story, at=0), "pause", at=1)
        changed(story, "resume", {"over": "4h"}, at=2 * HOUR)
        [message] = story.wait(until=DAY).messages
        hours.append(message.decided_at // MINUTE // HOUR)

    assert set(hours) == {2, 3, 4, 5}
    assert max(hours.count(hour) for hour in hours) < 30


def test_who_comes_after_the_pause_waits_for_nothing() -> None:
    story = Story(book(version({"one": mail("first")})).definitions).consents()
    changed(story, "pause", at=1)
    changed(story, "resume", {"over": "4h"}, at=HOUR)

    assert goes(story, at=HOUR + 1).messages[0].decided_at == (HOUR + 1) * MINUTE
