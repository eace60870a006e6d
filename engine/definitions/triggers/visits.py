"""Triggers on what is seen of a customer on a site or in an app."""

from collections.abc import Iterator
from decimal import Decimal
from typing import get_args

from engine.commands import Activated
from engine.definitions.triggers import base
from engine.definitions.triggers.base import DAYS_MAX, BaseTrigger, ClockParams, Params
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
    query_filter: str | None = None
    """A pattern of `properties.query`, in any case: `*` is any text."""
    zero_results_only: bool = False
    """`properties.results` or `results_count` says none."""

    def lengths(self) -> Iterator[tuple[str, str]]:
        """See `Params`."""
        yield "idle", self.idle

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from base.named_flaws("event", self.event)
        if self.query_filter is not None:
            yield from base.named_flaws("query_filter", self.query_filter)


class SearchAbandoned(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T06"):
    """Something was searched for, and nothing bought since."""

    WATCHES = (Tracked, OrderCompleted, OrderPlaced, ReceiptIssued)

    params: SearchParams = SearchParams()


class VisitParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """Which visits; what is empty is any."""

    source: str | None = None
    """Name of the write key."""
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    landing: str | None = None
    """A pattern of the address where it begins, as of T27."""
    identified_only: bool = False

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        for name in ("source", "utm_source", "utm_medium", "utm_campaign", "landing"):
            value = getattr(self, name)
            if value is not None:
                yield from base.named_flaws(name, value)


class VisitBegan(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T26"):
    """Somebody came, after half an hour of silence at least."""

    WATCHES = get_args(TrackerEvent)

    params: VisitParams = VisitParams()


class DormancyParams(ClockParams, frozen=True, kw_only=True, omit_defaults=True):
    """How long nobody was there."""

    days: int
    source: str | None = None
    """Name of the write key; None is any."""

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from super().flaws()
        yield from base.count_flaws("days", self.days, most=DAYS_MAX)


class Dormant(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T24"):
    """So many days have passed since the last visit."""

    WATCHES = (*get_args(TrackerEvent), Activated)

    params: DormancyParams


class AbsenceParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """How long somebody was away."""

    absence_days: int
    source: str | None = None
    """Name of the write key; None is any."""

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from base.count_flaws("absence_days", self.absence_days, most=DAYS_MAX)


class Returned(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T25"):
    """Somebody came back after so many days."""

    WATCHES = get_args(TrackerEvent)

    params: AbsenceParams


class PageParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """Which pages."""

    url: str
    """A pattern: `*` is any text, `https://shop.example/sale/*`."""
    min_seconds: int = 0
    """Only if the page says that it was open so long: `properties.seconds`."""
    times: int = 1
    """So often within `window`; then it is counted anew."""
    window: str = "24h"

    def lengths(self) -> Iterator[tuple[str, str]]:
        """See `Params`."""
        yield "window", self.window

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from base.named_flaws("url", self.url)
        yield from base.times_flaws("times", self.times)
        if not 0 <= self.min_seconds <= 86_400:
            yield Flaw(path="min_seconds", message="from 0 to 86400")


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
    times: int = 1
    window: str = "24h"

    def lengths(self) -> Iterator[tuple[str, str]]:
        """See `Params`."""
        yield "window", self.window

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from base.list_flaws("products", self.products)
        yield from base.list_flaws("categories", self.categories)
        yield from base.range_flaws(self.min_price, self.max_price, names="price")
        yield from base.times_flaws("times", self.times)


class ProductSeen(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T28"):
    """A product was looked at."""

    WATCHES = (ProductViewed,)

    params: ProductParams = ProductParams()


class CategorySeenParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """Which categories; empty is any."""

    categories: tuple[str, ...] = ()
    include_children: bool = True
    times: int = 1
    window: str = "24h"

    def lengths(self) -> Iterator[tuple[str, str]]:
        """See `Params`."""
        yield "window", self.window

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from base.list_flaws("categories", self.categories)
        yield from base.times_flaws("times", self.times)


class CategorySeen(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T29"):
    """The products of a category were looked at."""

    WATCHES = (CategoryViewed,)

    params: CategorySeenParams = CategorySeenParams()
