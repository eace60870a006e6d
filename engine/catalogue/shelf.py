"""The fold of the catalogue's log, readable as it was at any offset that somebody decides under.

    log ──▶ newest version of each product and category ──▶ Catalogue at the end
              │ replaced
              ▼
            versions replaced lately ──────────────────────▶ Catalogue at an earlier offset

Copying a hundred thousand products for each change would take longer than the change is true, so a
`Catalogue` is a window: it looks up the version that stood at its offset. What it answers never
changes, since a later record only ever adds a version.
"""

from collections import deque
from typing import Final, TypeVar

from engine.catalogue.items import Category, Item, Listing, item_of, key_of, listed_of
from engine.events import Listed
from engine.products import Product

REPLACED_MAX: Final = 100_000
"""Replaced versions kept, about 60 MB. Who decides under an offset further back does not find
what was replaced before, as after a compaction of the log. That is not two decisions about one
thing: what is decided then has never been written."""

DEPTH_MAX: Final = 20
"""Of the category tree; a deeper one, and a circle, ends there."""

ItemT = TypeVar("ItemT", bound=Item)


class Shelf:
    """Grows with the log: one writer, and windows that read."""

    def __init__(self, *, replaced_max: int = REPLACED_MAX) -> None:
        self.offset = -1
        """The last one folded."""
        self.listings: dict[str, Listing] = {}
        self.categories: dict[str, Category] = {}
        self.replaced_listings: dict[str, list[Listing]] = {}
        self.replaced_categories: dict[str, list[Category]] = {}
        self._outvoted: dict[str, Listing | Category] = {}
        self._replaced: deque[Listing | Category] = deque()
        self._replaced_max = replaced_max

    def apply(self, listed: Listed | None, *, offset: int) -> bool:
        """Fold the next record; None is one that cannot be read. True: something changed.

        The newest by source time stands; of two said at one time the later in the log, which is
        the one that compaction keeps.

        Raises:
            ValueError: the offset is not above the last one.
        """
        if offset <= self.offset:
            raise ValueError(f"offset {offset} after {self.offset}")
        self.offset = offset
        if listed is None:
            return False
        item = item_of(listed, offset=offset)
        key = key_of(item)
        known = self._known(item)
        if known is not None and known.updated_at > item.updated_at:
            self._outvoted[key] = known
            return False
        self._outvoted.pop(key, None)
        if known is not None:
            self._keep(known)
        if isinstance(item, Category):
            self.categories[item.id] = item
        else:
            self.listings[item.id] = item
        return True

    def at(self, offset: int) -> "Catalogue":
        """The catalogue as it stood there.

        Raises:
            LookupError: the fold has not come that far.
        """
        if offset > self.offset:
            raise LookupError(f"folded up to {self.offset}, asked for {offset}")
        return Catalogue(self, offset)

    def outvoted(self) -> list[Listed]:
        """What is true of each key whose last record is older than another one before it.

        Compaction would take the true one and leave the other: they are to be appended again.
        """
        return [listed_of(item) for item in self._outvoted.values()]

    def _known(self, item: Listing | Category) -> Listing | Category | None:
        if isinstance(item, Category):
            return self.categories.get(item.id)
        return self.listings.get(item.id)

    def _keep(self, item: Listing | Category) -> None:
        if isinstance(item, Category):
            self.replaced_categories.setdefault(item.id, []).append(item)
        else:
            self.replaced_listings.setdefault(item.id, []).append(item)
        self._replaced.append(item)
        if len(self._replaced) > self._replaced_max:
            self._forget(self._replaced.popleft())

    def _forget(self, item: Listing | Category) -> None:
        """The version replaced first is the first of its list."""
        if isinstance(item, Category):
            _without_first(self.replaced_categories, item.id)
        else:
            _without_first(self.replaced_listings, item.id)


class Catalogue:
    """The products and categories as they stood at one offset of the log."""

    __slots__ = ("_shelf", "offset")

    def __init__(self, shelf: Shelf, offset: int) -> None:
        self._shelf = shelf
        self.offset = offset

    def at(self, offset: int) -> "Catalogue":
        """The same at an earlier offset; see `Shelf.at`."""
        return self._shelf.at(offset)

    def product(self, product_id: str) -> Listing | None:
        """A product; None for one that was not listed then."""
        shelf = self._shelf
        return _at(self.offset, product_id, shelf.listings, shelf.replaced_listings)

    def category(self, category_id: str) -> Category | None:
        """A category; None for one that was not listed then."""
        shelf = self._shelf
        return _at(self.offset, category_id, shelf.categories, shelf.replaced_categories)

    def category_of(self, product: Product) -> str | None:
        """The product's category: the catalogue's word, else what the event says of it."""
        listing = self.product(product.id)
        if listing is not None and listing.category_id is not None:
            return listing.category_id
        return product.category

    def lineage(self, category_id: str) -> list[str]:
        """The category and those above it, itself first; one that is not listed stands alone."""
        found = [category_id]
        while len(found) < DEPTH_MAX:
            category = self.category(found[-1])
            if category is None or category.parent_id is None or category.parent_id in found:
                break
            found.append(category.parent_id)
        return found


def empty() -> Catalogue:
    """Nothing listed, before the first record."""
    return Shelf().at(-1)


def _at(
    offset: int, item_id: str, newest: dict[str, ItemT], replaced: dict[str, list[ItemT]]
) -> ItemT | None:
    item = newest.get(item_id)
    if item is None or item.offset <= offset:
        return item
    for older in reversed(replaced.get(item_id, ())):
        if older.offset <= offset:
            return older
    return None


def _without_first(replaced: dict[str, list[ItemT]], item_id: str) -> None:
    versions = replaced[item_id]
    del versions[0]
    if not versions:
        del replaced[item_id]
