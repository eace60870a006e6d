"""What may be asked of carts and of bonuses that expire."""

from collections.abc import Iterator
from typing import Final, assert_never

from engine import dates
from engine.conditions.checks import NUMBERS
from engine.errors import Flaw
from engine.rules import comparing, held, periods

_SPAN: Final = 'a span like "30m", "12h" or "7d"'


def span_ms(text: object) -> int | None:
    """A span without months, in milliseconds; None of anything else."""
    if not isinstance(text, str):
        return None
    try:
        found = dates.span(text)
    except ValueError:
        return None
    return None if found.months else found.ms


def flaws(rule: held.Held) -> Iterator[Flaw]:
    """What is wrong with one node, its path beginning at the node."""
    match rule:
        case held.Bonus():
            yield from comparing.number_flaws(rule.comparison, rule.value)
            yield from _expiring_flaws(rule)
        case held.CartIs():
            yield from _cart_flaws(rule)
        case held.InterestIs() | held.PromoIs():
            yield from comparing.number_flaws(rule.comparison, rule.value)
        case held.Messaged():
            yield from comparing.number_flaws(rule.comparison, rule.value)
            yield from periods.flaws(rule.window)
        case _:
            assert_never(rule)


def _cart_flaws(rule: held.CartIs) -> Iterator[Flaw]:
    """Pieces and value are numbers; idle is compared with a span."""
    if rule.what != "idle":
        yield from comparing.number_flaws(rule.comparison, rule.value)
        return
    if rule.comparison not in NUMBERS:
        takes = ", ".join(sorted(NUMBERS))
        yield Flaw(path="is", message=f"how long a cart is idle takes one of {takes}")
    if span_ms(rule.value) is None:
        yield Flaw(path="value", message=_SPAN)


def _expiring_flaws(rule: held.Bonus) -> Iterator[Flaw]:
    """What expires needs to know how far ahead, the others must not."""
    if rule.kind == "expiring" and span_ms(rule.within) is None:
        yield Flaw(path="within", message=f"within which time they expire: {_SPAN}")
    if rule.kind != "expiring" and rule.within is not None:
        message = 'only of kind "expiring": leave it out'
        yield Flaw(path="within", message=message)
