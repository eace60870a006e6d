"""What a source says of consent: yes or no by channel and category, and the channel preferred."""

from typing import Final, NamedTuple

from engine.declarations import Preferred, Subscriptions
from engine.errors import RejectedError
from engine.intake import limits
from engine.intake.values import shown

PREFERRED: Final = "preferred"
"""Beside the channels: by category the channel a customer would rather have."""


class Agreed(NamedTuple):
    """What was said."""

    subscriptions: Subscriptions
    preferred: Preferred


def read(value: object, *, path: str) -> Agreed:
    """Take consent by channel: yes, no, or an object of yes and no by category.

    Raises:
        RejectedError: `invalid_subscriptions`; a withdrawal must not be lost unseen.
    """
    if value is None:
        return Agreed({}, {})
    if not isinstance(value, dict):
        raise _refused(value, path)
    said: Subscriptions = {}
    preferred: Preferred = {}
    for channel, answer in value.items():
        place = f"{path}.{channel}"
        if not channel or len(channel) > limits.CHANNEL_MAX_CHARS:
            raise _refused(channel, place)
        if channel == PREFERRED:
            preferred = _preferred(answer, place)
        else:
            said[channel] = answer if isinstance(answer, bool) else _categories(answer, place)
    return Agreed(said, preferred)


def _categories(value: object, path: str) -> dict[str, bool]:
    if not isinstance(value, dict):
        raise _refused(value, path)
    for category, answer in value.items():
        if not category or not isinstance(answer, bool):
            raise _refused(answer, f"{path}.{category}")
    return value


def _preferred(value: object, path: str) -> Preferred:
    """Null is no preference any more."""
    if not isinstance(value, dict):
        raise _refused(value, path)
    for category, channel in value.items():
        is_channel = channel is None or (
            isinstance(channel, str) and 0 < len(channel) <= limits.CHANNEL_MAX_CHARS
        )
        if not category or not is_channel:
            raise _refused(channel, f"{path}.{category}")
    return value


def _refused(value: object, path: str) -> RejectedError:
    return RejectedError(
        "invalid_subscriptions",
        f'{shown(value)}: write it like {{"email": true, "sms": {{"promo": false}}, '
        f'"preferred": {{"promo": "sms"}}}}',
        path=path,
    )
