"""What goes over the wire."""

import email
from email.policy import default

import msgspec
import pytest

from channels import addresses, mail
from engine.sends import Rendered

SENDER = addresses.sender("Shop <news@shop.example>")
ANN = addresses.mailbox("ann@mail.example")
RENDERED = Rendered(to="ann@mail.example", subject="Grüße", text="hällo\n.\nend", html="<p>é</p>")


def test_a_mail_has_both_parts_and_an_id_of_its_own() -> None:
    text = mail.written(RENDERED, sender=SENDER, to=ANN, message_id="abc")

    read = email.message_from_bytes(text, policy=default)
    assert (read["Subject"], read["From"]) == ("Grüße", "Shop <news@shop.example>")
    assert read["Message-ID"] == "<abc@shop.example>"
    plain, html = read.get_body(("plain",)), read.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().splitlines() == ["hällo", ".", "end"]
    assert html.get_content().strip() == "<p>é</p>"
    assert text.isascii()


@pytest.mark.parametrize("value", ["a\r\nBcc: all@shop.example", "a\nb"])
def test_no_header_grows_a_second_line(value: str) -> None:
    for rendered in (
        msgspec.structs.replace(RENDERED, subject=value),
        msgspec.structs.replace(RENDERED, headers={"X-Note": value}),
    ):
        with pytest.raises(ValueError, match="eader"):
            mail.written(rendered, sender=SENDER, to=ANN, message_id="abc")


def test_a_dot_alone_on_a_line_does_not_end_the_mail() -> None:
    assert mail.as_data(b"a\r\n.\r\n..b\r\n") == b"a\r\n..\r\n...b\r\n.\r\n"


def test_lines_are_never_longer_than_servers_take() -> None:
    long = msgspec.structs.replace(RENDERED, html="x" * 5_000, text="y " * 5_000)

    text = mail.written(long, sender=SENDER, to=ANN, message_id="abc")

    assert max(len(line) for line in text.split(b"\r\n")) <= 998
