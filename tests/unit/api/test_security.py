"""Who is let in, and what counts as this machine."""

import base64

import msgspec
import pytest
from starlette.datastructures import Headers

from api import security
from api.__main__ import default_keys
from api.admin import access
from settings import Settings

CHANGED = {
    "write_key": "w",
    "secret_key": "s",
    "admin_token": "a",
    "link_secret": "l",
}


@pytest.mark.parametrize(
    ("host", "is_own"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104 that is the point
        ("::", False),
        ("", False),
        ("10.0.0.1", False),
        ("localhost.example", False),
        ("127.0.0.1.example", False),
        ("2130706433", False),
    ],
)
def test_only_loopback_is_this_machine(host: str, is_own: bool) -> None:  # noqa: FBT001 a table
    assert security.is_loopback(host) == is_own


@pytest.mark.parametrize(
    ("changed", "known"),
    [
        ({}, ["write_key", "secret_key", "admin_token", "link_secret"]),
        (CHANGED, []),
        ({**CHANGED, "admin_token": "demo-admin"}, ["admin_token"]),
        ({**CHANGED, "link_secret": "new,demo-links"}, ["link_secret"]),
        ({**CHANGED, "link_secret": "new,"}, ["link_secret"]),
        ({**CHANGED, "write_key": ""}, ["write_key"]),
    ],
)
def test_a_key_that_everybody_knows_is_named(changed: dict[str, str], known: list[str]) -> None:
    assert default_keys(msgspec.convert(changed, Settings)) == known


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
