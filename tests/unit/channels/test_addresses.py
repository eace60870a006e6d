"""What the settings about mail may say."""

import pytest

from channels import addresses
from channels.addresses import Server
from channels.errors import InvalidAddressError


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example", Server(host="mail.example", port=25, security="none")),
        ("smtps://mail.example", Server(host="mail.example", port=465, security="tls")),
        (
            "smtp+starttls://ann%40shop:p%2Fw@mail.example:2525",
            Server(
                host="mail.example",
                port=2525,
                security="starttls",
                username="ann@shop",
                password="p/w",  # noqa: S106 - of nobody
            ),
        ),
    ],
)
def test_a_server_is_read_from_its_url(url: str, expected: Server) -> None:
    assert addresses.server(url) == expected


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mail.example:25", "is none of smtp://"),
        ("http://mail.example", "'http' is none of"),
        ("smtp://", "host is missing"),
        ("smtp://mail.example:99999", "[Pp]ort"),
        ("smtp://mail.example/path", "nothing may follow"),
        ("smtp://ann@mail.example", "go together"),
    ],
)
def test_a_wrong_url_is_refused_in_one_line(url: str, says: str) -> None:
    with pytest.raises(InvalidAddressError, match=says) as refusal:
        addresses.server(url)

    assert "\n" not in str(refusal.value)


def test_a_refusal_keeps_the_password_to_itself() -> None:
    with pytest.raises(InvalidAddressError) as refusal:
        addresses.server("smtp://ann:hunter2@mail.example/x")

    assert "hunter2" not in str(refusal.value)


def test_a_sender_may_have_a_name() -> None:
    sender = addresses.sender("Shop & Co <news@shop.example>")

    assert (sender.display_name, sender.addr_spec) == ("Shop & Co", "news@shop.example")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ann",
        "@shop.example",
        "ann@",
        "ann@shop.example\r\nBcc: all@shop.example",
        "ann@shop.example, bob@shop.example",
        "ann bob@shop.example",
        "änn@shop.example",
        "<ann@shop.example>",
        "ann@shop.example\x00",
    ],
)
def test_what_is_no_single_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="address"):
        addresses.mailbox(text)
