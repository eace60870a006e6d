"""Keys in all the places where trackers put them."""

import base64
from typing import Final

import pytest
from starlette.datastructures import Headers

from api.collector import credentials
from api.collector.credentials import Key, Keys
from api.errors import ProblemError

KEYS: Final = Keys(
    Key(name="web", value="write"),
    Key(name="back-office", value="secret", is_secret=True),
    Key(name="unset", value=""),
)


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("authorization", "value"),
    [
        ("", None),
        (basic("write:"), "write"),
        (basic("write"), "write"),
        (basic("write:password"), "write"),
        (basic(":"), None),
        ("basic " + base64.b64encode(b"write:").decode(), "write"),
        ("Bearer write", "write"),
        ("bearer  write ", "write"),
        ("Bearer", None),
        ("Digest username=x", None),
    ],
)
def test_a_key_is_taken_from_the_authorization(authorization: str, value: str | None) -> None:
    assert credentials.from_headers(Headers({"authorization": authorization})) == value


@pytest.mark.parametrize("authorization", ["Basic !", "Basic w", "Basic " + "/" * 4])
def test_a_basic_header_nobody_can_read_is_refused(authorization: str) -> None:
    with pytest.raises(ProblemError) as refusal:
        credentials.from_headers(Headers({"authorization": authorization}))

    assert (refusal.value.status, refusal.value.code) == (401, "invalid_key")


@pytest.mark.parametrize(
    ("candidates", "value"),
    [
        ((None, None), None),
        (("write", None), "write"),
        ((None, "write"), "write"),
        ((5, {}), None),
        (("", "b"), "b"),
    ],
)
def test_a_key_may_stand_in_the_body(candidates: tuple[object, ...], value: str | None) -> None:
    assert credentials.from_body(*candidates) == value


@pytest.mark.parametrize(
    ("value", "is_secret", "code"),
    [
        (None, False, "missing_key"),
        ("", False, "missing_key"),
        ("wrong", False, "invalid_key"),
        ("Write", False, "invalid_key"),
        ("write ", False, "invalid_key"),
        ("ключ\ud800", False, "invalid_key"),
        ("write", True, "secret_key_required"),
        ("wrong", True, "invalid_key"),
    ],
)
def test_a_wrong_key_is_refused(
    value: str | None,
    is_secret: bool,  # noqa: FBT001
    code: str,
) -> None:
    with pytest.raises(ProblemError) as refusal:
        KEYS.check(value, is_secret=is_secret)

    assert (refusal.value.status, refusal.value.code) == (401, code)


@pytest.mark.parametrize(
    ("value", "is_secret", "name"),
    [("write", False, "web"), ("secret", True, "back-office"), ("secret", False, "back-office")],
)
def test_a_right_key_has_a_name(value: str, is_secret: bool, name: str) -> None:  # noqa: FBT001
    assert KEYS.check(value, is_secret=is_secret).name == name
