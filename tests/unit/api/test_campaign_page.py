"""What a campaign's page says of why it does not run."""

from typing import Any

import msgspec

from api.admin import answers, campaigns
from engine.definitions.failures import Failure
from engine.definitions.publishing import Paused, Tripped
from tests.support.story import Book, campaign

NAME = "cart-reminder"


def page(book: Book) -> dict[str, Any]:
    found = campaigns.shape(book.definitions.campaigns[NAME], book.definitions)
    shown: dict[str, Any] = msgspec.json.decode(bytes(answers.json(found).body))
    return shown


def test_one_that_runs_says_nothing_of_it() -> None:
    shown = page(Book().publish(campaign()))

    assert (shown["status"], shown["failure"], shown["guard"]) == ("live", None, None)


def test_a_volume_guard_that_paused_it_is_named() -> None:
    tripped = Tripped(trigger="t", entries=10, per="1m", at=1_000)

    shown = page(
        Book().publish(campaign()).change("campaigns", NAME, "pause", Paused(guard=tripped))
    )

    assert shown["status"] == "paused"
    assert shown["guard"] == {
        "trigger": "t",
        "entries": 10,
        "per": "1m",
        "at": "1970-01-01T00:00:01.000Z",
    }


def test_a_failure_is_told_in_words() -> None:
    failure = Failure(version=1, place="steps.s1", code="bad_type", event="e", at=0)

    shown = page(Book().publish(campaign()).change("campaigns", NAME, "fail", failure))

    assert (shown["status"], shown["failure"]["place"]) == ("failed", "steps.s1")
    assert shown["failure"]["message"].startswith("values do not go together")
