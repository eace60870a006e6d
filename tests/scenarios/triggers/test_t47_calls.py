"""T47: another system calls something out for customers."""

import msgspec
import pytest

from api.fanning import called
from tests.support.journeys import fired, set_up, triggered
from tests.support.story import MINUTE, Story

DAY = 24 * 60


def calls(story: Story, key: str, *, at: int, name: str = "Loan approved", **said: object) -> Story:
    payload = msgspec.json.encode(said)
    return story.event(called(name, key, payload, customer="c", at=at * MINUTE))


def test_t47_templates_see_the_payload() -> None:
    story = calls(triggered("T47", event="loan approved"), "k1", at=1, amount="12.50", bank="b")

    assert story.messages[0].context["event"] == {"amount": "12.50", "bank": "b"}


def test_t47_one_key_fires_once_however_late_it_is_said_again() -> None:
    story = calls(triggered("T47", event="Loan approved"), "k1", at=1)
    for number in range(70):
        calls(story, f"other-{number}", at=2, name="Another")

    calls(story, "k1", at=3 * DAY)

    assert fired(story) == 1
    assert fired(calls(story, "k2", at=3 * DAY)) == 2


@pytest.mark.parametrize(("amount", "count"), [(10, 1), (9, 0)])
def test_t47_the_filter_is_asked_of_the_payload(amount: int, count: int) -> None:
    many = {"op": "prop", "path": "amount", "is": ">=", "value": 10}
    story = set_up("T47", {"event": "Loan approved"}, property_filter=many)

    assert fired(calls(story, "k", at=1, amount=amount)) == count


def test_t47_a_run_is_about_what_the_payload_says() -> None:
    story = set_up("T47", {"event": "Loan approved"}, correlation_key="loan.id")
    calls(story, "k", at=1, loan={"id": 7})

    assert story.facts[0].kind == "fired"
    assert story.messages[0].context["event"] == {"loan": {"id": 7}}


def test_t47_another_name_is_another_event() -> None:
    assert fired(calls(triggered("T47", event="Loan refused"), "k", at=1)) == 0
