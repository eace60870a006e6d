"""Triggers on containers: the cart, the wishlist, any other."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from engine.definitions.triggers import base
from engine.definitions.triggers.base import BaseTrigger, Params
from engine.errors import Flaw
from engine.events import CartItemAdded, CartItemRemoved, CartReplaced, OrderCompleted
from engine.transactions import OrderPlaced, ReceiptIssued

_CHANGES = (CartItemAdded, CartItemRemoved, CartReplaced)
_PURCHASES = (OrderCompleted, OrderPlaced, ReceiptIssued)


class AbandonmentParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """A container idle for `idle`, not completed by a purchase."""

    container: str = "cart"
    idle: str = "30m"
    min_items: int = 1
    """Different products."""
    min_value: Decimal | None = None
    """Of all items that have a price."""
    currency: str | None = None
    """Of the cart; None is any."""
    completed_by: Literal["web_order", "order", "receipt", "any"] = "any"
    match: Literal["same_cart", "any_purchase"] = "any_purchase"
    reset_on: Literal["any_change", "add"] = "add"

    def lengths(self) -> Iterator[tuple[str, str]]:
        """See `Params`."""
        yield "idle", self.idle

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from base.named_flaws("container", self.container)
        yield from base.count_flaws("min_items", self.min_items, most=100)
        yield from base.range_flaws(self.min_value, None, names="value")


class CartAbandoned(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T01"):
    """A filled container that nobody touched for a while."""

    WATCHES = (*_CHANGES, *_PURCHASES)

    params: AbandonmentParams = AbandonmentParams()


class WaitingParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """How long something has been in a container."""

    container: str = "wishlist"
    after: str = "7d"

    def lengths(self) -> Iterator[tuple[str, str]]:
        """See `Params`."""
        yield "after", self.after

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from base.named_flaws("container", self.container)


class ItemWaiting(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T07"):
    """An item has been in a container for so long, and still is."""

    WATCHES = (*_CHANGES, *_PURCHASES)

    params: WaitingParams = WaitingParams()


class ContainerParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """What is done with which product."""

    container: str = "cart"
    action: Literal["added", "removed"] = "added"
    products: tuple[str, ...] = ()
    """Ids; empty is any."""
    categories: tuple[str, ...] = ()
    """Ids, those below them too; empty is any."""
    min_value: Decimal | None = None
    """Price times quantity of what is added or removed."""

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from base.named_flaws("container", self.container)
        yield from base.list_flaws("products", self.products)
        yield from base.list_flaws("categories", self.categories)
        yield from base.range_flaws(self.min_value, None, names="value")


class ContainerChanged(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T08"):
    """A product was put into a container, or taken out."""

    WATCHES = (CartItemAdded, CartItemRemoved)

    params: ContainerParams = ContainerParams()
