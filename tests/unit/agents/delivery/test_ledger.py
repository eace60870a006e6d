"""What the ledger says may happen next, case by case."""

import msgspec
import pytest

from agents.delivery.decisions import (
    Close,
    Decision,
    Dispatch,
    Ended,
    Finished,
    Recheck,
    Reserve,
    Wait,
)
from agents.delivery.ledger import DOUBT_AFTER_MS, GOOD_FOR_MS, KEPT_MS, STALE_AFTER_MS, Ledger
from engine.messages import MessageClass
from engine.sends import Send, SendState
from tests.support.decided import message

NOW = 1_800_000_000_000
HOUR_MS = 3_600_000


def record(
    state: SendState,
    *,
    attempt: int = 1,
    writer: str = "us",
    code: str | None = None,
) -> Send:
    return Send(
        id="m",
        attempt=attempt,
        state=state,
        at=NOW,
        customer="ann",
        channel="email",
        campaign="cart",
        version=1,
        step="s1",
        template="cart-mail",
        writer=writer,
        provider="smtp",
        code=code,
    )


RESERVED = record("reserved")
THEIRS = record("reserved", writer="them")
TEMPORARY = record("failed", code="451")
PERMANENT = record("failed", code="550")
IN_DOUBT = record("in_doubt", code="no_answer")


def decided(
    log: list[Send],
    *,
    after_ms: int = 0,
    message_class: MessageClass = "marketing",
    is_certain: bool = False,
    expires_at: int = NOW + HOUR_MS,
) -> Decision:
    ledger = Ledger(writer="us")
    for send in log:
        ledger.apply(send, logged_at=NOW)
    return ledger.decide(
        message("m", at=NOW, lives_ms=expires_at - NOW, message_class=message_class),
        logged_at=NOW,
        now=NOW + after_ms,
        is_certain=is_certain,
    )


def finished(state: SendState, *, code: str | None = None) -> Finished:
    assert state != "reserved"
    return Finished(outcomes=(Ended(state=state, at=NOW, code=code),))


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        pytest.param([], Reserve(attempt=1), id="never heard of: reserve"),
        pytest.param([RESERVED], Dispatch(attempt=1), id="our reservation came first: send"),
        pytest.param([RESERVED, THEIRS], Dispatch(attempt=1), id="theirs came second"),
        pytest.param([THEIRS, RESERVED], Wait(until=NOW + DOUBT_AFTER_MS), id="ours came second"),
        pytest.param(
            [RESERVED, record("accepted", code="250")],
            finished("accepted", code="250"),
            id="accepted: only the response is left",
        ),
        pytest.param(
            [
                RESERVED,
                record("accepted", code="250"),
                record("reserved", attempt=2, writer="them"),
            ],
            finished("accepted", code="250"),
            id="a late reservation does not open what has ended",
        ),
        pytest.param([RESERVED, PERMANENT], finished("failed", code="550"), id="refused for good"),
        pytest.param(
            [RESERVED, TEMPORARY], Wait(until=NOW + 1_000), id="refused for now: wait a second"
        ),
        pytest.param(
            [THEIRS, record("failed", code="render_failed")],
            Wait(until=NOW + DOUBT_AFTER_MS),
            id="an end by somebody who has not the attempt is void",
        ),
        pytest.param(
            [record("expired", writer="them"), RESERVED],
            Finished(outcomes=(Ended(state="expired", at=NOW),)),
            id="an end without reservation claims the attempt",
        ),
        pytest.param(
            [THEIRS, record("in_doubt"), record("accepted", writer="them")],
            Finished(outcomes=(Ended(state="in_doubt", at=NOW), Ended(state="accepted", at=NOW))),
            id="the writer comes back and knows better",
        ),
        pytest.param(
            [THEIRS, record("in_doubt"), record("failed", writer="them", code="451")],
            Finished(outcomes=(Ended(state="in_doubt", at=NOW),)),
            id="a doubt is not taken back by a failure",
        ),
    ],
)
def test_what_the_log_says_decides(log: list[Send], expected: Decision) -> None:
    assert decided(log) == expected


@pytest.mark.parametrize(
    ("log", "after_ms", "expected"),
    [
        pytest.param([], STALE_AFTER_MS, Reserve(attempt=1), id="60 s old"),
        pytest.param([], STALE_AFTER_MS + 1, Recheck(), id="older: the worker decides anew"),
        pytest.param([RESERVED], GOOD_FOR_MS, Dispatch(attempt=1), id="our reservation is young"),
        pytest.param(
            [RESERVED, TEMPORARY], 999, Wait(until=NOW + 1_000), id="before the pause ends"
        ),
        pytest.param([RESERVED, TEMPORARY], 1_000, Reserve(attempt=2), id="after the pause"),
        pytest.param(
            [
                RESERVED,
                TEMPORARY,
                record("reserved", attempt=2),
                record("failed", attempt=2, code="451"),
            ],
            9_999,
            Wait(until=NOW + 10_000),
            id="the second pause is longer",
        ),
        pytest.param(
            [RESERVED, TEMPORARY], STALE_AFTER_MS + 1, Recheck(), id="paused for too long"
        ),
    ],
)
def test_time_decides_what_the_log_leaves_open(
    log: list[Send], after_ms: int, expected: Decision
) -> None:
    assert decided(log, after_ms=after_ms) == expected


def test_a_reservation_we_did_not_use_in_time_is_given_back() -> None:
    decision = decided([RESERVED], after_ms=GOOD_FOR_MS + 1)

    assert isinstance(decision, Close)
    assert (decision.state, decision.code) == ("failed", "stale")


def test_a_silent_reservation_of_others_is_in_doubt_after_a_while() -> None:
    decision = decided([THEIRS], after_ms=DOUBT_AFTER_MS)

    assert isinstance(decision, Close)
    assert (decision.state, decision.attempt) == ("in_doubt", 1)


def test_a_channel_that_repeats_safely_takes_a_reservation_over() -> None:
    assert decided([THEIRS], is_certain=True) == Reserve(attempt=2)


def test_marketing_in_doubt_ends_there() -> None:
    decision = decided([THEIRS, IN_DOUBT], after_ms=5_000)

    assert decision == finished("in_doubt", code="no_answer")


def test_transactional_in_doubt_is_tried_again() -> None:
    decision = decided([THEIRS, IN_DOUBT], after_ms=5_000, message_class="transactional")

    assert decision == Reserve(attempt=2)


def test_transactional_in_doubt_past_its_time_stays_in_doubt() -> None:
    decision = decided(
        [THEIRS, IN_DOUBT], after_ms=5_000, message_class="transactional", expires_at=NOW + 5_000
    )

    assert decision == finished("in_doubt", code="no_answer")


def test_the_third_temporary_failure_is_the_last() -> None:
    log = [
        msgspec.structs.replace(send, attempt=attempt)
        for attempt in (1, 2, 3)
        for send in (RESERVED, TEMPORARY)
    ]

    assert decided(log, after_ms=50_000) == finished("failed", code="451")


def test_a_provider_that_is_away_is_asked_until_the_message_expires() -> None:
    log = [
        msgspec.structs.replace(send, attempt=attempt)
        for attempt in range(1, 8)
        for send in (RESERVED, record("failed", code="unreachable"))
    ]

    assert decided(log, after_ms=59_999) == Wait(until=NOW + 60_000)
    assert decided(log, after_ms=60_000) == Reserve(attempt=8)
    assert decided(log, after_ms=60_001) == Recheck()


@pytest.mark.parametrize("log", [[], [RESERVED, TEMPORARY]], ids=["unsent", "refused for now"])
def test_a_message_at_its_time_expires(log: list[Send]) -> None:
    decision = decided(log, after_ms=500, expires_at=NOW + 500)

    assert isinstance(decision, Close)
    assert decision.state == "expired"


def test_a_possibly_sent_message_does_not_expire() -> None:
    decision = decided([THEIRS], after_ms=500, expires_at=NOW + 500)

    assert decision == Wait(until=NOW + DOUBT_AFTER_MS)


def test_what_no_living_message_can_ask_for_is_forgotten() -> None:
    ledger = Ledger(writer="us")
    ledger.apply(RESERVED, logged_at=NOW)

    ledger.apply(msgspec.structs.replace(RESERVED, id="later"), logged_at=NOW + KEPT_MS + 1)

    assert list(ledger.entries) == ["later"]
