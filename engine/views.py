"""Products looked at, the last ones only."""

from collections.abc import Iterable

import msgspec

from engine.customer import RECENT_VIEWS_MAX, Customer, View
from engine.events import ProductViewed


def view(customer: Customer, event: ProductViewed) -> Customer:
    """Remember when the product was looked at last; the oldest beyond the cap leaves."""
    newest = View(
        product_id=event.product.id,
        category=event.product.category,
        viewed_at=event.occurred_at,
    )
    return msgspec.structs.replace(customer, views=_with(customer.views, newest))


def merged(known: Iterable[View], others: Iterable[View]) -> tuple[View, ...]:
    """Each product once, at its last time, in the order of time whatever that of arrival."""
    found: dict[str, View] = {}
    for one in sorted((*known, *others), key=_order):
        found.pop(one.product_id, None)
        found[one.product_id] = one
    return tuple(found.values())[-RECENT_VIEWS_MAX:]


def _with(known: tuple[View, ...], newest: View) -> tuple[View, ...]:
    """As `merged`; but nearly every view is the last one, and needs no sorting."""
    if known and _order(newest) < _order(known[-1]):
        return merged(known, (newest,))
    others = [one for one in known if one.product_id != newest.product_id]
    return (*others, newest)[-RECENT_VIEWS_MAX:]


def _order(one: View) -> tuple[int, str, str]:
    return one.viewed_at, one.product_id, one.category or ""
