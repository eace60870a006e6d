"""An A/B test waits, then sends the winner, and shows nobody two variants (X03, M090, g16)."""

from collections.abc import Iterable
from typing import Any, Self

import msgspec
import pytest

from engine import merging, rows
from engine.claims import Claimed, ClaimGranted, Released
from engine.customer import ARMS_MAX, Customer
from engine.definitions import changes
from engine.errors import InvalidDefinitionError
from engine.events import CartItemAdded, Event, Identified
from engine.facts import Fact
from engine.journeys import trying
from engine.messages import Message
from engine.products import Product
from engine.replay import Decision, Timeline
from tests.support.journeys import book, journey, mail, told
from tests.support.story import MINUTE, Book, Story

HOUR = 60
DAY = 24 * HOUR
LOOK = trying.LOOK_MS // MINUTE
GRACE = trying.GRACE_MS // MINUTE

CROWD = tuple(f"c{number}" for number in range(40))


def trial(*, sample: int = 10, **fields: object) -> dict[str, object]:
    """Half of the sample gets the first mail, half the second; two days to find out."""
    arms = {"a": {"weight": 1, "next": "first"}, "b": {"weight": 1, "next": "second"}}
    step = {
        "type": "ab_test",
        "arms": arms,
        "metric": "click",
        "sample_size": sample,
        "wait": "2d",
        **fields,
    }
    return journey({"test": step, "first": mail("first"), "second": mail("second")})


def experiment(body: dict[str, object]) -> str:
    return f"{body['id']}/test"


def decided(written: Book, name: str, winner: str) -> Book:
    weights = {"a": 0, "b": 0, winner: 1}
    body = {"id": name, "weights": weights, "winner": winner, "by": "statistics"}
    return written.change("experiments", name, "put", body)


class Shop:
    """A crowd under one clock: what each was sent, and how they were dealt."""

    def __init__(self, written: Book) -> None:
        self.timeline = Timeline(written.definitions)
        self.sent: dict[str, list[tuple[str, int]]] = {}
        """By customer: template, and minute it was decided in."""
        self.dealt: dict[str, list[tuple[str, str]]] = {}
        """By customer: arm, and how it came about."""

    def wait(self, *, until: int) -> Self:
        """Nothing happens until then but timers."""
        self._hear(self.timeline.run_until(until * MINUTE))
        return self

    def comes(self, key: str, *, at: int) -> None:
        """A cart is left; the campaign begins half an hour later."""
        events: tuple[Event, ...] = (
            Identified(
                id=f"{key}-i-{at}",
                occurred_at=at * MINUTE,
                traits={"email": f"{key}@example.com"},
                subscriptions={"email": True},
            ),
            CartItemAdded(
                id=f"{key}-c-{at}", occurred_at=at * MINUTE, product=Product(id=f"p{at}")
            ),
        )
        self.wait(until=at)
        for event in events:
            self._hear(self.timeline.apply(f"u:{key}", event, at * MINUTE))

    def everybody(self, *, at: int = 0) -> Self:
        """One a minute; by the end of the next hour all were in the campaign."""
        for place, who in enumerate(CROWD):
            self.comes(who, at=at + place)
        return self.wait(until=at + 2 * HOUR)

    def by(self, origin: str) -> list[str]:
        """Customers who were dealt an arm in this way."""
        return [who for who, arms in self.dealt.items() if any(how == origin for _, how in arms)]

    def first(self, who: str) -> str:
        """Template of the first message that somebody was sent."""
        return self.sent[who][0][0]

    def _hear(self, decisions: Iterable[Decision]) -> None:
        for one in decisions:
            if isinstance(one, Message):
                shown = (one.template, one.decided_at // MINUTE)
                self.sent.setdefault(one.customer, []).append(shown)
            elif isinstance(one, Fact) and one.kind == "arm_assigned":
                arm = (one.after or "", one.origin)
                self.dealt.setdefault(one.customer, []).append(arm)


def test_as_many_as_the_sample_takes_are_dealt_at_once_and_nobody_else() -> None:
    shop = Shop(book(trial())).everybody()

    assert shop.by("sample") == list(CROWD[:10])
    assert len(shop.dealt) == len(shop.sent) == 10


def test_both_variants_are_shown_in_the_sample() -> None:
    shop = Shop(book(trial(sample=40))).everybody()

    shown = [shop.first(who) for who in CROWD]
    assert min(shown.count("first"), shown.count("second")) > 10


def test_once_there_is_a_winner_those_who_waited_go_there_and_those_who_come() -> None:
    """X03: the others are sent the winner, within one look of the verdict."""
    body = trial()
    written = book(body)
    shop = Shop(written).everybody()

    shop.timeline.definitions = decided(written, experiment(body), "b").definitions
    shop.wait(until=2 * HOUR + LOOK)
    shop.comes("late", at=DAY)
    shop.wait(until=DAY + HOUR)

    others = [*CROWD[10:], "late"]
    assert set(shop.by("winner")) == set(others)
    assert {shop.first(who) for who in others} == {"second"}
    assert all(2 * HOUR <= shop.sent[who][0][1] <= 2 * HOUR + LOOK for who in CROWD[10:])


def test_without_a_verdict_they_wait_their_time_and_then_go_as_the_sample_did() -> None:
    shop = Shop(book(trial())).everybody().wait(until=4 * DAY)

    assert set(shop.by("tie")) == set(CROWD[10:])
    assert {shop.first(who) for who in CROWD[10:]} == {"first", "second"}
    for place, who in enumerate(CROWD[10:], start=10):
        assert shop.sent[who][0][1] == place + 30 + 2 * DAY + GRACE


def test_a_tie_goes_to_the_arm_that_is_named_for_it() -> None:
    shop = Shop(book(trial(tie="a"))).everybody().wait(until=4 * DAY)

    assert {shop.first(who) for who in CROWD[10:]} == {"first"}


@pytest.mark.parametrize("winner", ["a", "b"])
def test_who_was_dealt_an_arm_keeps_it_though_another_wins(winner: str) -> None:
    """g16: both variants never reach one person (mautic#14098)."""
    body = trial(sample=40)
    written = book(body)
    shop = Shop(written).everybody()

    shop.timeline.definitions = decided(written, experiment(body), winner).definitions
    shop.everybody(at=DAY)

    assert all(len({template for template, _ in shop.sent[who]}) == 1 for who in CROWD)
    assert shop.by("remembered") == list(CROWD)


def test_who_was_dealt_an_arm_keeps_it_though_a_version_has_other_weights() -> None:
    written = book(trial(sample=40))
    shop = Shop(written).everybody()
    heavier = {"a": {"weight": 99, "next": "first"}, "b": {"weight": 1, "next": "second"}}

    shop.timeline.definitions = written.publish(trial(sample=40, arms=heavier)).definitions
    shop.everybody(at=DAY)

    assert all(len({template for template, _ in shop.sent[who]}) == 1 for who in CROWD)


def test_a_verdict_of_arms_that_are_there_no_more_is_none() -> None:
    body = trial(sample=40)
    written = book(body)
    name = experiment(body)
    gone = {"id": name, "weights": {"c": 1}, "winner": "c", "by": "statistics"}

    shop = Shop(written.change("experiments", name, "put", gone)).everybody()

    assert shop.by("sample") == list(CROWD)


def test_a_sample_that_does_not_answer_is_asked_again() -> None:
    """Nobody answers in a story but the test."""
    story = told(trial()).adds("shoes", at=0).wait(until=45)

    claims = [one for one in story.shared if isinstance(one, Claimed)]
    assert len({one.claim_id for one in claims}) == 1
    assert [one.occurred_at // MINUTE for one in claims] == [30, 40]
    assert "deferred: cap_unanswered" not in story.reasons


def test_a_place_that_comes_after_the_verdict_is_given_back() -> None:
    body = trial()
    written = book(body)
    story = Story(written.definitions).consents().adds("shoes", at=0).wait(until=30)
    [claim] = [one for one in story.shared if isinstance(one, Claimed)]

    story.definitions = decided(written, experiment(body), "b").definitions
    story.event(
        ClaimGranted(
            id="granted",
            occurred_at=31 * MINUTE,
            claim_id=claim.claim_id,
            counter="sample:x",
            number=claim.number,
            grant=claim.number,
            granted_at=31 * MINUTE,
        )
    )

    assert story.sent == ["second"]
    assert [type(one) for one in story.shared] == [Claimed, Released]


def test_who_is_held_out_takes_no_place_of_the_sample() -> None:
    body = {**trial(), "holdout": {"basis_points": 5000}}

    shop = Shop(book(body)).everybody()

    assert shop.by("holdout")
    assert len(shop.by("sample")) == len(shop.sent) == 10


def test_a_row_remembers_so_many_arms_and_the_oldest_leaves() -> None:
    body = trial(sample=40)
    shop = Shop(book(body))
    known = {f"other/{number}": "a" for number in range(ARMS_MAX)}
    row = rows.blank("u:ann")
    row.customer = msgspec.structs.replace(row.customer, arms=known)
    shop.timeline.place("u:ann", row)

    shop.comes("ann", at=0)
    shop.wait(until=HOUR)

    arms = list(shop.timeline.row("u:ann").customer.arms)
    assert arms == [*list(known)[1:], experiment(body)]


def test_two_who_are_one_keep_the_arm_of_the_stronger_identity() -> None:
    mine, theirs = {"t": "a"}, {"t": "b", "u": "b"}

    both = merging.merged(Customer(id="ada", arms=mine), Customer(id="anonymous:1", arms=theirs))

    assert both.arms == {"t": "a", "u": "b"}


def test_of_two_with_many_arms_no_more_are_kept_than_a_row_takes() -> None:
    mine = {f"m{number}": "a" for number in range(ARMS_MAX)}
    theirs = {f"t{number}": "a" for number in range(ARMS_MAX)}

    both = merging.merged(Customer(id="ada", arms=mine), Customer(id="anonymous:1", arms=theirs))

    assert both.arms == mine


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"sample": 1}, "steps.test.sample_size"),
        ({"wait": "soon"}, "steps.test.wait"),
        ({"tie": "c"}, "steps.test.tie"),
        ({"min_effect": "-0.1"}, "steps.test.min_effect"),
        ({"min_effect": "NaN"}, "steps.test.min_effect"),
        ({"salt": ""}, "steps.test.salt"),
        ({"next": "first"}, "steps.test.next"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(fields: dict[str, Any], path: str) -> None:
    body = msgspec.json.encode(trial(**fields))

    with pytest.raises(InvalidDefinitionError) as refused:
        changes.decode_campaign(body)

    assert [flaw.path for flaw in refused.value.flaws] == [path]


def test_an_arm_that_nobody_of_the_sample_gets_is_refused() -> None:
    arms = {"a": {"weight": 1, "next": "first"}, "b": {"weight": 0, "next": "second"}}

    with pytest.raises(InvalidDefinitionError, match="cannot win"):
        changes.decode_campaign(msgspec.json.encode(trial(arms=arms)))
