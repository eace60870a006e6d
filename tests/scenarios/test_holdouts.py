"""Who is held out: of one campaign, and of every campaign of a policy (X01, X02, c.1)."""

from collections.abc import Iterator, Mapping

import msgspec
import pytest

from engine import chance
from engine.definitions.campaigns import Campaign, flaws
from engine.definitions.folded import Definitions
from engine.events import Identified, Tracked
from tests.support.journeys import book, journey, mail
from tests.support.story import MINUTE, Book, Story

DAY = 24 * 60
NEW_YEAR_2026 = 1_767_225_600_000 // MINUTE

GO = {"type": "T31", "params": {"event": "go"}}


def campaign(name: str = "news", **fields: object) -> dict[str, object]:
    return {**journey({"one": mail("first")}, trigger=GO), "id": name, **fields}


def definitions(policy: Mapping[str, object], *bodies: dict[str, object]) -> Definitions:
    found: Book = book(bodies[0])
    for body in bodies[1:]:
        found.publish(body)
    return found.change("policies", "default", "put", {"id": "default", **policy}).definitions


def goes(found: Definitions, who: str = "c", *, at: int = 1) -> Story:
    story = Story(found, key=f"u:{who}").consents(at=at)
    return story.event(Tracked(id="go", occurred_at=at * MINUTE, name="go"))


def people(*, salt: str, below: int) -> Iterator[tuple[str, bool]]:
    """Customers, and whether their share lies below a bound."""
    for number in range(200):
        yield f"c{number}", chance.share(salt, f"c{number}") < below


def arms(story: Story) -> dict[str, str | None]:
    return {fact.name: fact.after for fact in story.changes if fact.kind == "arm_assigned"}


def test_a_policy_holds_the_same_customers_out_of_all_its_campaigns() -> None:
    """X02; the way of each is recorded to its end."""
    control = {"control": {"basis_points": 2_000}}
    found = definitions(control, campaign("news"), campaign("offer"))

    for who, is_out in people(salt="global", below=2_000):
        story = goes(found, who)
        assert len(story.messages) == (0 if is_out else 2)
        assert arms(story) == {"global": "holdout" if is_out else "treated"}
        if is_out:
            assert story.reasons.count("not_sent: holdout") == 2
            assert story.reasons[-1] == "exited: completed"


def test_each_period_deals_anew_and_within_one_everybody_stays() -> None:
    """X02: quarters of the company's calendar."""
    control = {"control": {"basis_points": 5_000, "months": 3}}
    found = definitions(control, campaign())

    def group(at: int) -> list[bool]:
        return [not goes(found, f"c{n}", at=at).messages for n in range(60)]

    january, march, april = (NEW_YEAR_2026 + day * DAY for day in (0, 89, 90))
    assert group(january) == group(march)
    assert group(april) != group(march)


@pytest.mark.parametrize(
    "fields", [{"category": "service"}, {"class": "transactional"}], ids=["exempt", "transactional"]
)
def test_what_is_exempt_everybody_gets(fields: dict[str, str]) -> None:
    """X02."""
    control = {"control": {"basis_points": 5_000, "exempt": ["service"]}}
    found = definitions(control, {**campaign(), **fields})

    for who, _ in people(salt="global", below=5_000):
        story = goes(found, who)
        assert (len(story.messages), arms(story)) == (1, {})


def test_profiles_that_share_an_inbox_are_in_the_group_together() -> None:
    """c.2 rule 13."""
    control = {"control": {"basis_points": 5_000, "by": "address"}}
    found = definitions(control, campaign())

    assert len({len(goes(found, who).messages) for who, _ in people(salt="", below=0)}) == 1


def test_a_campaign_may_hold_an_audience_out() -> None:
    """X01."""
    rule = {"op": "attr", "path": "staff", "is": "=", "value": True}
    found = definitions({}, campaign(holdout={"audience": rule}))
    story = Story(found).consents()
    story.event(Identified(id="staff", occurred_at=0, traits={"staff": True}))

    story.event(Tracked(id="go", occurred_at=MINUTE, name="go"))

    assert (story.sent, arms(story)) == ([], {"news/holdout": "holdout"})
    assert arms(goes(found)) == {"news/holdout": "treated"}


@pytest.mark.parametrize(
    ("holdout", "place"),
    [
        ({}, "holdout.basis_points"),
        ({"basis_points": 5_001}, "holdout.basis_points"),
        (
            {"basis_points": 1, "audience": {"op": "attr", "path": "staff", "is": "=", "value": 1}},
            "holdout",
        ),
    ],
)
def test_a_holdout_that_is_none_is_refused_at_save(holdout: dict[str, object], place: str) -> None:
    found = flaws(msgspec.convert(campaign(holdout=holdout), Campaign))

    assert [flaw.path for flaw in found] == [place]
