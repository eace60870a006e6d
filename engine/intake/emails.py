"""Emails: checked and normalised by email-validator, which asks no name server here."""

from functools import lru_cache
from typing import Final

import email_validator
from email_validator import EmailNotValidError

from engine.addresses import Address
from engine.intake import limits, providers
from engine.intake.structure import CONTROL

KNOWN_MAX: Final = 10_000
"""Addresses whose answer is remembered by a process, some 5 MB: 43 us each otherwise."""


def check(value: object) -> Address | None:
    """Judge an address; None if nothing was given.

    Spaces around it go, the domain is lower case. The part before the @ is the receiver's own
    matter and stays as it is. What is no address is kept as it was given, cut to what a row bears.
    """
    if not isinstance(value, str) or not value.strip():
        return None
    return _checked(value.strip()[: limits.EMAIL_MAX_CHARS + 1])


def normalised(value: object) -> str | None:
    """Give the address as it identifies a person; None if it is none."""
    address = check(value)
    return address.value if address is not None and address.is_valid else None


@lru_cache(maxsize=KNOWN_MAX)
def _checked(text: str) -> Address:
    normal = _validated(text)
    if normal is None:
        return Address(value=text[: limits.EMAIL_MAX_CHARS], is_valid=False)
    local, _, domain = normal.rpartition("@")
    meant = providers.MEANT.get(domain)
    return Address(
        value=normal,
        provider=providers.BY_DOMAIN.get(domain),
        suggestion=None if meant is None else f"{local}@{meant}",
    )


def _validated(text: str) -> str | None:
    """A domain in another script is written in it, so that both spellings are one address."""
    if len(text) > limits.EMAIL_MAX_CHARS or CONTROL.search(text):
        return None
    try:
        return email_validator.validate_email(
            text, check_deliverability=False, strict=True
        ).normalized
    except EmailNotValidError:
        return None
