"""What a decision rests on: kept beside its reason, bounded, and enough to decide again.

    place of a rule, its verdict ──▶ operands by node     `engine.judging.compiling.traced`
    what a check looked at       ──▶ saw                  `engine.journeys.findings`
    the arms of the run          ──▶ arms

Only what was asked is here: a rule stops at the first answer that settles it, and what it read
until then gives the same verdict when it is asked again.
"""

from typing import Final, TypeAlias

import msgspec

WHY_MAX_BYTES: Final = 4_096
"""As JSON. A decision of a rule with five questions has about 300; one with more than fit loses
the operands of its largest rules, and keeps their verdicts."""

RULES_MAX: Final = 20
"""Rules of one decision, the last asked: what led there before stands with the decision before."""

ARMS_MAX: Final = 8
"""Of one run, the last dealt; about 40 bytes each."""

Saw: TypeAlias = dict[str, str | int | bool | None]


class Asked(msgspec.Struct, frozen=True, array_like=True):
    """A rule that decided, and what its nodes read."""

    place: str
    """In the campaign: `triggers.t.audience`, `steps.s1.if`, `exit.paid.if`."""
    verdict: bool
    operands: dict[str, object] | None
    """By node, as JSON holds them; None: too large to keep."""


class Why(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All of it."""

    now: int
    """Epoch ms: the instant the rules were asked at."""
    rules: tuple[Asked, ...] = ()
    """In the order they were asked."""
    saw: Saw = {}
    """What a check of ours looked at, counters with their limits among it, by name."""
    arms: dict[str, str] = {}
    """Of the run so far, by experiment."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing was left out for want of room."""
        return all(asked.operands is not None for asked in self.rules)


def of(
    *, now: int, rules: tuple[Asked, ...] = (), saw: Saw | None = None, arms: dict[str, str]
) -> Why | None:
    """Put it together, within the bound; None where there is nothing."""
    if not rules and not saw and not arms:
        return None
    return bounded(Why(now=now, rules=rules[-RULES_MAX:], saw=saw or {}, arms=arms))


def bounded(why: Why) -> Why:
    """The same within `WHY_MAX_BYTES`."""
    while _size(why) > WHY_MAX_BYTES:
        why = _less(why)
    return why


def _less(why: Why) -> Why:
    """Operands go first, the largest of them, then the oldest rules; names of any length last."""
    sizes = [0 if one.operands is None else _size(one.operands) for one in why.rules]
    if any(sizes):
        place = sizes.index(max(sizes))
        cut = Asked(why.rules[place].place, why.rules[place].verdict, None)
        rules = (*why.rules[:place], cut, *why.rules[place + 1 :])
        return msgspec.structs.replace(why, rules=rules)
    if why.rules:
        return msgspec.structs.replace(why, rules=why.rules[1:])
    return Why(now=why.now, saw=why.saw) if why.arms else Why(now=why.now)


def with_arm(arms: dict[str, str], experiment: str, arm: str) -> dict[str, str]:
    """One more, the newest last."""
    others = {name: known for name, known in arms.items() if name != experiment}
    return {**dict(list(others.items())[-(ARMS_MAX - 1) :]), experiment: arm}


def _size(value: object) -> int:
    return len(msgspec.json.encode(value))
