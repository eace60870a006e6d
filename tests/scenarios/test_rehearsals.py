"""Tests that a campaign is saved with, and a draft tried out for one customer."""

import msgspec
import pytest

from channels.rendering import rehearsing as rendering
from engine import rows
from engine.definitions import changes
from engine.definitions.campaigns import Campaign
from engine.definitions.cases import Happening
from engine.errors import InvalidDefinitionError
from engine.events import Identified
from engine.rehearsal import alone, rehearsing
from engine.rehearsal.stage import StoryError
from engine.rehearsal.telling import Line
from tests.support.journeys import SERIES, book, journey, mail
from tests.support.story import MINUTE, Story

ADDS = {"at": "0m", "event": "Product Added", "properties": {"product_id": "k-1"}}
ADA = {"traits": {"email": "ada@shop.example"}, "subscriptions": {"email": True}}


def saved(**fields: object) -> Campaign:
    return changes.decode_campaign(msgspec.json.encode({**journey(SERIES), **fields}))


def case(*then: object, test: str = "it is so") -> dict[str, object]:
    return {"test": test, "customers": {"ada": ADA}, "when": [ADDS], "then": then}


def test_x55_a_campaign_passes_its_own_tests_whatever_else_is_live() -> None:
    greedy = {**journey({"one": mail("third")}), "id": "greedy"}
    known = book(greedy).definitions
    draft = saved(tests=[case({"sends": ["first", "second"]}), case({"sends": []}, test="not so")])

    outcomes = rehearsing.run(draft.tests, alone.alone(known, draft), render=rendering.renderer())

    assert [outcome.passed for outcome in outcomes] == [True, False]
    assert outcomes[1].failures[0].path == "then[0]"


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"tests": [case({"sent": "first", "at": "soon"})]}, "tests[0].then[0].at"),
        ({"tests": [case({"sends": []}), case({"sends": []})]}, "tests"),
        ({"tests": [case()]}, "tests[0].then"),
        ({"require_tests": True}, "require_tests"),
    ],
)
def test_tests_that_mean_nothing_are_refused_when_the_campaign_is_saved(
    fields: dict[str, object], path: str
) -> None:
    with pytest.raises(InvalidDefinitionError) as caught:
        saved(**fields)

    assert [flaw.path for flaw in caught.value.flaws] == [path]


def tried(story: Story, *happenings: Happening) -> list[Line]:
    draft = saved()
    return rehearsing.dry_run(
        story.row,
        happenings,
        alone.beside(story.definitions, draft),
        start=story.row.now_at,
        until=story.row.now_at + 7 * 24 * 60 * MINUTE,
        render=rendering.renderer(),
    )


def test_a_dry_run_begins_with_the_customer_as_they_are_and_changes_nothing() -> None:
    story = Story(book({**journey({"one": mail("third")}), "id": "other"}).definitions).consents()
    identified = Identified(id="i", occurred_at=MINUTE, traits={"plan": "vip"})
    before = rows.copied(story.event(identified).row)
    adds = Happening(at="0m", event="Product Added", properties={"product_id": "k-1"})

    lines = tried(story, adds)

    assert [line.template for line in lines if line.kind == "sent"] == ["first", "third", "second"]
    assert story.row == before


def test_what_cannot_happen_is_told_with_its_place() -> None:
    with pytest.raises(StoryError) as caught:
        tried(Story().consents(), Happening(at="0m", receipt={"total": "much"}))

    assert caught.value.path == "when[0].total"
