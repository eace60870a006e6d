"""Who may speak for a user from a page."""

from typing import Final

import pytest

from api.collector import signatures
from api.collector.signatures import Signatures
from engine.errors import RejectedError
from engine.events import Aliased, Event, Identified, OrderCompleted, Tracked
from engine.intake.arrivals import Origin

RULE: Final = Signatures(secret="secret-1", is_required=True)  # noqa: S106 a test's
WEB: Final = Origin(source="web", received_at=0, seed="seed")
BACK_OFFICE: Final = Origin(source="back-office", received_at=0, seed="seed", is_trusted=True)
IDENTIFIED: Final = Identified(id="e", occurred_at=0, user_id="17")
ORDERED: Final = OrderCompleted(id="e", occurred_at=0, user_id="17", order_id="o")
ALIASED: Final = Aliased(id="e", occurred_at=0, user_id="17", previous_id="old")


def test_a_signature_is_the_hmac_that_every_language_computes() -> None:
    # printf 17 | openssl dgst -sha256 -hmac secret-1
    assert signatures.signature("17", secret="secret-1") == (  # noqa: S106 a test's
        "052e80c51784942d6e002e1190dfd9707929e5189c427dae65472fdbc24516a5"
    )


@pytest.mark.parametrize("event", [IDENTIFIED, ORDERED, ALIASED])
def test_the_right_signature_lets_a_page_speak_for_a_user(event: Event) -> None:
    given = signatures.signature("17", secret="secret-1")  # noqa: S106 a test's

    RULE.check(event, given, origin=WEB)


@pytest.mark.parametrize("event", [IDENTIFIED, ORDERED, ALIASED])
@pytest.mark.parametrize(
    ("given", "code"),
    [
        (None, "unsigned_identity"),
        ("", "invalid_signature"),
        ("0" * 64, "invalid_signature"),
        (5, "invalid_signature"),
        (signatures.signature("18", secret="secret-1"), "invalid_signature"),  # noqa: S106 a test's
    ],
)
def test_without_it_a_page_is_refused(event: Event, given: object, code: str) -> None:
    with pytest.raises(RejectedError) as refusal:
        RULE.check(event, given, origin=WEB)

    assert (refusal.value.code, refusal.value.path) == (code, "context.signature")


@pytest.mark.parametrize(
    "event",
    [
        Tracked(id="e", occurred_at=0, user_id="17"),
        Identified(id="e", occurred_at=0, anonymous_id="d"),
        OrderCompleted(id="e", occurred_at=0, anonymous_id="d", order_id="o"),
    ],
)
def test_what_changes_no_user_needs_no_signature(event: Event) -> None:
    RULE.check(event, None, origin=WEB)


def test_the_secret_key_needs_no_signature() -> None:
    RULE.check(IDENTIFIED, None, origin=BACK_OFFICE)


def test_where_it_is_not_required_nobody_needs_one() -> None:
    Signatures(secret="secret-1").check(IDENTIFIED, "wrong", origin=WEB)  # noqa: S106 a test's


def test_a_signature_is_taken_off_the_message() -> None:
    message: dict[str, object] = {"userId": "17", "context": {"signature": "s", "locale": "de"}}

    assert signatures.taken_off(message) == ({"userId": "17", "context": {"locale": "de"}}, "s")


@pytest.mark.parametrize("context", [{"locale": "de"}, None, "signature", ["signature"]])
def test_a_message_without_one_stays_as_it_is(context: object) -> None:
    message: dict[str, object] = {"context": context}

    assert signatures.taken_off(message) == (message, None)
