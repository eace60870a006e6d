"""X56: what a back-test counts, by day, and who else writes to the same customers."""

import msgspec

from api.backtesting.report import DAY_MS, Tally
from engine.definitions.folded import Definitions
from engine.facts import Fact, FactKind
from engine.messages import Message
from engine.reasons import Reason
from engine.rehearsal.telling import Unrendered
from tests.support.decided import message

MONDAY = 1_764_547_200_000
NOTHING = Definitions()


def tally() -> Tally:
    return Tally(campaign="cart", since=MONDAY, render=lambda *_: Unrendered(why="not asked"))


def fact(kind: FactKind, at: int, *, reason: Reason | None = None, campaign: str = "cart") -> Fact:
    return Fact(
        id=f"{kind}-{at}", customer="ann", kind=kind, at=at, campaign=campaign, reason=reason
    )


def sent(campaign: str, at: int) -> Message:
    return msgspec.structs.replace(message(f"{campaign}-{at}", at=at), campaign=campaign)


def test_only_the_campaign_is_counted_and_only_in_the_time_asked_for() -> None:
    found = tally()
    for one in (
        fact("fired", MONDAY - 1),
        fact("fired", MONDAY),
        fact("fired", MONDAY, campaign="other"),
        fact("not_sent", MONDAY + DAY_MS, reason="no_consent"),
    ):
        found.take(one, at=one.at, definitions=NOTHING)

    report = found.close(until=MONDAY + 2 * DAY_MS)

    assert (report.fired, report.fired_per_day) == (1, 0.5)
    assert report.refused == {"no_consent": 1}
    assert [(day.day, day.fired, day.not_sent) for day in report.days] == [
        ("2025-12-01", 1, 0),
        ("2025-12-02", 0, 1),
    ]


def test_who_is_written_to_by_two_campaigns_on_one_day_is_a_conflict() -> None:
    found = tally()
    for campaign, at in (("cart", 0), ("news", 1), ("offer", DAY_MS), ("cart", 2 * DAY_MS)):
        found.take(sent(campaign, MONDAY + at), at=MONDAY + at, definitions=NOTHING)

    report = found.close(until=MONDAY + 3 * DAY_MS)

    assert [(one.campaign, one.customer_days) for one in report.conflicts] == [("news", 1)]
