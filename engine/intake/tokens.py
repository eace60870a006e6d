"""Push tokens of apps: `context.device.token`, as the mobile SDKs of Segment and RudderStack."""

import re
from typing import Final

from engine.addresses import Token, TokenType
from engine.intake import limits
from engine.intake.structure import CONTROL
from engine.intake.values import Object

_APNS: Final = re.compile(r"[0-9a-fA-F]{64,200}")
"""A device token of Apple's is 32 bytes or more, in hexadecimal; Firebase's, on iPhones too, has
letters beyond that and a colon."""

_SERVICES: Final[dict[str, TokenType]] = {
    "apns": "apns",
    "fcm": "fcm",
    "rustore": "rustore",
    "huawei": "huawei",
    "hms": "huawei",
    "android": "fcm",
}
"""By what a device or its system calls itself; iPhones by the token's form."""

_APPLE: Final = frozenset({"ios", "ipados", "iphone", "ipad", "watchos", "tvos"})


def of_context(context: Object, *, at: int) -> Token | None:
    """The token of the app that sends; None where there is none, or nobody can tell whose it is.

    Args:
        at: when it was told, epoch ms.
    """
    device = context.get("device")
    if not isinstance(device, dict):
        return None
    value = device.get("token")
    if not isinstance(value, str) or not 0 < len(value) <= limits.TOKEN_MAX_CHARS:
        return None
    service = _service(device, context, value)
    if service is None or CONTROL.search(value):
        return None
    return Token(type=service, value=value, given_at=at)


def _service(device: Object, context: Object, token: str) -> TokenType | None:
    system = context.get("os")
    named = (
        device.get("tokenType"),
        device.get("type"),
        system.get("name") if isinstance(system, dict) else None,
    )
    for name in named:
        word = name.strip().lower() if isinstance(name, str) else ""
        if word in _APPLE:
            return "apns" if _APNS.fullmatch(token) else "fcm"
        if word in _SERVICES:
            return _SERVICES[word]
    return None
