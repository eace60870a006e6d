"""Campaigns of several steps: what was drawn is what happens."""

import pytest

from engine.events import Identified, Tracked
from tests.support.journeys import SERIES, book, delay, journey, mail, opens_lookbook, told
from tests.support.story import MINUTE, Book, Story

HOUR = 60
DAY = 24 * HOUR


def wait(**fields: object) -> dict[str, object]:
    return {
        "wait": {
            "type": "wait_until",
            "branches": [{"id": "seen", "on": {"event": "Lookbook Opened", **fields}, "next": "a"}],
            "timeout": "3d",
            "next": "b",
        },
        "a": mail("first"),
        "b": mail("second"),
    }


def test_a_delay_waits_as_long_as_it_says_and_no_longer() -> None:
    story = told(journey(SERIES)).adds("shoes", at=0)

    assert story.wait(until=30 + DAY - 1).sent == ["first"]
    assert story.wait(until=30 + DAY).sent == ["first", "second"]
    assert story.row.customer.runs == ()
    assert story.row.timers == {}


def test_a_purchase_between_two_mails_stops_the_second() -> None:
    story = told(journey(SERIES)).adds("shoes", at=0).buys("shoes", at=600).wait(until=2 * DAY)

    assert story.sent == ["first"]
    assert story.reasons[-2:] == ["not_sent: completed", "exited: completed"]


def test_an_exit_rule_takes_the_customer_out_at_once() -> None:
    rule = {"id": "bought", "on": {"event": "Order Completed"}}
    story = told(journey(SERIES, exit=[rule])).adds("shoes", at=0).buys("hat", at=600)

    assert story.reasons[-1] == "exited: exit_rule"
    assert story.facts[-1].at == 600 * MINUTE
    assert (story.row.customer.runs, story.row.timers) == ((), {})


def test_a_wait_takes_the_branch_of_what_happened() -> None:
    story = told(journey(wait())).adds("shoes", at=0).wait(until=30)

    assert opens_lookbook(story, at=90).sent == ["first"]
    assert story.wait(until=5 * DAY).sent == ["first"]


def test_a_wait_that_nobody_answers_goes_on_when_its_time_is_over() -> None:
    story = told(journey(wait())).adds("shoes", at=0)

    assert story.wait(until=30 + 3 * DAY - 1).sent == []
    assert story.wait(until=30 + 3 * DAY).sent == ["second"]


def test_an_event_that_does_not_pass_the_condition_is_not_the_one_waited_for() -> None:
    where = {"op": "prop", "path": "properties.season", "is": "=", "value": "autumn"}
    story = told(journey(wait(where=where))).adds("shoes", at=0).wait(until=30)

    assert opens_lookbook(story, at=40, season="spring").sent == []
    assert opens_lookbook(story, at=50, season="autumn").sent == ["first"]


def test_a_wait_for_the_same_object_passes_over_another_one() -> None:
    about = {"type": "T31", "params": {"event": "Quote Asked"}}
    key = {"correlation_key": "properties.quote"}
    story = told(journey(wait(match_key=True), trigger={**about, **key}))
    opens_lookbook(story, at=1, name="quote asked", quote="q1")
    assert [run.key for run in story.row.customer.runs] == ["q1"]

    assert opens_lookbook(story, at=2, quote="q2").sent == []
    assert opens_lookbook(story, at=3, quote="q1").sent == ["first"]


def test_t31_each_event_of_the_name_lets_in_by_its_own_key() -> None:
    about = {"type": "T31", "params": {"event": "Quote Asked"}}
    story = told(journey(SERIES, trigger={**about, "correlation_key": "properties.quote"}))
    for at, quote in enumerate(["q1", "q2", "q1"]):
        opens_lookbook(story, at=at, name="Quote Asked", quote=quote)
    opens_lookbook(story, at=5, name="Quote Given", quote="q3")

    assert story.sent == ["first", "first"]
    assert story.messages[0].context["event"] == {
        "name": "Quote Asked",
        "type": "tracked",
        "source": "",
        "properties": {"quote": "q1"},
    }
    assert story.reasons[-2:] == ["fired", "not_sent: already_in_campaign"]


def test_t31_the_same_event_twice_fires_once_and_one_too_late_does_not() -> None:
    about = {"type": "T31", "params": {"event": "Quote Asked"}, "max_lateness": "1h"}
    story = told(journey({"one": mail("first")}, trigger=about))
    opens_lookbook(story, at=1, name="Quote Asked")
    opens_lookbook(story, at=1, name="Quote Asked")
    late = Tracked(id="late", occurred_at=2 * MINUTE, name="Quote Asked")
    story.event(late, logged_at=63 * MINUTE)

    assert story.sent == ["first"]


def test_the_event_must_pass_the_property_filter() -> None:
    only = {"op": "prop", "path": "properties.quote", "is": "=", "value": "q2"}
    about = {"type": "T31", "params": {"event": "Quote Asked"}, "property_filter": only}
    story = told(journey({"one": mail("first")}, trigger=about))
    opens_lookbook(story, at=1, name="Quote Asked", quote="q1")
    assert story.reasons == ["not_sent: filtered"]

    assert opens_lookbook(story, at=2, name="Quote Asked", quote="q2").sent == ["first"]


def test_a_loop_goes_round_as_often_as_it_may_and_each_mail_is_its_own() -> None:
    steps = {
        "one": mail("first", "day"),
        "day": delay("1d", "again"),
        "again": {"type": "loop", "to": "one", "max_turns": 2, "next": "end"},
        "end": mail("second"),
    }
    story = told(journey(steps)).adds("shoes", at=0).wait(until=10 * DAY)

    assert story.sent == ["first", "first", "first", "second"]
    assert len({message.id for message in story.messages}) == 4


def test_who_refused_goes_on_or_leaves_as_the_step_says() -> None:
    steps = {**SERIES, "one": mail("first", "day", on_refused="exit")}
    goes_on = Story(book(journey(SERIES)).definitions).consents(email=False)
    leaves = Story(book(journey(steps)).definitions).consents(email=False)

    assert goes_on.adds("shoes", at=0).wait(until=30).row.customer.runs
    assert leaves.adds("shoes", at=0).wait(until=30).reasons[-1] == "exited: no_consent"


def test_who_is_inside_is_not_let_in_again_before_the_run_ends() -> None:
    story = told(journey(SERIES)).adds("shoes", at=0).wait(until=30).adds("hat", at=60)

    assert story.wait(until=90).reasons[-2:] == ["fired", "not_sent: already_in_campaign"]
    assert len(story.row.customer.runs) == 1


def test_entering_again_waits_as_long_as_the_policy_says() -> None:
    again = {"re_entry": {"policy": "after", "after": "7d"}}
    story = told(journey({"one": mail("first")}, trigger=again)).adds("shoes", at=0)
    story.adds("hat", at=DAY).adds("scarf", at=8 * DAY).wait(until=9 * DAY)

    assert story.sent == ["first", "first"]
    assert [fact.at for fact in story.facts if fact.kind == "entered"] == [
        30 * MINUTE,
        (8 * DAY + 30) * MINUTE,
    ]


def test_a_run_stays_on_the_version_it_began_with() -> None:
    written = book(journey(SERIES))
    story = Story(written.definitions).consents().adds("shoes", at=0).wait(until=30)
    written.publish(journey({"one": mail("third")}))
    story.definitions = written.definitions

    assert story.wait(until=2 * DAY).sent == ["first", "second"]
    assert [message.version for message in story.messages] == [1, 1]


def test_nothing_leaves_while_the_campaign_is_paused_and_all_goes_on_after() -> None:
    written = book(journey(SERIES))
    story = Story(written.definitions).consents().adds("shoes", at=0).wait(until=30)
    written.change("campaigns", "cart-reminder", "pause")
    story.definitions = written.definitions
    story.wait(until=30 + DAY + 120)
    assert (story.sent, story.reasons[-1]) == (["first"], "deferred: paused")

    written.change("campaigns", "cart-reminder", "resume")
    story.definitions = written.definitions

    assert story.wait(until=30 + DAY + 130).sent == ["first", "second"]
    assert story.reasons.count("deferred: paused") == 1


def test_what_is_overdue_by_more_than_its_time_to_live_is_not_sent_after_a_pause() -> None:
    written = book(journey({**SERIES, "two": mail("second", ttl="1h")}))
    story = Story(written.definitions).consents().adds("shoes", at=0).wait(until=30)
    written.change("campaigns", "cart-reminder", "pause")
    story.definitions = written.definitions
    story.wait(until=30 + DAY + 60)
    written.change("campaigns", "cart-reminder", "resume")
    story.definitions = written.definitions

    assert story.wait(until=3 * DAY).reasons[-2:] == ["not_sent: expired", "exited: completed"]


def test_a_stopped_campaign_lets_everybody_out_when_they_are_next_looked_at() -> None:
    written = book(journey(SERIES))
    story = Story(written.definitions).consents().adds("shoes", at=0).wait(until=30)
    written.change("campaigns", "cart-reminder", "stop")
    story.definitions = written.definitions

    assert story.wait(until=2 * DAY).reasons[-1] == "exited: campaign_stopped"
    assert story.sent == ["first"]


def split(a: int, b: int, **fields: object) -> dict[str, object]:
    """Half the customers get the first mail, the others the second; weights as told."""
    arms = {"a": {"weight": a, "next": "first"}, "b": {"weight": b, "next": "second"}}
    return {
        "split": {"type": "random_split", "arms": arms, **fields},
        "first": mail("first"),
        "second": mail("second"),
    }


def arms_of(written: Book, *, customers: int = 300) -> dict[str, str]:
    """By customer the mail each was sent."""
    found = {}
    for number in range(customers):
        story = Story(written.definitions, key=f"u:c{number}").consents().adds("shoes", at=0)
        found[f"c{number}"] = story.wait(until=30).sent[0]
    return found


def test_an_arm_is_for_good_and_new_weights_move_only_the_slice_that_changed() -> None:
    written = book(journey(split(50, 50)))
    before = arms_of(written)
    assert arms_of(written) == before
    assert 120 < list(before.values()).count("first") < 180

    after = arms_of(written.publish(journey(split(70, 30))))

    moved = {name for name in before if before[name] != after[name]}
    assert {before[name] for name in moved} == {"second"}
    assert 30 < len(moved) < 90


def test_one_salt_divides_alike_and_another_apart() -> None:
    same = [arms_of(book(journey(split(50, 50, salt="s"), name=name))) for name in "xy"]
    other = arms_of(book(journey(split(50, 50, salt="t"))))

    assert same[0] == same[1]
    assert 100 < sum(same[0][name] != other[name] for name in other) < 200


def test_the_arm_is_recorded() -> None:
    story = told(journey(split(1, 0))).adds("shoes", at=0).wait(until=30)

    [fact] = [fact for fact in story.changes if fact.kind == "arm_assigned"]
    assert (fact.name, fact.after, fact.campaign) == ("cart-reminder/split", "a", "cart-reminder")


def test_who_is_held_out_goes_the_whole_way_and_is_sent_nothing() -> None:
    body = journey(SERIES, holdout={"basis_points": 5_000})
    stories = []
    for number in range(60):
        story = Story(book(body).definitions, key=f"u:c{number}").consents().adds("shoes", at=0)
        stories.append(story.wait(until=2 * DAY))
    held = [story for story in stories if not story.sent]

    assert 15 < len(held) < 45
    assert held[0].reasons == [
        "fired",
        "entered",
        "not_sent: holdout",
        "not_sent: holdout",
        "exited: completed",
    ]
    assert held[0].changes[-1].after == "holdout"


def test_an_update_notes_attributes_and_tags_once_for_each_visit() -> None:
    note = {
        "set": {"stage": "warm", "old": None},
        "increment": {"reminders": 1},
        "add_tags": ["reminded"],
        "remove_tags": ["fresh"],
    }
    steps = {
        "note": {"type": "update", "next": "day", **note},
        "day": delay("1d", "again"),
        "again": {"type": "loop", "to": "note", "max_turns": 1, "next": None},
    }
    story = told(journey(steps)).adds("shoes", at=0).wait(until=5 * DAY)

    known = story.row.customer
    assert (known.attributes["stage"], known.attributes["reminders"]) == ("warm", 2)
    assert known.tags["reminded"].is_assigned
    assert not known.tags["fresh"].is_assigned


def test_an_update_answers_for_the_customer_and_the_next_mail_obeys_it() -> None:
    steps = {
        "no": {"type": "update", "subscriptions": {"email": False}, "next": "one"},
        "one": mail("first"),
    }
    story = told(journey(steps)).adds("shoes", at=0).wait(until=30)

    assert (story.sent, story.reasons[-2]) == ([], "not_sent: no_consent")
    fact = story.changes[-1]
    assert (fact.kind, fact.name, fact.after, fact.origin) == (
        "consent_changed",
        "email",
        "no",
        "campaign",
    )


def test_a_delay_until_a_time_of_day_goes_by_the_clock_of_the_customer() -> None:
    steps = {
        "morning": {"type": "delay", "until": "09:00", "next": "one"},
        "one": mail("first"),
    }
    story = told(journey(steps))
    story.event(
        Tracked(id="z", occurred_at=0, name="Here", zones={"browser": "America/New_York"})
    ).adds("shoes", at=0)

    assert story.wait(until=14 * HOUR - 1).sent == []
    assert story.wait(until=14 * HOUR).sent == ["first"]


def dated(past: str) -> dict[str, object]:
    return {
        "day": {
            "type": "delay",
            "date": "renewal",
            "offset": "-1d",
            "past": past,
            "next": "one",
            **({"otherwise": "two"} if past == "branch" else {}),
        },
        "one": mail("first", None if past == "branch" else "two"),
        "two": mail("second"),
    }


def test_a_delay_until_a_date_waits_for_the_day_before_it() -> None:
    story = told(journey(dated("exit")))
    traits: dict[str, object] = {"renewal": "1970-01-05"}
    story.event(Identified(id="i", occurred_at=0, traits=traits)).adds("shoes", at=0)

    assert story.wait(until=3 * DAY - 1).sent == []
    assert story.wait(until=3 * DAY).sent == ["first", "second"]


@pytest.mark.parametrize(
    ("past", "sent", "last"),
    [
        ("go_on", ["first", "second"], "exited: completed"),
        ("exit", [], "exited: date_past"),
        ("branch", ["second"], "exited: completed"),
    ],
)
def test_a_date_that_is_over_or_unknown_is_an_explicit_choice(
    past: str, sent: list[str], last: str
) -> None:
    story = told(journey(dated(past))).adds("shoes", at=0).wait(until=30)

    assert (story.sent, story.reasons[-1]) == (sent, last)
