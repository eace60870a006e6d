"""Consent, as an identify call or a back office says it (M195-M197)."""

import pytest

from engine.errors import RejectedError
from engine.intake import limits, subscriptions


def test_the_channel_preferred_for_a_category_stands_beside_the_channels() -> None:
    said = {"email": True, "preferred": {"promo": "sms", "news": None}}

    agreed = subscriptions.read(said, path="s")

    assert agreed == ({"email": True}, {"promo": "sms", "news": None})


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"email": True},
        {"email": False, "sms": {"promo": False, "news": True}},
        {"email": {}},
    ],
)
def test_consent_is_taken_by_channel_and_category(said: dict[str, object]) -> None:
    assert subscriptions.read(said, path="s") == (said, {})


@pytest.mark.parametrize(
    ("said", "path"),
    [
        (True, "s"),
        ([], "s"),
        ("email", "s"),
        ({"email": "yes"}, "s.email"),
        ({"email": 1}, "s.email"),
        ({"email": None}, "s.email"),
        ({"": True}, "s."),
        ({"sms": {"promo": "no"}}, "s.sms.promo"),
        ({"sms": {"promo": None}}, "s.sms.promo"),
        ({"sms": {"": True}}, "s.sms."),
        ({"sms": {"promo": {"x": True}}}, "s.sms.promo"),
        ({"c" * (limits.CHANNEL_MAX_CHARS + 1): True}, "s." + "c" * 51),
        ({"preferred": True}, "s.preferred"),
        ({"preferred": {"promo": True}}, "s.preferred.promo"),
        ({"preferred": {"promo": ""}}, "s.preferred.promo"),
        ({"preferred": {"": "sms"}}, "s.preferred."),
    ],
)
def test_consent_of_another_shape_is_refused(said: object, path: str) -> None:
    with pytest.raises(RejectedError) as refusal:
        subscriptions.read(said, path="s")

    assert (refusal.value.code, refusal.value.path) == ("invalid_subscriptions", path)
