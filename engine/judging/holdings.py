"""Questions about what a customer holds: carts, interests, bonuses, promo codes, messages."""

import math
from collections.abc import Iterator
from decimal import Decimal
from typing import assert_never

from engine import carts, interests, windows
from engine.conditions import evaluation, numbers
from engine.interests import Bounds
from engine.judging.leaves import Leaf, Moment, Value, plain
from engine.rules import held, holdings

DECIMALS = 6
"""Of an interest's strength, so that both evaluators find the same number."""


def leaf(node: held.Held) -> Leaf:
    """Compile one question."""
    match node:
        case held.Bonus():
            return bonus(node)
        case held.CartIs():
            return cart(node)
        case held.InterestIs():
            return interest(node)
        case held.Messaged():
            return message(node)
        case held.PromoIs():
            return promo(node)
        case _:
            assert_never(node)


def cart(node: held.CartIs) -> Leaf:
    """Pieces, value or idle time of a container."""
    read = {"items": _pieces, "value": _worth, "idle": _idle_ms}[node.what]
    limit_ms = holdings.span_ms(node.value)
    wanted = limit_ms if node.what == "idle" else node.value
    test = evaluation.tested(node.comparison, wanted)

    def edges(moment: Moment) -> Iterator[int]:
        known = moment.customer.containers.get(node.container)
        if known is None:
            return
        if node.container == carts.CART:
            yield known.changed_at + carts.EXPIRES_MS + 1
        if node.what == "idle" and limit_ms is not None:
            yield from (known.changed_at + limit_ms, known.changed_at + limit_ms + 1)

    return Leaf(
        str(node.id),
        lambda m: read(m, node.container),
        lambda value, _: test(value),
        edges,
    )


def _pieces(moment: Moment, container: str) -> Value:
    cart = carts.live(moment.customer, container, at=moment.now)
    return sum(item.product.quantity for item in cart.items)


def _worth(moment: Moment, container: str) -> Value:
    return plain(carts.value(carts.live(moment.customer, container, at=moment.now)))


def _idle_ms(moment: Moment, container: str) -> Value:
    cart = carts.live(moment.customer, container, at=moment.now)
    return max(0, moment.now - cart.changed_at) if cart.items else None


def interest(node: held.InterestIs) -> Leaf:
    """The strength of the interest that stands, to six decimals."""
    test = evaluation.tested(node.comparison, node.value)

    def read(moment: Moment) -> Value:
        window_ms = moment.definitions.settings.interest_ms
        known = moment.customer.interests.get(node.category)
        if window_ms is None or known is None:
            return None
        bounds = Bounds(moment.now, window_ms)
        bought_at = moment.customer.bought_in.get(node.category, -1)
        if bounds.is_over(known.last_at) or known.last_at <= bought_at:
            return None
        return plain(round(Decimal(interests.strength(known, bounds)), DECIMALS))

    def edges(moment: Moment) -> Iterator[int]:
        window_ms = moment.definitions.settings.interest_ms
        known = moment.customer.interests.get(node.category)
        if window_ms is None or known is None:
            return
        yield known.last_at + window_ms
        for asked in node.value if isinstance(node.value, tuple) else (node.value,):
            yield from _fades_to(known.score, known.last_at, window_ms, numbers.exact(asked))

    return Leaf(str(node.id), read, lambda value, _: test(value), edges)


def _fades_to(score: float, at: int, window_ms: int, asked: Decimal | None) -> Iterator[int]:
    """When the rounded strength comes to what is asked, and leaves it."""
    for slack in (-5e-7, 5e-7):
        limit = 0 if asked is None else float(asked) + slack
        if 0 < limit < score:
            age_ms = math.floor(window_ms / 2 * math.log2(score / limit))
            yield from (at + age_ms + tick for tick in range(-2, 4))


def message(node: held.Messaged) -> Leaf:
    """How many of the messages a row remembers."""
    window = None if node.window is None else windows.parsed(node.window)
    test = evaluation.tested(node.comparison, node.value)

    def buckets(moment: Moment) -> Iterator[int]:
        for sent in moment.customer.messages:
            if node.channel not in {None, sent.channel} or node.campaign not in {
                None,
                sent.campaign,
            }:
                continue
            if node.outcome == "decided" or node.outcome in sent.responses:
                yield 0 if window is None else window.bucket(sent.decided_at)

    def read(moment: Moment) -> Value:
        outside = -1 if window is None else window.last_outside(moment.now)
        return sum(1 for bucket in buckets(moment) if bucket > outside)

    def edges(moment: Moment) -> Iterator[int]:
        if window is not None:
            yield from (window.leaves_at(bucket) for bucket in buckets(moment))

    return Leaf(str(node.id), read, lambda value, _: test(value), edges)


def promo(node: held.PromoIs) -> Leaf:
    """How many promo codes of a group."""
    test = evaluation.tested(node.comparison, node.value)

    def expiries(moment: Moment) -> list[int | None]:
        return [
            code.expires_at
            for code in moment.customer.promo_codes
            if node.group in {None, code.group} and (node.state == "issued" or code.used_at is None)
        ]

    def read(moment: Moment) -> Value:
        found = expiries(moment)
        if node.state == "issued":
            return len(found)
        return sum(1 for at in found if at is None or at > moment.now)

    def edges(moment: Moment) -> Iterator[int]:
        if node.state == "valid":
            yield from (at for at in expiries(moment) if at is not None)

    return Leaf(str(node.id), read, lambda value, _: test(value), edges)


def bonus(node: held.Bonus) -> Leaf:
    """A balance of the loyalty programme, or what of it expires soon."""
    test = evaluation.tested(node.comparison, node.value)
    within_ms = holdings.span_ms(node.within) or 0

    def balance(moment: Moment) -> Value:
        loyalty = moment.customer.loyalty
        if loyalty is None:
            return None
        if node.kind == "expiring":
            ahead = [one for one in loyalty.expiring if 0 < one.at - moment.now <= within_ms]
            return plain(sum((one.amount for one in ahead), Decimal(0)))
        return plain(loyalty.active if node.kind == "active" else loyalty.pending)

    def edges(moment: Moment) -> Iterator[int]:
        loyalty = moment.customer.loyalty
        if loyalty is not None and node.kind == "expiring":
            for one in loyalty.expiring:
                yield from (one.at - within_ms, one.at)

    return Leaf(str(node.id), balance, lambda value, _: test(value), edges)
