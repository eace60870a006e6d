"""Who is let in."""

import base64

import pytest
from starlette.datastructures import Headers

from api import security
from api.admin import access


@pytest.mark.parametrize(
    ("authorization", "is_right"),
    [
        ("Bearer tökén", True),
        ("bearer tökén", True),
        ("Bearer  tökén ", True),
        ("Bearer token", False),
        ("Bearer", False),
        ("Basic tökén", False),
        ("tökén", False),
        ("", False),
    ],
)
def test_only_the_bearer_token_opens(authorization: str, is_right: bool) -> None:  # noqa: FBT001 a table
    headers = Headers({"authorization": authorization})

    assert access.has_token(headers, "tökén") == is_right


@pytest.mark.parametrize(
    ("authorization", "may"),
    [
        ("", False),
        ("Basic", False),
        ("Basic %%%", False),
        ("Basic " + base64.b64encode(b"\xff").decode(), False),
        ("Basic " + base64.b64encode(b"secret").decode(), False),
        ("Basic " + base64.b64encode(b"secret:other").decode(), False),
        ("Basic " + base64.b64encode(b":secret").decode(), True),
        ("Basic " + base64.b64encode(b"me:secret").decode(), True),
        ("Bearer secret", True),
        ("Digest secret", False),
    ],
)
def test_a_browser_gives_the_token_as_a_password(authorization: str, may: bool) -> None:  # noqa: FBT001 a table
    headers = Headers({"authorization": authorization, "host": "oncue.example"})

    assert security.may_look(headers, listens_on="0.0.0.0", token="secret") == may  # noqa: S104, S106 as above


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_what_changes_nothing_may_come_from_anywhere(method: str) -> None:
    headers = Headers({"origin": "https://evil.example", "sec-fetch-site": "cross-site"})

    assert not access.is_foreign(method, headers)
