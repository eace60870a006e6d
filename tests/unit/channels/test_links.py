"""What a link gives away, and to whom it opens."""

import random

import msgspec
import pytest

from channels.errors import InvalidTokenError
from channels.links import LONGEST_URL_CHARS, Click, Download, Links, Origin, may_lead_to

ORIGIN = Origin(
    message_id="k3s7x2mq4v5wz6y7a2b3c4d5e6",
    customer_key="u:customer-4711",
    campaign="cart-rescue",
    channel="email",
    template="cart-mail",
    template_version=3,
)
SHOP = "https://shop.example/cart?utm_source=oncue&utm_medium=email&utm_campaign=cart-rescue"


def links(*secrets: str) -> Links:
    return Links(secrets=secrets or ("secret",), public_url="https://news.shop.example/")


def token_of(url: str) -> str:
    return url.rpartition("/")[2]


def click_token() -> str:
    return token_of(links().click_url(ORIGIN, index=2, url=SHOP))


def test_a_click_leads_where_the_message_said() -> None:
    url = links().click_url(ORIGIN, index=2, url=SHOP)

    assert url.startswith("https://news.shop.example/c/")
    assert links().clicked(token_of(url)) == Click(origin=ORIGIN, index=2, url=SHOP)


def test_a_pixel_knows_its_message() -> None:
    assert links().opened(token_of(links().open_url(ORIGIN))) == ORIGIN


def test_an_unsubscribe_link_knows_its_message() -> None:
    assert links().unsubscribed(token_of(links().unsubscribe_url(ORIGIN))) == ORIGIN


def test_a_token_fits_into_a_line_of_mail_headers() -> None:
    assert len(click_token()) < 400


def test_a_download_knows_whose_it_is_and_how_long() -> None:
    asked = Download(customer="4711", expires_at=1_764_547_200_000)

    assert links().downloaded(token_of(links().download_url(asked))) == asked


@pytest.mark.parametrize("purpose", ["opened", "unsubscribed", "downloaded"])
def test_a_click_token_opens_nothing_else(purpose: str) -> None:
    with pytest.raises(InvalidTokenError):
        getattr(links(), purpose)(click_token())


def test_a_pixel_token_does_not_unsubscribe() -> None:
    with pytest.raises(InvalidTokenError):
        links().unsubscribed(token_of(links().open_url(ORIGIN)))


def test_no_flipped_bit_is_accepted() -> None:
    chance = random.Random(7)  # noqa: S311 - which bit, not a secret
    token = click_token().encode()

    accepted = []
    for _ in range(10_000):
        flipped = bytearray(token)
        flipped[chance.randrange(len(token))] ^= 1 << chance.randrange(8)
        try:
            accepted.append(links().clicked(flipped.decode("latin-1")))
        except InvalidTokenError:
            continue

    assert accepted == []


@pytest.mark.parametrize("token", ["", ".", "..", "a.b", "é.b", "x" * 5_000, "\x00", "W10.AA"])
def test_rubbish_is_no_token(token: str) -> None:
    with pytest.raises(InvalidTokenError):
        links().clicked(token)


def test_an_old_secret_is_still_believed_after_a_rotation() -> None:
    assert links("secret", "newer").clicked(click_token()).origin == ORIGIN


def test_the_last_secret_signs() -> None:
    token = token_of(links("old", "secret").open_url(ORIGIN))

    assert links("secret").opened(token) == ORIGIN


def test_a_withdrawn_secret_is_not_believed() -> None:
    with pytest.raises(InvalidTokenError):
        links("other").clicked(click_token())


def test_an_empty_secret_signs_nothing() -> None:
    with pytest.raises(ValueError, match="secret"):
        Links(secrets=("",), public_url="")


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "//evil.example",
        "/relative",
        "ftp://shop.example",
        "https://",
        "https://user@shop.example",
        "https://shop.example\\@evil.example",
        "https://shop.example/\r\nSet-Cookie: a=b",
        "https://shop.example/a b",
        "https://[half",
        "https://shop.example/" + "x" * LONGEST_URL_CHARS,
    ],
)
def test_a_click_leads_to_pages_only(url: str) -> None:
    assert not may_lead_to(url)
    with pytest.raises(ValueError, match="may not lead"):
        links().click_url(ORIGIN, index=0, url=url)


def test_a_customer_with_a_long_name_changes_no_other_field() -> None:
    origin = msgspec.structs.replace(ORIGIN, customer_key='u:","evil')

    assert links().opened(token_of(links().open_url(origin))) == origin
