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
