"""One visit: look around, perhaps fill a cart, perhaps buy."""

from typing import Final

from oncue.demo import tape as tapes
from oncue.demo.assortment import Assortment, Product
from oncue.demo.chance import Chance
from oncue.demo.tape import Basket, Tape

STEPS_LEAST: Final = 2
STEPS_ALPHA: Final = 1.15
STEPS_MOST: Final = 120
"""Clicks of a visit: half of the visits have no more than four, one in a hundred over eighty."""

BUYS_SHARE: Final = 0.3
"""Of the visits that filled a cart: seven carts in ten are left, as in most shops."""

_ADDS_SHARE: Final = 0.3
_REMOVES_SHARE: Final = 0.3
_VIEWS_CART_SHARE: Final = 0.6


class Visit:
    """Plays one visit onto a tape."""

    def __init__(
        self, chance: Chance, assortment: Assortment, *, tape: Tape, basket: Basket
    ) -> None:
        self._chance = chance
        self._assortment = assortment
        self._tape = tape
        self._basket = basket
        self._category: str | None = None

    def browse(self, *, fills_cart: bool) -> None:
        """Look around; whoever fills a cart has something in it at the end."""
        steps = self._chance.heavy_tailed(least=STEPS_LEAST, alpha=STEPS_ALPHA, most=STEPS_MOST)
        for _ in range(int(steps)):
            seen = self._step()
            if fills_cart and seen is not None and self._chance.happens(_ADDS_SHARE):
                self._add(seen)
        if fills_cart and not self._basket.items:
            self._add(self._look())

    def look_at_cart(self) -> None:
        """Take something out again, perhaps, and look at what is left."""
        if len(self._basket.items) > 1 and self._chance.happens(_REMOVES_SHARE):
            self._remove()
        if self._chance.happens(_VIEWS_CART_SHARE):
            self._view_cart()

    def come_back_to_buy(self, order_id: str) -> None:
        """Open the cart as it was left, and buy it."""
        self._view_cart()
        self.buy(order_id)

    def buy(self, order_id: str) -> None:
        """Go through the checkout; the cart is empty afterwards."""
        self._tape.think()
        properties = tapes.order(self._basket, order_id)
        self._tape.page("Checkout", "/checkout")
        self._tape.track("Checkout Started", properties)
        self._tape.think()
        self._tape.track("Order Completed", properties)
        self._basket.items.clear()

    def _step(self) -> Product | None:
        """One click; the product, if one is looked at."""
        roll = self._chance.random()
        if roll < 0.65:
            return self._look()
        self._tape.think()
        if roll < 0.80:
            self._list()
        elif roll < 0.87:
            wanted = self._assortment.wanted(self._chance)
            self._category = wanted.category
            self._tape.track("Products Searched", {"query": wanted.category.lower()})
        else:
            name = self._chance.one_of(("Offers", "About us", "Delivery", "Journal"))
            self._tape.page(name, "/" + name.lower().replace(" ", "-"))
        return None

    def _look(self) -> Product:
        self._tape.think()
        product = self._assortment.wanted(self._chance, category=self._category)
        self._tape.view(product)
        return product

    def _list(self) -> None:
        self._category = self._assortment.wanted(self._chance).category
        self._tape.track(
            "Product List Viewed",
            {"list_id": self._category.lower().replace(" ", "-"), "category": self._category},
        )

    def _add(self, product: Product) -> None:
        quantity = 1 if self._chance.happens(0.85) else 2 + int(self._chance.between(0, 3))
        self._basket.put(product, quantity)
        self._tape.track("Product Added", self._line(product, quantity))

    def _remove(self) -> None:
        product, quantity = self._basket.items.pop(next(iter(self._basket.items)))
        self._tape.think()
        self._tape.track("Product Removed", self._line(product, quantity))

    def _view_cart(self) -> None:
        self._tape.think()
        self._tape.page("Cart", "/cart")
        self._tape.track(
            "Cart Viewed",
            {"cart_id": self._basket.cart_id, "products": self._basket.lines()},
        )

    def _line(self, product: Product, quantity: int) -> dict[str, object]:
        cart_id = self._basket.cart_id
        return {"cart_id": cart_id, **product.properties(), "quantity": quantity}
