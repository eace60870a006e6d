"""Addresses and consent, as an identify call says them."""

import pytest

from engine.errors import RejectedError
from engine.intake import contacts, limits


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("ann@shop.example", "ann@shop.example"),
        ("  ann@shop.example\n", "ann@shop.example"),
        ("Ann.B+news@Shop.EXAMPLE", "Ann.B+news@shop.example"),
        ("ünï@почта.рф", "ünï@почта.рф"),
        ("o'neil@mail-server.co.uk", "o'neil@mail-server.co.uk"),
        (
            "a" * limits.EMAIL_LOCAL_MAX_CHARS + "@shop.example",
            "a" * limits.EMAIL_LOCAL_MAX_CHARS + "@shop.example",
        ),
    ],
)
def test_an_address_is_trimmed_and_its_domain_lower_case(said: str, kept: str) -> None:
    assert contacts.email(said) == kept


@pytest.mark.parametrize(
    "said",
    [
        None,
        "",
        5,
        [],
        "ann",
        "ann@",
        "@shop.example",
        "ann@localhost",
        "ann@@shop.example",
        "ann@shop..example",
        "ann@.shop.example",
        "ann@-shop.example",
        "ann@shop-.example",
        ".ann@shop.example",
        "ann.@shop.example",
        "an..n@shop.example",
        "an n@shop.example",
        "Ann <ann@shop.example>",
        "ann@shop.example,bob@shop.example",
        "ann@shop.example\r\nBcc: x@y.example",
        "ann\x00@shop.example",
        "a" * (limits.EMAIL_LOCAL_MAX_CHARS + 1) + "@shop.example",
        "a@" + "b." * 126 + "example",
    ],
)
def test_what_is_no_address_is_none(said: object) -> None:
    assert contacts.email(said) is None


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
    assert contacts.subscriptions(said, path="traits.subscriptions") == said


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
    ],
)
def test_consent_of_another_shape_is_refused(said: object, path: str) -> None:
    with pytest.raises(RejectedError) as refusal:
        contacts.subscriptions(said, path="s")

    assert (refusal.value.code, refusal.value.path) == ("invalid_subscriptions", path)
