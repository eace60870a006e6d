"""What a customer says, does and is told, a second apart: each field of a profile has its words."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec

from engine.addresses import Address, Token
from engine.declarations import ProfileUpdated, Subscriptions, SubscriptionsChanged
from engine.definitions.folded import Definitions
from engine.events import (
    BonusBalanceChanged,
    CartItemAdded,
    CategoryViewed,
    Event,
    Identified,
    OrderCompleted,
    ProductViewed,
    PromoCodeIssued,
    TagsChanged,
    Tracked,
)
from engine.products import Line, Product
from engine.transactions import ReceiptIssued
from tests.support.story import TEMPLATE, Book, campaign


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """Who, which of all words, and what every event has."""

    name: str
    number: int

    @property
    def stamp(self) -> dict[str, Any]:
        """Id and time."""
        return {"id": f"e{self.number}", "occurred_at": self.number * 1_000}

    @property
    def version(self) -> dict[str, Any]:
        """The same for what the back office sends again."""
        return {**self.stamp, "updated_at": self.number * 1_000}

    @property
    def product(self) -> Product:
        """One of three."""
        return Product(id="abc"[self.number % 3])


def shop() -> Definitions:
    """Interests are kept, and who leaves a cart alone is in a journey for a day."""
    reminder = {
        **campaign(),
        "steps": {
            "s1": {"type": "delay", "for": "1d", "next": "s2"},
            "s2": {"type": "send", "channel": "email", "template": "cart-mail"},
        },
    }
    interested = {"features": {"category_interest": True}, "interest_days": 30}
    book = Book().change("templates", "cart-mail", "put", TEMPLATE)
    return book.change("settings", "settings", "put", interested).publish(reminder).definitions


def word(kind: str, name: str, number: int) -> Event:
    """One of `WORDS`; an address is the name's own, else it would join two people."""
    return WORDS[kind](Said(name=name, number=number))


def _contact(said: Said) -> Event:
    email = f"{said.name}{said.number % 2}@shop.io"
    traits: dict[str, object] = {"email": email, "city": f"C{said.number}"}
    return ProfileUpdated(**said.stamp, traits=traits, addresses={"email": Address(value=email)})


def _device(said: Said) -> Event:
    token = Token(type="fcm", value=f"{said.name}{said.number % 2}", given_at=said.number)
    return ProfileUpdated(**said.stamp, zones={"phone": "Europe/Berlin"}, tokens=(token,))


def _consent(said: Said) -> Event:
    agreed: Subscriptions = {"email": said.number % 3 > 0, "sms": {"promo": True}}
    return Identified(**said.stamp, subscriptions=agreed)


def _preferred(said: Said) -> Event:
    return SubscriptionsChanged(
        **said.stamp, subscriptions={"push": False}, preferred={"promo": "email"}, origin="operator"
    )


def _receipt(said: Said) -> ReceiptIssued:
    return ReceiptIssued(
        **said.version,
        receipt_id=f"r{said.number}",
        total=Decimal(said.number),
        store_id=f"s{said.number % 2}",
        lines=(Line(id=said.product.id, price=Decimal(said.number), category="x"),),
    )


def _return(said: Said) -> Event:
    """Takes back the receipt before it, whoever's that is."""
    return msgspec.structs.replace(_receipt(said), return_of=f"r{said.number - 1}")


def _survey(said: Said) -> Event:
    answers = msgspec.Raw(b'{"survey_id":"%d"}' % (said.number % 2))
    return Tracked(**said.stamp, name="Survey Completed", properties=answers)


WORDS: Final[Mapping[str, Callable[[Said], Event]]] = {
    "view": lambda said: ProductViewed(**said.stamp, product=said.product),
    "add": lambda said: CartItemAdded(**said.stamp, product=said.product),
    "order": lambda said: OrderCompleted(
        **said.stamp, order_id=f"o{said.number}", total=Decimal(5)
    ),
    "category": lambda said: CategoryViewed(**said.stamp, category="xyz"[said.number % 3]),
    "contact": _contact,
    "device": _device,
    "consent": _consent,
    "preferred": _preferred,
    "receipt": _receipt,
    "return": _return,
    "tag": lambda said: TagsChanged(**said.stamp, added=("vip", said.name), origin="operator"),
    "untag": lambda said: TagsChanged(**said.stamp, removed=("vip",), origin="import"),
    "bonus": lambda said: BonusBalanceChanged(**said.version, active=Decimal(said.number)),
    "code": lambda said: PromoCodeIssued(**said.version, code=f"{said.name}{said.number % 2}"),
    "survey": _survey,
}
