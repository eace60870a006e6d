"""Triggers on what is seen of a customer on a site or in an app."""

from collections.abc import Iterator
from decimal import Decimal
from typing import get_args

from engine.definitions.triggers import base
from engine.definitions.triggers.base import DAYS_MAX, BaseTrigger, Params
from engine.errors import Flaw
from engine.events import (
    CategoryViewed,
    OrderCompleted,
    PageViewed,
    ProductViewed,
    Tracked,
    TrackerEvent,
)
from engine.transactions import OrderPlaced, ReceiptIssued


class BrowseParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """Products looked at and left."""

    idle: str = "1h"
    min_views: int = 1
    """Different products, looked at within `window`."""
    window: str = "24h"
    categories: tuple[str, ...] = ()
    """Ids, those below them too; empty is any."""
    not_added: bool = True
    """Leave out what is in the cart."""
    not_purchased: bool = True
    """Leave out what was looked at before the last purchase."""

    def lengths(self) -> Iterator[tuple[str, str]]:
        """See `Params`."""
        yield "idle", self.idle
        yield "window", self.window

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from base.count_flaws("min_views", self.min_views, most=20)
        yield from base.list_flaws("categories", self.categories)


class BrowseAbandoned(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T03"):
    """Products were looked at, and nothing came of it: one firing with the list of them."""

    WATCHES = (ProductViewed,)

    params: BrowseParams = BrowseParams()


class SearchParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """A search that led to nothing."""

    event: str = "Products Searched"
    idle: str = "1h"

    def lengths(self) -> Iterator[tuple[str, str]]:
        """See `Params`."""
        yield "idle", self.idle

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from base.named_flaws("event", self.event)


class SearchAbandoned(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T06"):
    """Something was searched for, and nothing bought since."""

    WATCHES = (Tracked, OrderCompleted, OrderPlaced, ReceiptIssued)

    params: SearchParams = SearchParams()


class DaysParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """How long nobody was there."""

    days: int

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from base.count_flaws("days", self.days, most=DAYS_MAX)


class Dormant(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T24"):
    """So many days have passed since the last visit."""

    WATCHES = get_args(TrackerEvent)

    params: DaysParams


class Returned(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T25"):
    """Somebody came back after so many days."""

    WATCHES = get_args(TrackerEvent)

    params: DaysParams


class PageParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """Which pages."""

    url: str
    """A pattern: `*` is any text, `https://shop.example/sale/*`."""

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from base.named_flaws("url", self.url)


class PageSeen(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T27"):
    """A page or a section of the site was looked at."""

    WATCHES = (PageViewed,)

    params: PageParams


class ProductParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """Which products; what is empty is any."""

    products: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    """Ids, those below them too."""
    min_price: Decimal | None = None
    max_price: Decimal | None = None

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from base.list_flaws("products", self.products)
        yield from base.list_flaws("categories", self.categories)
        yield from base.range_flaws(self.min_price, self.max_price, names="price")


class ProductSeen(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T28"):
    """A product was looked at."""

    WATCHES = (ProductViewed,)

    params: ProductParams = ProductParams()


class CategorySeenParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """Which categories; empty is any."""

    categories: tuple[str, ...] = ()
    include_children: bool = True

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from base.list_flaws("categories", self.categories)


class CategorySeen(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T29"):
    """The products of a category were looked at."""

    WATCHES = (CategoryViewed,)

    params: CategorySeenParams = CategorySeenParams()


class CustomEventParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """An event of this name, as the source calls it, in any case."""

    event: str

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from base.named_flaws("event", self.event)


class CustomEvent(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T31"):
    """An event of the shop's own, or any other of a tracker."""

    WATCHES = get_args(TrackerEvent)

    params: CustomEventParams
