"""Consent in three states: yes, no, unknown until said. By channel, and by category within it.

What counts is when an answer was given, not when it arrived. A word on a whole channel takes the
place of what was said of its categories until then; a later word on a category stands beside it.
Of two answers of the same instant the no stands: a message to somebody who said no is the worse
mistake. So joining answers is commutative, associative and idempotent: no order of deliveries, no
repetition and no merge of two identities changes what comes out.
"""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

import msgspec

from engine.declarations import ConsentOrigin, Subscriptions

Consent: TypeAlias = Literal["yes", "no", "unknown"]

WHOLE: Final = ""
"""Stands for the channel as a whole beside its categories."""

CHANNELS_MAX: Final = 20
"""Channels of one customer; what is said of more is left out, so they stay unknown."""

CATEGORIES_MAX: Final = 100
"""Of one channel, about 40 bytes each."""

NEVER: Final = -1
"""When an answer was given that is older than the times we keep."""


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """One yes or no, and where it comes from."""

    is_yes: bool
    at: int
    """Epoch ms, by the source."""
    origin: ConsentOrigin = "customer"


Answers: TypeAlias = dict[str, dict[str, Answer]]
"""By channel and category; the channel as a whole under `WHOLE`."""


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


def answers(said: Subscriptions, *, at: int, origin: ConsentOrigin) -> Answers:
    """Date what was said."""
    return {
        channel: {
            category: Answer(is_yes, at, origin)
            for category, is_yes in ({WHOLE: word} if isinstance(word, bool) else word).items()
        }
        for channel, word in said.items()
    }


def known(subscriptions: Subscriptions, dated: Answers) -> Answers:
    """The answers of a row; a channel of an older row, which kept no times, has it `NEVER`."""
    undated = {channel: word for channel, word in subscriptions.items() if channel not in dated}
    return {**answers(undated, at=NEVER, origin="customer"), **dated} if undated else dated


def joined(one: Answers, other: Answers) -> Answers:
    """What stands of both."""
    result = dict(one)
    for channel, said in other.items():
        if channel in result or len(result) < CHANNELS_MAX:
            found = _joined(result.get(channel, {}), said)
            if found:
                result[channel] = found
    return result


def subscriptions(dated: Answers) -> Subscriptions:
    """The same without times, as it goes out."""
    return {channel: _undated(said) for channel, said in dated.items()}


def _joined(one: Mapping[str, Answer], other: Mapping[str, Answer]) -> dict[str, Answer]:
    both = dict(one)
    for category, answer in other.items():
        before = both.get(category)
        if before is None or _rank(answer) > _rank(before):
            both[category] = answer
    whole = both.get(WHOLE)
    if whole is not None:
        both = {
            category: answer
            for category, answer in both.items()
            if category == WHOLE or _outlives(answer, whole)
        }
    return _bounded(both)


def _rank(answer: Answer) -> tuple[int, bool, str]:
    return answer.at, not answer.is_yes, answer.origin


def _outlives(answer: Answer, whole: Answer) -> bool:
    """Said after the word on the channel, or, at the same instant, against it."""
    return answer.at > whole.at or (answer.at == whole.at and whole.is_yes and not answer.is_yes)


def _bounded(said: dict[str, Answer]) -> dict[str, Answer]:
    """At the cap an old yes is forgotten, never a no that a yes to the channel would undo."""
    categories = sorted(
        (category for category in said if category != WHOLE),
        key=lambda category: (not said[category].is_yes, said[category].at, category),
    )
    surplus = categories[: max(len(categories) - CATEGORIES_MAX, 0)]
    if not surplus:
        return said
    whole = said.get(WHOLE)
    lost = [said[category] for category in surplus if not said[category].is_yes]
    kept = {category: answer for category, answer in said.items() if category not in surplus}
    if lost and whole is not None and whole.is_yes:
        # Whoever said no to more than a hundred categories wants none of the channel.
        return {WHOLE: Answer(is_yes=False, at=max(answer.at for answer in said.values()))}
    return kept


def _undated(said: Mapping[str, Answer]) -> bool | dict[str, bool]:
    if said.keys() == {WHOLE}:
        return said[WHOLE].is_yes
    return {category: answer.is_yes for category, answer in said.items()}
