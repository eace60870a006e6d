"""A step issues promo codes of a pool, each once (X16, T46; journeys c.1: update)."""

from collections.abc import Mapping
from typing import Self

import msgspec
import pytest

from engine.definitions import installation, pools
from engine.definitions.pools import Pool
from engine.events import Identified, PromoCodeIssued, Tracked
from engine.facts import Fact
from engine.messages import Message
from engine.replay import Timeline
from tests.support.journeys import book, fired, journey, mail, set_up
from tests.support.story import MINUTE, Book, Story

DAY = 24 * 60
CODES = {"id": "spring", "codes": ["A", "B", "C"], "low": 1}
OPENS = {"type": "T31", "params": {"event": "Lookbook Opened"}}


def steps() -> dict[str, object]:
    code = {"type": "promo_code", "pool": "spring", "next": "yes", "otherwise": "no"}
    return {"code": code, "yes": mail("first"), "no": mail("second")}


def written(pool: Mapping[str, object] = CODES, **fields: object) -> Book:
    body = journey(steps(), trigger=OPENS, **fields)
    return book(body).change("pools", "spring", "put", pool)


class Shop:
    """A crowd under one clock: what each was sent and issued."""

    def __init__(self, found: Book) -> None:
        self.timeline = Timeline(found.definitions)
        self.sent: list[tuple[str, str, object]] = []
        """Customer, template, and the codes that the template may use."""
        self.facts: list[Fact] = []

    def opens(self, *people: str, at: int = 0) -> Self:
        """Each agrees to mail, and opens the lookbook."""
        for who in people:
            agreed = Identified(
                id=f"{who}-i-{at}",
                occurred_at=at * MINUTE,
                traits={"email": f"{who}@example.com"},
                subscriptions={"email": True},
            )
            opened = Tracked(id=f"{who}-{at}", occurred_at=at * MINUTE, name="Lookbook Opened")
            for event in (agreed, opened):
                for one in self.timeline.apply(f"u:{who}", event, at * MINUTE):
                    if isinstance(one, Message):
                        codes = one.context["promo_codes"]
                        self.sent.append((one.customer, one.template, codes))
                    elif isinstance(one, Fact):
                        self.facts.append(one)
        return self

    def told(self, kind: str) -> list[tuple[str, str | None]]:
        """Name and value of the facts of a kind."""
        return [(fact.name, fact.after) for fact in self.facts if fact.kind == kind]


def test_each_gets_a_code_of_their_own_until_there_is_none() -> None:
    shop = Shop(written()).opens("a", "b", "c", "d")

    assert shop.sent == [
        ("a", "first", {"spring": "A"}),
        ("b", "first", {"spring": "B"}),
        ("c", "first", {"spring": "C"}),
        ("d", "second", {}),
    ]


def test_a_code_stands_in_the_profile_and_in_the_facts() -> None:
    shop = Shop(written({**CODES, "expires_in": "30d"})).opens("a", at=5)

    [code] = shop.timeline.row("u:a").customer.promo_codes
    assert (code.code, code.group, code.campaign) == ("A", "spring", "cart-reminder")
    assert (code.issued_at, code.expires_at) == (5 * MINUTE, (5 + 30 * DAY) * MINUTE)
    [fact] = [fact for fact in shop.facts if fact.kind == "promo_code_issued"]
    assert (fact.name, fact.after, fact.step) == ("spring", "A", "code")


def test_the_end_may_be_one_day_for_all() -> None:
    shop = Shop(written({**CODES, "expires_at": "1970-01-02T01:00:00+01:00"})).opens("a")

    [code] = shop.timeline.row("u:a").customer.promo_codes
    assert code.expires_at == DAY * MINUTE


def test_another_visit_gets_another_code() -> None:
    shop = Shop(written()).opens("a").opens("a", at=9)

    assert [codes for _, _, codes in shop.sent] == [{"spring": "A"}, {"spring": "B"}]
    assert len(shop.timeline.row("u:a").customer.promo_codes) == 2


def test_codes_that_are_added_are_issued_next() -> None:
    found = written()
    shop = Shop(found).opens("a", "b", "c", "d")
    found.change("pools", "spring", "put", {**CODES, "codes": ["A", "B", "C", "D"]})
    shop.timeline.definitions = found.definitions

    shop.opens("e", at=9)

    assert shop.sent[-1] == ("e", "first", {"spring": "D"})


def test_t46_the_operator_is_told_once_that_few_are_left() -> None:
    shop = Shop(written()).opens("a", "b", "c", "d")

    assert shop.told("pool_low") == [("spring", "1")]


def test_codes_of_a_mask_differ() -> None:
    mask = {"id": "spring", "mask": "S-######", "size": 50, "secret": "sixteen characters"}
    shop = Shop(written(mask)).opens(*(f"c{number}" for number in range(60)))

    issued = [code for _, code in shop.told("promo_code_issued")]
    assert (len(issued), len(set(issued))) == (50, 50)
    pool = msgspec.convert(mask, Pool)
    assert set(issued) == {pools.code_at(pool, place) for place in range(50)}
    assert [template for _, template, _ in shop.sent[50:]] == ["second"] * 10


def test_who_is_held_out_takes_no_code() -> None:
    rule = {"op": "attr", "path": "email", "is": "=", "value": "a@example.com"}
    shop = Shop(written(holdout={"audience": rule})).opens("a", "b")

    assert shop.told("promo_code_issued") == [("spring", "A")]
    assert shop.timeline.row("u:a").customer.promo_codes == ()


def test_of_a_pool_that_is_gone_there_is_no_code() -> None:
    shop = Shop(written().change("pools", "spring", "delete")).opens("a")

    assert shop.sent == [("a", "second", {})]


def test_a_code_that_comes_when_the_run_is_over_goes_to_the_next() -> None:
    """Nobody waits for it any more: it is given back."""
    found = written(exit=[{"id": "left", "on": {"event": "Left"}}])
    story = Story(found.definitions).consents()
    opened = Tracked(id="o", occurred_at=MINUTE, name="Lookbook Opened")
    story.event(opened).event(Tracked(id="l", occurred_at=2 * MINUTE, name="Left"))
    assert story.row.customer.runs == ()

    [claim] = story.shared
    assert story.row.claims == {}
    assert (claim.limit, claim.is_numbered) == (3, True)  # type: ignore[union-attr]  # a claim


def test_a_step_without_its_pool_is_refused_with_its_place() -> None:
    found = written()
    campaign = found.definitions.campaigns["cart-reminder"].draft

    assert installation.flaws(campaign, found.definitions) == []
    without = found.change("pools", "spring", "delete").definitions
    assert [flaw.path for flaw in installation.flaws(campaign, without)] == ["steps.code.pool"]
    assert installation.pool_users("spring", without) == ["cart-reminder"]


def said(story: Story, *, at: int, used: int | None = None, expires: int = 20 * DAY) -> Story:
    return story.event(
        PromoCodeIssued(
            id=f"p{at}",
            occurred_at=MINUTE,
            updated_at=at * MINUTE,
            code="SAVE",
            group="spring",
            expires_at=expires * MINUTE,
            used_at=None if used is None else used * MINUTE,
        ),
        logged_at=at * MINUTE,
    )


@pytest.mark.parametrize(("group", "count"), [("spring", 1), ("autumn", 0)])
def test_t46_a_code_fires_once_when_it_is_used(group: str, count: int) -> None:
    story = said(set_up("T46", {"what": "used", "group": group}), at=1)
    assert fired(story) == 0

    assert fired(said(said(story, at=2, used=2), at=3, used=2)) == count


def test_t46_a_code_that_was_used_expires_no_more() -> None:
    story = said(set_up("T46", {"what": "expiring", "days_before": 3}), at=1)

    assert fired(said(story, at=2, used=2).wait(until=30 * DAY)) == 0
