"""Consent and preferred channels as they go out (M195-M198)."""

import pytest

from api.admin import agreements, consent
from api.admin.errors import BadRequestError
from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.events import Identified
from engine.step import step
from tests.support.story import Book, campaign

ADA = step(
    Customer(id="ada"),
    Identified(
        id="e",
        occurred_at=1_000,
        subscriptions={"email": True, "sms": {"promo": False}},
        preferred={"promo": "email", "news": None},
    ),
    Definitions(),
    1_000,
).customer


def test_only_categories_in_use_are_active() -> None:
    """M198."""
    template = {"id": "cart-mail", "subject": "s", "text": "t", "category": "cart"}
    book = (
        Book()
        .change("templates", "cart-mail", "put", template)
        .publish({**campaign(), "id": "a", "category": "promo"})
        .publish({**campaign(), "id": "b", "category": "old"})
        .change("campaigns", "b", "stop")
        .publish({**campaign(), "id": "c"})
    )

    assert agreements.active(book.definitions) == ["cart", "promo"]


def test_each_active_category_has_the_state_of_every_channel() -> None:
    assert agreements.shape(ADA, ["promo", "news"], ["email", "sms"]) == {
        "channels": {"email": said("yes"), "sms": UNKNOWN},
        "items": [
            {
                "category": "promo",
                "preferred": "email",
                "channels": {"email": said("yes"), "sms": said("no")},
            },
            {
                "category": "news",
                "preferred": None,
                "channels": {"email": said("yes"), "sms": UNKNOWN},
            },
        ],
    }


def test_preferred_channels_stand_beside_the_answers() -> None:
    """M197."""
    assert agreements.told(ADA) == {
        "email": True,
        "sms": {"promo": False},
        "preferred": {"promo": "email"},
    }


def test_an_operator_says_both_in_one_word() -> None:
    agreed = consent.read({"email": {"promo": True}, "preferred": {"promo": "email"}})

    assert agreed == ({"email": {"promo": True}}, {"promo": "email"})


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"fax": True},
        {"email": {"promo": "yes"}},
        {"email": {"": True}},
        {"preferred": {"promo": "fax"}},
        {"preferred": {"promo": True}},
        {"preferred": True},
    ],
)
def test_what_is_no_consent_is_refused(body: consent.Said) -> None:
    with pytest.raises(BadRequestError):
        consent.read(body)


def said(state: str) -> dict[str, object]:
    return {"state": state, "at": "1970-01-01T00:00:01.000Z", "origin": "customer"}


UNKNOWN = {"state": "unknown", "at": None, "origin": None}
