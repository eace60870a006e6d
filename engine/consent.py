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
        result[channel] = {**_categories(before.get(channel)), **answer}
    return result


def strictest(one: Subscriptions, other: Subscriptions) -> Subscriptions:
    """What two identities of one person said: a no of either stands, and a yes beats silence.

    Nothing tells which word was the later one, and a message to somebody who said no is the worse
    mistake.
    """
    return {channel: _strictest(channel, one, other) for channel in {**one, **other}}


def _strictest(channel: str, one: Subscriptions, other: Subscriptions) -> bool | dict[str, bool]:
    first, second = _categories(one.get(channel)), _categories(other.get(channel))
    if False in {first.get(WHOLE), second.get(WHOLE)}:
        return False
    both = {
        category: first.get(category, True) and second.get(category, True)
        for category in {**first, **second}
    }
    return both[WHOLE] if both.keys() == {WHOLE} else both


def _categories(
    answer: bool | dict[str, bool] | None,  # noqa: FBT001 a stored answer, not a flag
) -> dict[str, bool]:
    if isinstance(answer, dict):
        return answer
    return {} if answer is None else {WHOLE: answer}
