"""What the shop sells."""

from decimal import Decimal
from typing import Final

import msgspec

from oncue.demo.chance import Chance, Ranked

SHOP: Final = "https://shop.example"
CURRENCY: Final = "EUR"
PRODUCTS_PER_CATEGORY: Final = 30
DEAREST: Final = 900
"""Euros."""

_TYPICAL_PRICES: Final = {
    "Tea": 9,
    "Coffee": 14,
    "Chocolate": 6,
    "Mugs": 16,
    "Teapots": 38,
    "Grinders": 85,
    "Kettles": 60,
    "Espresso machines": 320,
}
"""In euros; prices spread around them."""

_FIRST: Final = ("Harbour", "Meadow", "Copper", "Cloud", "North", "Amber", "Quiet", "Garden")
_SECOND: Final = ("Morning", "Classic", "Reserve", "Light", "No. 5", "Dark", "Duo", "Studio")


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """One article; two of them are the same if their ids are."""

    id: str
    name: str
    category: str
    price: Decimal

    @property
    def url(self) -> str:
        """Its page."""
        return f"{SHOP}/products/{self.id}"

    def properties(self) -> dict[str, object]:
        """As a tracker names it."""
        return {
            "product_id": self.id,
            "name": self.name,
            "category": self.category,
            "price": self.price,
            "currency": CURRENCY,
            "url": self.url,
            "image_url": f"{SHOP}/images/{self.id}.jpg",
        }


class Assortment:
    """Every product, some far more wanted than others."""

    def __init__(self, chance: Chance) -> None:
        products = [
            Product(
                id=f"{_slug(category)}-{number:02d}",
                name=f"{chance.one_of(_FIRST)} {chance.one_of(_SECOND)} {category}",
                category=category,
                price=_price(chance, typical),
            )
            for category, typical in _TYPICAL_PRICES.items()
            for number in range(1, PRODUCTS_PER_CATEGORY + 1)
        ]
        self.products = products
        by_popularity = list(products)
        chance.shuffle(by_popularity)
        self._ranked = Ranked(by_popularity, steep=0.9)
        self._by_category = {
            category: Ranked(
                [product for product in by_popularity if product.category == category], steep=0.9
            )
            for category in _TYPICAL_PRICES
        }

    def wanted(self, chance: Chance, *, category: str | None = None) -> Product:
        """Draw what somebody looks at; within a category, or anywhere."""
        ranked = self._ranked if category is None else self._by_category[category]
        return ranked.draw(chance)


def _price(chance: Chance, typical: int) -> Decimal:
    euros = max(2, int(chance.skewed(median=typical, spread=0.45, most=DEAREST)))
    return Decimal(euros) - chance.one_of((Decimal("0.10"), Decimal("0.50"), Decimal("0.01")))


def _slug(category: str) -> str:
    return category.lower().replace(" ", "-")
