"""What was bought by product: the last baskets one by one, the older ones as counts.

A basket can be corrected, cancelled and given back while it stands alone. What the bounds cost:
30 products of 8 baskets and counts of 100 products, at ids of 10 characters about 6 KB.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

BASKETS_MAX: Final = 8
"""The oldest beyond it becomes part of the counts, and stays as it is."""

LINES_MAX: Final = 30
"""Products of one basket, those with the most pieces."""

PRODUCTS_MAX: Final = 100
"""Counted; the one with the fewest pieces leaves, of these the one not bought for longest."""

ID_CHARS_MAX: Final = 64
"""Of a product; one with a longer id is not counted."""


class Basket(msgspec.Struct, frozen=True, array_like=True):
    """One receipt, order or return."""

    key: bytes
    """As the ledger has it."""
    bought_at: int
    lines: tuple[tuple[str, int], ...]
    """Product and pieces, negative when given back."""
    is_counted: bool = True
    """Not cancelled, and not given back whole."""


class Baskets(msgspec.Struct, frozen=True, array_like=True):
    """All of a customer's, of receipts or of orders."""

    open: tuple[Basket, ...] = ()
    """By date."""
    counts: dict[str, tuple[int, int]] = {}
    """By product: pieces, and when last bought."""


def with_basket(baskets: Baskets, basket: Basket) -> Baskets:
    """Put it in; a version of it that stands alone is replaced."""
    others = [known for known in baskets.open if known.key != basket.key]
    return _bounded(Baskets((*others, basket), baskets.counts))


def lines(bought: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """Pieces by product, as many products as are kept."""
    found: dict[str, int] = {}
    for product_id, pieces in bought:
        if len(product_id) <= ID_CHARS_MAX:
            found[product_id] = found.get(product_id, 0) + pieces
    return tuple(sorted(found.items(), key=lambda line: (-abs(line[1]), line[0]))[:LINES_MAX])


def joined(one: Baskets, other: Baskets) -> Baskets:
    """Those of two identities of one person; a basket of both is one."""
    known = {basket.key: basket for basket in (*other.open, *one.open)}
    counts = dict(one.counts)
    for product_id, (pieces, at) in other.counts.items():
        _add(counts, product_id, pieces, at)
    return _bounded(Baskets(tuple(known.values()), counts))


def favourites(baskets: Baskets, *, count: int) -> tuple[str, ...]:
    """The most bought first, of as many the last bought, of these by id."""
    counts = dict(baskets.counts)
    for basket in baskets.open:
        _count(counts, basket)
    ranked = sorted(counts.items(), key=lambda item: (-item[1][0], -item[1][1], item[0]))
    return tuple(product_id for product_id, (pieces, _) in ranked[:count] if pieces > 0)


def _bounded(baskets: Baskets) -> Baskets:
    by_date = sorted(baskets.open, key=lambda basket: (basket.bought_at, basket.key))
    closed, still_open = by_date[:-BASKETS_MAX], by_date[-BASKETS_MAX:]
    counts = dict(baskets.counts)
    for basket in closed:
        _count(counts, basket)
    while len(counts) > PRODUCTS_MAX:
        del counts[min(counts, key=lambda product_id: (*counts[product_id], product_id))]
    return Baskets(tuple(still_open), counts)


def _count(counts: dict[str, tuple[int, int]], basket: Basket) -> None:
    if basket.is_counted:
        for product_id, pieces in basket.lines:
            _add(counts, product_id, pieces, basket.bought_at if pieces > 0 else 0)


def _add(counts: dict[str, tuple[int, int]], product_id: str, pieces: int, at: int) -> None:
    had, last_at = counts.get(product_id, (0, 0))
    counts[product_id] = (had + pieces, max(last_at, at))
