"""What an identify call says of addresses and of consent."""

import re
from typing import Final

from engine.errors import RejectedError
from engine.events import Subscriptions
from engine.intake import limits
from engine.intake.structure import CONTROL
from engine.intake.values import shown

_LABEL: Final = r"[^\W_]([\w-]{0,61}[^\W_])?"
_EMAIL: Final = re.compile(
    rf"[^\s@\"(),:;<>\[\\\]]{{1,{limits.EMAIL_LOCAL_MAX_CHARS}}}@({_LABEL}\.)+{_LABEL}"
)
"""One address without quoting, comments or routes: what people have, not all that RFC 5321 allows.
The domain has a dot; other scripts pass."""


_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_PHONE_FILLERS: Final = re.compile(r"[\s().\-]")


def email(value: object) -> str | None:
    """Normalise an address: spaces around it go, the domain is lower case; None if it is none.

    The part before the @ is the receiver's own matter and stays as it is.
    """
    if not isinstance(value, str):
        return None
    address = value.strip()
    if len(address) > limits.EMAIL_MAX_CHARS or CONTROL.search(address):
        return None
    if not _EMAIL.fullmatch(address):
        return None
    local, _, domain = address.rpartition("@")
    if local.startswith(".") or local.endswith(".") or ".." in local:
        return None
    return f"{local}@{domain.lower()}"


def phone(value: object) -> str | None:
    """Normalise an international number to E.164, `+442079460000`; None if it is none."""
    if not isinstance(value, str) or len(value) > limits.PHONE_MAX_CHARS:
        return None
    digits = _PHONE_FILLERS.sub("", value.strip())
    return digits if _E164.fullmatch(digits) else None


def subscriptions(value: object, *, path: str) -> Subscriptions:
    """Take consent by channel: yes, no, or an object of yes and no by category.

    Raises:
        RejectedError: `invalid_subscriptions`; a withdrawal must not be lost unseen.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _refused(value, path)
    said: Subscriptions = {}
    for channel, answer in value.items():
        place = f"{path}.{channel}"
        if not channel:
            raise _refused(channel, place)
        said[channel] = answer if isinstance(answer, bool) else _categories(answer, place)
    return said


def _categories(value: object, path: str) -> dict[str, bool]:
    if not isinstance(value, dict):
        raise _refused(value, path)
    for category, answer in value.items():
        if not category or not isinstance(answer, bool):
            raise _refused(answer, f"{path}.{category}")
    return value


def _refused(value: object, path: str) -> RejectedError:
    return RejectedError(
        "invalid_subscriptions",
        f'{shown(value)}: write it like {{"email": true, "sms": {{"promo": false}}}}',
        path=path,
    )
