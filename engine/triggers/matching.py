"""Which products and amounts a trigger is about; an empty list is for all."""

import fnmatch
from collections.abc import Iterable, Sequence
from decimal import Decimal

from engine.catalogue.shelf import Catalogue
from engine.products import Product


def is_listed(value: str | None, wanted: Sequence[str]) -> bool:
    """Whether a value is one of those wanted."""
    return not wanted or value in wanted


def is_within(
    category: str | None, wanted: Sequence[str], catalogue: Catalogue, *, deep: bool = True
) -> bool:
    """Whether a category is one of those wanted, or below one of them."""
    if not wanted:
        return True
    if category is None:
        return False
    above = catalogue.lineage(category) if deep else [category]
    return any(one in wanted for one in above)


def is_bought(
    lines: Iterable[Product],
    products: Sequence[str],
    categories: Sequence[str],
    *,
    catalogue: Catalogue,
) -> bool:
    """Whether one line at least is of those wanted; what was given back is none."""
    if not products and not categories:
        return True
    return any(
        line.quantity > 0
        and is_listed(line.id, products)
        and is_within(catalogue.category_of(line), categories, catalogue)
        for line in lines
    )


def is_said(value: str | None, wanted: Sequence[str]) -> bool:
    """As `is_listed`, in any case."""
    return not wanted or (
        value is not None and value.casefold() in {one.casefold() for one in wanted}
    )


def is_like(text: str, pattern: str) -> bool:
    """Only `*` is special: addresses are full of question marks and brackets."""
    escaped = "".join(f"[{char}]" if char in "?[" else char for char in pattern)
    return fnmatch.fnmatchcase(text, escaped)


def is_between(amount: Decimal | None, low: Decimal | None, high: Decimal | None) -> bool:
    """Whether an amount lies between two bounds, both included; an unknown one lies nowhere."""
    if low is None and high is None:
        return True
    if amount is None:
        return False
    return (low is None or amount >= low) and (high is None or amount <= high)


def value(products: Iterable[Product]) -> Decimal:
    """Price times quantity of what has a price."""
    priced = (one.price * one.quantity for one in products if one.price is not None)
    return sum(priced, Decimal(0))
