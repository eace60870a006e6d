"""A campaign takes only so many participants, counted over all customers (journeys.md c.1)."""

from collections.abc import Mapping, Sequence

import msgspec
import pytest

from engine import replay
from engine.claims import Claimed, ClaimGranted, Released
from engine.definitions.campaigns import Campaign, flaws
from engine.definitions.folded import Definitions
from engine.events import CartItemAdded, Event, Identified, OrderCompleted, Tracked
from engine.facts import Fact
from engine.messages import Message
from engine.products import Product
from engine.replay import Occurrence
from tests.support.story import MINUTE, TEMPLATE, Book, Story, campaign

HOUR = 60
DAY = 24 * HOUR

SHOPPERS = ("ann", "ben", "cleo", "dora")


def limited(limit: Mapping[str, object] | None, **fields: object) -> Definitions:
    """An abandoned cart's campaign with a limit, and its template."""
    body = {**campaign(), **({} if limit is None else {"limit": limit}), **fields}
    return Book().change("templates", "cart-mail", "put", TEMPLATE).publish(body).definitions


def shop(key: str, event: Event) -> Occurrence:
    return Occurrence(f"u:{key}", event, event.occurred_at)


def shops(who: str, *, at: int) -> list[Occurrence]:
    """Somebody agrees to mail and fills the cart; the reminder is due half an hour later."""
    return [
        shop(
            who,
            Identified(
                id=f"{who}-i-{at}",
                occurred_at=at * MINUTE,
                traits={"email": f"{who}@example.com"},
                subscriptions={"email": True},
            ),
        ),
        shop(
            who,
            CartItemAdded(
                id=f"{who}-a-{at}", occurred_at=at * MINUTE, product=Product(id=f"p{at}")
            ),
        ),
    ]


def told(
    definitions: Definitions, happened: Sequence[Occurrence], *, until: int = 2 * DAY
) -> list[str]:
    """Who got a message, and every reason against one, in the order of the decisions."""
    found = []
    ordered = sorted(happened, key=lambda one: one.at)
    for decision in replay.replay(ordered, definitions, until=until * MINUTE):
        if isinstance(decision, Message):
            found.append(decision.customer)
        elif isinstance(decision, Fact) and decision.kind == "not_sent":
            found.append(f"{decision.customer}: {decision.reason}")
    return found


def everybody(*, every: int = 1) -> list[Occurrence]:
    """One after the other."""
    return [one for n, who in enumerate(SHOPPERS) for one in shops(who, at=n * every)]


def test_without_a_limit_everybody_takes_part() -> None:
    assert told(limited(None), everybody()) == list(SHOPPERS)


def test_as_many_take_part_as_the_limit_says() -> None:
    found = told(limited({"total": 2}), everybody())

    assert found == ["ann", "ben", "cleo: limit_reached", "dora: limit_reached"]


def test_with_a_period_places_are_free_again_when_it_has_passed() -> None:
    happened = [*shops("ann", at=0), *shops("ben", at=HOUR), *shops("cleo", at=DAY)]

    found = told(limited({"total": 1, "per": "1d"}), happened)

    assert found == ["ann", "ben: limit_reached", "cleo"]


def test_who_takes_part_twice_has_two_places() -> None:
    happened = [*shops("ann", at=0), *shops("ann", at=2 * HOUR), *shops("ben", at=4 * HOUR)]

    assert told(limited({"total": 2}), happened) == ["ann", "ann", "ben: limit_reached"]


def test_who_was_refused_may_try_again_though_re_entry_is_never() -> None:
    trigger = {"id": "t", "type": "T01", "re_entry": {"policy": "never"}}
    definitions = limited({"total": 1, "per": "1h"}, triggers=[trigger])
    happened = [*shops("ann", at=0), *shops("ben", at=10), *shops("ben", at=3 * HOUR)]

    assert told(definitions, happened) == ["ann", "ben: limit_reached", "ben"]


def test_who_is_against_it_anyway_takes_no_place() -> None:
    trigger = {"id": "t", "type": "T01", "re_entry": {"policy": "never"}}
    definitions = limited({"total": 2}, triggers=[trigger])
    happened = [*shops("ann", at=0), *shops("ann", at=2 * HOUR), *shops("ben", at=4 * HOUR)]

    assert told(definitions, happened) == ["ann", "ann: already_in_campaign", "ben"]


def test_a_run_with_a_place_goes_on_from_step_to_step() -> None:
    steps = {
        "one": {"type": "send", "channel": "email", "template": "cart-mail", "next": "day"},
        "day": {"type": "delay", "for": "1d", "next": "two"},
        "two": {"type": "send", "channel": "email", "template": "cart-mail"},
    }
    definitions = limited({"total": 1}, start="one", steps=steps)

    found = told(definitions, [*shops("ann", at=0), *shops("ben", at=1)])

    assert found == ["ann", "ben: limit_reached", "ann"]


def test_a_purchase_does_not_give_the_place_back() -> None:
    bought = OrderCompleted(id="o", occurred_at=2 * HOUR * MINUTE, order_id="o")
    happened = [*shops("ann", at=0), shop("ann", bought), *shops("ben", at=3 * HOUR)]

    assert told(limited({"total": 1}), happened) == ["ann", "ben: limit_reached"]


@pytest.mark.parametrize(
    ("limit", "path"),
    [
        ({"total": 0}, "limit.total"),
        ({"total": 10**10}, "limit.total"),
        ({"total": 1, "per": "soon"}, "limit.per"),
        ({"total": 1, "per": "400d"}, "limit.per"),
    ],
)
def test_a_limit_that_is_none_is_refused_at_save(limit: dict[str, object], path: str) -> None:
    found = flaws(msgspec.convert({**campaign(), "limit": limit}, Campaign))

    assert [flaw.path for flaw in found] == [path]


def test_a_trackers_event_begins_a_limited_campaign_too() -> None:
    trigger = {"id": "t", "type": "T31", "params": {"event": "Lookbook Opened"}}
    definitions = limited({"total": 1}, triggers=[trigger])
    opened = [
        shop(who, Tracked(id=f"{who}-t", occurred_at=HOUR * MINUTE, name="Lookbook Opened"))
        for who in ("ann", "ben")
    ]

    found = told(definitions, [*shops("ann", at=0), *shops("ben", at=0), *opened])

    assert found == ["ann", "ben: limit_reached"]


EXIT = {"id": "bought", "on": {"event": "Order Completed"}}


def waiting(**fields: object) -> Story:
    """A customer whose cart was left; the counter has not answered yet."""
    story = Story(limited({"total": 5}, **fields)).consents().adds("shoes", at=0).wait(until=30)
    assert (story.reasons, story.sent) == (["fired"], [])
    return story


def granted(story: Story, *, at: int) -> Story:
    claim = story.shared[0]
    assert isinstance(claim, Claimed)
    return story.event(
        ClaimGranted(
            id="g",
            occurred_at=at * MINUTE,
            claim_id=claim.claim_id,
            counter="campaign:cart-reminder:limit",
            number=claim.number,
            grant=claim.number,
            granted_at=at * MINUTE,
        )
    )


def given_back(story: Story) -> int:
    return sum(isinstance(one, Released) for one in story.shared)


def test_a_run_begins_when_its_place_is_granted() -> None:
    story = granted(waiting(), at=31)

    assert story.reasons == ["fired", "entered", "sent: admitted", "exited: completed"]
    assert (story.row.customer.runs, story.row.timers, given_back(story)) == ((), {}, 0)


def test_a_cart_bought_while_the_place_was_claimed_needs_none() -> None:
    story = granted(waiting().buys("shoes", at=31), at=32)

    assert story.reasons == ["fired", "not_sent: completed"]
    assert (story.row.customer.runs, given_back(story)) == ((), 1)


def test_a_campaign_stopped_while_the_place_was_claimed_takes_nobody() -> None:
    story = waiting()
    book = Book()
    book.definitions = story.definitions
    story.definitions = book.change("campaigns", "cart-reminder", "stop").definitions

    granted(story, at=31)

    assert story.reasons == ["fired", "not_sent: campaign_stopped"]
    assert given_back(story) == 1


def test_an_exit_rule_ends_the_wait_for_a_place() -> None:
    story = waiting(exit=[EXIT]).buys("hat", at=31)
    assert (story.row.customer.runs, story.row.claims, story.row.timers) == ((), {}, {})

    granted(story, at=32)

    assert story.reasons == ["fired", "not_sent: exit_rule"]
    assert given_back(story) == 1


def test_who_gets_no_answer_is_not_let_in() -> None:
    story = waiting().wait(until=40)
    assert story.reasons == ["fired", "not_sent: limit_unanswered"]

    granted(story, at=41)

    assert (story.sent, given_back(story)) == ([], 1)


def test_what_the_first_step_waits_for_is_not_met_before_the_run_begins() -> None:
    steps = {
        "wait": {
            "type": "wait_until",
            "branches": [{"id": "b", "on": {"event": "Lookbook Opened"}, "next": "mail"}],
            "timeout": "1d",
        },
        "mail": {"type": "send", "channel": "email", "template": "cart-mail"},
    }
    story = waiting(start="wait", steps=steps)
    opened = Tracked(id="t", occurred_at=31 * MINUTE, name="Lookbook Opened")

    granted(story.event(opened), at=32)

    assert (story.sent, len(story.row.customer.runs)) == ([], 1)


def test_no_second_place_is_claimed_while_the_first_is_waited_for() -> None:
    trigger = {"id": "t", "type": "T31", "params": {"event": "Lookbook Opened"}}
    story = Story(limited({"total": 5}, triggers=[trigger])).consents()
    for at in (1, 2):
        story.event(Tracked(id=f"t{at}", occurred_at=at * MINUTE, name="Lookbook Opened"))

    assert story.reasons == ["fired", "fired", "not_sent: already_in_campaign"]
    assert len(story.shared) == 1
