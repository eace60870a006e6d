"""What the tracker in one visitor's browser sends, message after message."""

from typing import Final

import msgspec

from oncue.demo.assortment import CURRENCY, SHOP, Product
from oncue.demo.chance import Chance
from oncue.demo.people import Visitor
from oncue.formats import instants

THINKING_MEDIAN_S: Final = 18
THINKING_MOST_S: Final = 600
"""Between two clicks; who stays away longer comes back in another visit."""


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """A message and its instant, epoch ms."""

    at: int
    message: dict[str, object]


class Basket:
    """A visitor's cart as the shop shows it; it outlives the visit."""

    def __init__(self, cart_id: str) -> None:
        self.cart_id = cart_id
        self.items: dict[str, tuple[Product, int]] = {}

    def put(self, product: Product, quantity: int) -> None:
        """Put in more of a product."""
        _, had = self.items.get(product.id, (product, 0))
        self.items[product.id] = (product, had + quantity)

    def lines(self) -> list[dict[str, object]]:
        """Every product with its quantity, as a tracker names them."""
        return [
            {**product.properties(), "quantity": quantity}
            for product, quantity in self.items.values()
        ]


class Tape:
    """Records the calls of one visit, each at the visitor's own pace."""

    def __init__(self, chance: Chance, visitor: Visitor, *, at: int) -> None:
        self._chance = chance
        self.visitor = visitor
        self.at = at
        self.recorded: list[Recorded] = []
        self._page = SHOP

    def think(self) -> None:
        """Let time pass until the next click."""
        waited_s = self._chance.skewed(median=THINKING_MEDIAN_S, spread=1.0, most=THINKING_MOST_S)
        self.at += int(waited_s * 1000)

    def page(self, name: str, path: str) -> None:
        """A page is shown."""
        self._page = SHOP + path
        self._record("page", name=name, properties={"url": self._page, "path": path, "title": name})

    def track(self, event: str, properties: dict[str, object]) -> None:
        """Something is done on the page."""
        self._record("track", event=event, properties=properties)

    def view(self, product: Product) -> None:
        """A product's page is shown."""
        self._page = product.url
        self.track("Product Viewed", product.properties())

    def identify(self) -> None:
        """The visitor is recognised."""
        self._record("identify", traits=self.visitor.traits())

    def _record(self, call: str, **fields: object) -> None:
        message: dict[str, object] = {
            "type": call,
            "anonymousId": self.visitor.device,
            "timestamp": instants.rfc3339(self.at),
            **fields,
            "context": {
                "locale": "en-GB",
                "page": {"url": self._page},
                "userAgent": self.visitor.agent,
            },
        }
        if self.visitor.user_id is not None:
            message["userId"] = self.visitor.user_id
        self.recorded.append(Recorded(at=self.at, message=message))
        # A browser sends its calls one after another, never two in the same instant.
        self.at += 1 + int(self._chance.between(0, 400))


def order(basket: Basket, order_id: str) -> dict[str, object]:
    """The properties of a completed order."""
    total = sum(product.price * quantity for product, quantity in basket.items.values())
    return {
        "order_id": order_id,
        "cart_id": basket.cart_id,
        "total": total,
        "currency": CURRENCY,
        "products": basket.lines(),
    }
