"""Triggers on what was looked at and left: categories, or whatever of both is the stronger."""

from collections.abc import Iterator
from typing import Literal, TypeAlias

from engine.definitions.triggers.base import BaseTrigger
from engine.definitions.triggers.visits import BrowseParams
from engine.errors import Flaw
from engine.events import CategoryViewed, ProductViewed

Looked: TypeAlias = Literal["product", "category"]


class CategoryBrowseParams(BrowseParams, frozen=True, kw_only=True, omit_defaults=True):
    """As of products; `min_views` are those of one category."""

    include_children: bool = True


class CategoryBrowseAbandoned(
    BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T04"
):
    """Categories were looked at, and nothing came of it: one firing with the list of them."""

    WATCHES = (ProductViewed, CategoryViewed)

    params: CategoryBrowseParams = CategoryBrowseParams()


class LostViewParams(CategoryBrowseParams, frozen=True, kw_only=True, omit_defaults=True):
    """As of products and categories."""

    priority: tuple[Looked, ...] = ("product", "category")
    """What is the stronger; the first of which enough was looked at fires."""

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from super().flaws()
        if not self.priority or len(set(self.priority)) != len(self.priority):
            yield Flaw(path="priority", message="product, category or both, each once")


class LostView(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T05"):
    """Something was looked at and left: one firing for the strongest view."""

    WATCHES = (ProductViewed, CategoryViewed)

    params: LostViewParams = LostViewParams()
