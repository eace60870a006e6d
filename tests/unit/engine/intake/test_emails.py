"""Emails, checked at the door (M019, M022, M134)."""

from pathlib import Path

import msgspec
import pytest

from engine.addresses import Address
from engine.intake import emails, limits, providers


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("ann@shop.example", "ann@shop.example"),
        ("  ann@shop.example\n", "ann@shop.example"),
        ("Ann.B+news@Shop.EXAMPLE", "Ann.B+news@shop.example"),
        ("ünï@почта.рф", "ünï@почта.рф"),
        ("x@xn--80a1acny.xn--p1ai", "x@почта.рф"),
        ("o'neil@mail-server.co.uk", "o'neil@mail-server.co.uk"),
        (
            "a" * 64 + "@shop.example",
            "a" * 64 + "@shop.example",
        ),
    ],
)
def test_an_address_is_trimmed_and_its_domain_lower_case(said: str, kept: str) -> None:
    assert emails.normalised(said) == kept


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
        "a" * (64 + 1) + "@shop.example",
        "a@" + "b." * 126 + "example",
    ],
)
def test_what_is_no_address_is_none(said: object) -> None:
    assert emails.normalised(said) is None


class Published(msgspec.Struct, frozen=True):
    """What email-validator's own tests say of addresses."""

    valid: list[tuple[str, str | None]]
    """With the normal form, where they say it."""
    by_option: list[str]
    """Quoted or bracketed, or with a name: valid only for who asks for it, and we do not."""
    invalid: list[str]


PUBLISHED = msgspec.json.decode(
    Path(__file__).with_name("published_emails.json").read_bytes(), type=Published
)

TRIMMED = {"my@example.com", "test@iana.org"}
"""Published as invalid with white space around them, which we take away: our one deviation."""


@pytest.mark.parametrize(("address", "normal"), PUBLISHED.valid)
def test_what_email_validator_publishes_as_valid_is_valid(address: str, normal: str | None) -> None:
    checked = emails.check(address)

    assert checked is not None
    assert (checked.value, checked.is_valid) == (normal or checked.value, True)


@pytest.mark.parametrize("address", [*PUBLISHED.by_option, *PUBLISHED.invalid])
def test_what_email_validator_publishes_as_invalid_is_kept_as_given(address: str) -> None:
    """M134."""
    said = address.strip()
    kept = Address(value=said[: limits.EMAIL_MAX_CHARS], is_valid=False)

    assert emails.check(address) == (Address(value=said) if said in TRIMMED else kept)


def test_an_endless_text_is_kept_in_part() -> None:
    address = emails.check("x" * 10_000)

    assert address == Address(value="x" * limits.EMAIL_MAX_CHARS, is_valid=False)


@pytest.mark.parametrize("said", [None, "", "  ", 5, [], {}])
def test_what_is_no_text_is_no_address(said: object) -> None:
    assert emails.check(said) is None


@pytest.mark.parametrize(
    ("address", "provider"),
    [
        ("ann@gmail.com", "gmail"),
        ("ann@GoogleMail.com", "gmail"),
        ("ann@ya.ru", "yandex"),
        ("ann@bk.ru", "mail.ru"),
        ("ann@hotmail.co.uk", "outlook"),
        ("ann@me.com", "icloud"),
        ("ann@shop.example", None),
    ],
)
def test_a_domain_tells_who_runs_the_mailbox(address: str, provider: str | None) -> None:
    """M022."""
    checked = emails.check(address)

    assert checked is not None
    assert checked.provider == provider


def test_a_slip_of_the_finger_is_shown_and_never_corrected() -> None:
    assert emails.check("Ann@gmial.com") == Address(
        value="Ann@gmial.com", suggestion="Ann@gmail.com"
    )


def test_nobody_is_told_to_leave_a_provider_we_know() -> None:
    assert not set(providers.MEANT) & set(providers.BY_DOMAIN)
    assert set(providers.TYPOS) <= set(providers.BY_DOMAIN)


def test_a_domain_belongs_to_one_provider_and_a_typo_means_one() -> None:
    for table in (providers.DOMAINS, providers.TYPOS):
        domains = [domain for listed in table.values() for domain in listed.split()]

        assert len(domains) == len(set(domains))
