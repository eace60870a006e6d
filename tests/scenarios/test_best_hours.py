"""Send-time optimisation (X40, c.2 rule 12): the customer's best hour, then quiet hours."""

from collections.abc import Mapping

import pytest

from engine import rhythm
from engine.customer import Customer
from engine.events import Identified, Responded, Tracked
from engine.sends import Response
from tests.support.journeys import book, journey, mail
from tests.support.story import MINUTE, Story

HOUR = 60
DAY = 24 * HOUR

BEST = {"send_time": "best_hour"}
NIGHT = {"windows": [{"start": "21:00", "end": "09:00"}], "smear": None}


def answered(number: int, *, at: int, **fields: object) -> Responded:
    """An opening of a mail, by a human unless told otherwise."""
    said: dict[str, object] = {"response": "opened", **fields}
    return Responded(
        id=f"r{number}",
        occurred_at=at * MINUTE,
        message_id=f"m{number}",
        channel="email",
        campaign="other",
        **said,  # type: ignore[arg-type]  # the table's
    )


def somebody(
    *hours: int, policy: Mapping[str, object] = BEST, ttl: str = "24h", kind: str = "marketing"
) -> Story:
    """Who opened mails at these hours, a day each, until the twentieth day."""
    go = {"type": "T31", "params": {"event": "go"}}
    body = journey({"one": mail("first", ttl=ttl)}, trigger=go, **{"class": kind})
    found = book(body).change("policies", "default", "put", {"id": "default", **policy})
    story = Story(found.definitions).consents()
    for number, hour in enumerate(hours):
        story.event(answered(number, at=number * DAY + hour * HOUR))
    return story.wait(until=20 * DAY)


def sent_at(story: Story, *, hour: int = 10) -> int | None:
    """The minute of the twentieth day at which the mail of an event leaves."""
    at = 20 * DAY + hour * HOUR
    story.event(Tracked(id="go", occurred_at=at * MINUTE, name="go")).wait(until=at + 3 * DAY)
    return story.messages[0].decided_at // MINUTE - 20 * DAY if story.messages else None


def test_a_message_waits_for_the_hour_at_which_the_customer_answers() -> None:
    story = somebody(18, 18, 7)

    minute = sent_at(story)

    assert minute is not None
    assert 18 * HOUR <= minute < 18 * HOUR + 30
    assert "deferred: best_hour" in story.reasons


def test_an_hour_that_is_over_today_comes_tomorrow() -> None:
    minute = sent_at(somebody(7, 7, 18))

    assert minute is not None
    assert DAY + 7 * HOUR <= minute < DAY + 7 * HOUR + 30


@pytest.mark.parametrize(
    "story",
    [
        somebody(18, 18),
        somebody(10, 10, 18),
        somebody(18, 18, 18, ttl="2h"),
        somebody(18, 18, 18, policy={}),
        somebody(18, 18, 18, kind="transactional"),
    ],
    ids=["too few answers", "this very hour", "would expire", "no such policy", "transactional"],
)
def test_what_cannot_wait_or_need_not_leaves_at_once(story: Story) -> None:
    """Bounded by the time to live: c.2 rule 12."""
    assert sent_at(story) == 10 * HOUR


def test_quiet_hours_are_asked_after_it() -> None:
    """The best hour is at 22:00; then it is held until the morning."""
    story = somebody(22, 22, 22, policy={**BEST, "quiet_hours": NIGHT})

    assert sent_at(story) == DAY + 9 * HOUR
    assert [one for one in story.reasons if one.startswith("deferred")] == [
        "deferred: best_hour",
        "deferred: quiet_hours",
    ]


def test_the_hour_is_the_one_of_the_customers_clock() -> None:
    customer = Customer(id="c")
    story = Story().event(
        Identified(id="z", occurred_at=0, traits={}, zones={"profile": "Asia/Tokyo"})
    )

    counts = rhythm.heard(story.row.customer, answered(1, at=9 * HOUR), company="UTC").active_hours

    assert counts.index(1) == 18
    assert rhythm.heard(customer, answered(1, at=9 * HOUR), company="UTC").active_hours[9] == 1


@pytest.mark.parametrize(
    ("response", "is_machine"), [("delivered", False), ("opened", True), ("clicked", True)]
)
def test_only_humans_answers_count(response: Response, *, is_machine: bool) -> None:
    heard = rhythm.heard(
        Customer(id="c"),
        answered(1, at=0, response=response, is_machine=is_machine),
        company="UTC",
    )

    assert heard.active_hours == ()


def test_at_a_merge_the_answers_of_both_count() -> None:
    one, other = (1,) + (0,) * 23, (0,) * 23 + (2,)

    assert rhythm.merged(one, other) == (1, *(0,) * 22, 2)
    assert rhythm.merged((), other) == other
