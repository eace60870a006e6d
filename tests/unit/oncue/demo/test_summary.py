"""A summary says what does not add up."""

import io

import msgspec
import pytest
from rich.console import Console

from oncue.demo import summary
from oncue.demo.observing import DecisionCount, Latency, Sight
from oncue.demo.summary import Outcome
from oncue.replay.tally import Tally


def whole() -> Outcome:
    return Outcome(
        events=Tally(total_count=10, sent_count=10, rejected_count=1),
        receipts=Tally(total_count=2, sent_count=2),
        elapsed_s=60,
        sight=Sight(
            events=9,
            receipts=2,
            fired=4,
            sent=3,
            messages=3,
            messages_distinct=3,
            accepted=3,
            accepted_distinct=3,
            opened=2,
            clicked=1,
            responses=6,
        ),
        is_quiet=True,
        customers_missing=0,
        decisions=[
            DecisionCount(campaign="cart", kind="fired", reason="", decisions=4, customers=4),
            DecisionCount(
                campaign="cart", kind="sent", reason="admitted", decisions=3, customers=3
            ),
            DecisionCount(
                campaign="cart", kind="not_sent", reason="no_consent", decisions=1, customers=1
            ),
        ],
        latency=Latency(p50_ms=40, p99_ms=90),
        views={"tracker": 9, "customers": 5},
        mail_ids=["a", "b", "c"],
        opened_count=2,
        clicked_count=1,
        failures=[],
    )


def wrong(outcome: Outcome) -> list[str]:
    return [check.meaning for check in summary.checks(outcome) if not check.is_right]


def test_a_morning_that_adds_up_has_nothing_wrong() -> None:
    assert wrong(whole()) == []


@pytest.mark.parametrize(
    ("changes", "meanings"),
    [
        ({"events": 8}, ["events sent = stored + rejected"]),
        ({"receipts": 3}, ["receipts sent = stored + rejected"]),
        ({"sent": 4}, ["decisions to send = messages"]),
        (
            {"messages": 4, "sent": 4},
            ["messages = distinct messages"],
        ),
        (
            {"accepted": 4},
            ["accepted by the provider = distinct", "accepted = mails in the outbox"],
        ),
        ({"opened": 1}, ["mails opened = opens stored"]),
        ({"clicked": 0}, ["mails clicked = clicks stored"]),
    ],
)
def test_what_is_lost_or_twice_is_told(changes: dict[str, int], meanings: list[str]) -> None:
    outcome = whole()
    seen = msgspec.structs.replace(outcome.sight, **changes)

    assert wrong(msgspec.structs.replace(outcome, sight=seen)) == meanings


def test_a_mail_that_is_listed_twice_is_told() -> None:
    outcome = msgspec.structs.replace(whole(), mail_ids=["a", "b", "b"])

    assert wrong(outcome) == ["mails = distinct mails"]


@pytest.mark.parametrize(
    ("changes", "meaning"),
    [
        ({"customers_missing": 1}, "customers with events, but without a row"),
        ({"is_quiet": False}, "quiet before the deadline"),
        ({"failures": ["/o/x was answered with 404"]}, "links that led nowhere"),
    ],
)
def test_what_did_not_come_to_an_end_is_told(changes: dict[str, object], meaning: str) -> None:
    assert wrong(msgspec.structs.replace(whole(), **changes)) == [meaning]


def test_a_morning_in_which_nothing_happened_is_no_success() -> None:
    outcome = msgspec.structs.replace(
        whole(), sight=Sight(events=9, receipts=2), mail_ids=[], opened_count=0, clicked_count=0
    )

    assert wrong(outcome) == ["something was sent, opened and clicked"]


def test_the_table_names_reasons_and_rows() -> None:
    out = io.StringIO()

    summary.show(Console(file=out, width=120), whole())

    for text in (
        "messages not sent: no_consent (cart)",
        "rows of the view tracker",
        "due to decided, p99",
    ):
        assert text in out.getvalue()
    assert "WRONG" not in out.getvalue()
