"""Whose message it is, decided from the message alone."""

import pytest

from engine import keys
from engine.errors import RejectedError
from engine.intake import identities


@pytest.mark.parametrize(
    ("message", "key"),
    [
        ({"userId": "17"}, "u:17"),
        ({"userId": 17}, "u:17"),
        ({"userId": "17", "anonymousId": "d"}, "u:17"),
        ({"userId": None, "anonymousId": "d"}, "a:d"),
        ({"userId": " ", "anonymousId": "d"}, "a:d"),
        ({"userId": "undefined", "anonymousId": "d"}, "a:d"),
        ({"userId": "a:b"}, "u:a:b"),
    ],
)
def test_the_strongest_identifier_chooses_the_row(message: dict[str, object], key: str) -> None:
    assert identities.of_message(message).key == key


@pytest.mark.parametrize(
    "nobody",
    [
        *("null", "NULL", "undefined", "NaN", " none ", "guest", "anonymous", "[object Object]"),
        *("-1", "0", "0000", "--", "00000000-0000-0000-0000-000000000000"),
    ],
)
def test_an_id_that_stands_for_nobody_is_none(nobody: str) -> None:
    with pytest.raises(RejectedError) as refusal:
        identities.of_message({"userId": nobody, "anonymousId": nobody})

    assert refusal.value.code == "missing_identifier"


@pytest.mark.parametrize("word", ["anonymous", "email", "phone", "card"])
def test_a_user_id_that_would_mean_another_customer_is_refused(word: str) -> None:
    user_id = f"{word}:17"

    with pytest.raises(RejectedError) as refusal:
        identities.of_message({"userId": user_id})

    assert refusal.value.code == "reserved_id"
    assert keys.from_public_id(user_id) != keys.user(user_id)


@pytest.mark.parametrize(
    ("message", "path"),
    [
        ({"userId": True}, "userId"),
        ({"userId": "x" * 201}, "userId"),
        ({"userId": "17", "anonymousId": {}}, "anonymousId"),
    ],
)
def test_a_bad_identifier_is_refused_with_its_path(message: dict[str, object], path: str) -> None:
    with pytest.raises(RejectedError) as refusal:
        identities.of_message(message)

    assert (refusal.value.code, refusal.value.path) == ("invalid_id", path)


def test_a_till_that_knows_the_customer_shows_whose_the_rest_is() -> None:
    item = {
        "customerId": "ada",
        "card": " 77 ",
        "email": "Ada@Shop.example",
        "phone": "0151 23456789",
        "anonymousId": "d1",
    }

    assert identities.of_object(item, region="DE") == "u:ada"
    assert identities.beside(item, region="DE") == (
        "c:77",
        "e:ada@shop.example",
        "p:+4915123456789",
        "a:d1",
    )


@pytest.mark.parametrize(
    "said",
    [
        {"email": "nobody"},
        {"email": "noreply@shop.example"},
        {"phone": "12"},
        {"phone": "0151 23456789"},
        {"card": "0000"},
        {"card": 1.5},
        {"anonymousId": "null"},
        {"anonymousId": {}},
        {},
    ],
)
def test_what_identifies_nobody_is_no_reason_to_refuse_a_known_customers_receipt(
    said: dict[str, object],
) -> None:
    item = {"customerId": "ada", **said}

    assert identities.of_object(item, region=None) == "u:ada"
    assert identities.beside(item, region=None) == ()


def test_a_receipt_without_a_customers_id_shows_nothing_beside_its_own() -> None:
    item = {"card": "77", "email": "ada@shop.example", "anonymousId": "d1"}

    assert identities.of_object(item, region=None) == "c:77"
    assert identities.beside(item, region=None) == ()
