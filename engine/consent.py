"""Consent in three states: yes, no, unknown until said. By channel, and by category within it."""

from typing import Literal, TypeAlias

from engine.events import Subscriptions

Consent: TypeAlias = Literal["yes", "no", "unknown"]


def state(subscriptions: Subscriptions, channel: str, category: str | None) -> Consent:
    """What the customer said of this channel and category.

    A no to the whole channel is a no to every category; a category's own word goes before the
    channel's yes.
    """
    said = subscriptions.get(channel)
    if said is None:
        return "unknown"
    if isinstance(said, bool):
        return "yes" if said else "no"
    if said.get(WHOLE) is False:
        return "no"
    answer = said.get(category or WHOLE, said.get(WHOLE))
    if answer is None:
        return "unknown"
    return "yes" if answer else "no"


WHOLE = ""
"""Stands for the channel as a whole beside its categories."""


def merged(before: Subscriptions, said: Subscriptions) -> Subscriptions:
    """Apply what was said: a bare yes or no replaces the channel, categories add to it."""
    result = dict(before)
    for channel, answer in said.items():
        if isinstance(answer, bool):
            result[channel] = answer
            continue
        known = before.get(channel)
        categories = known if isinstance(known, dict) else _whole(known)
        result[channel] = {**categories, **answer}
    return result


def _whole(answer: bool | None) -> dict[str, bool]:  # noqa: FBT001 a stored answer, not a flag
    return {} if answer is None else {WHOLE: answer}
