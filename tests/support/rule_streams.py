"""Random customers for the rules of `tests.support.rules`: what they did, as it was logged."""

import random
from decimal import Decimal
from typing import Any, Final, NamedTuple

import msgspec

from engine.addresses import Address
from engine.customer import SentMessage
from engine.declarations import SubscriptionsChanged
from engine.events import (
    BonusBalanceChanged,
    CartItemAdded,
    CategoryViewed,
    Event,
    Identified,
    OrderCompleted,
    PromoCodeIssued,
    TagsChanged,
    Tracked,
)
from engine.holdings import Expiring
from engine.instances import Instance
from engine.intake import decoding
from engine.points import PointsChanged
from engine.products import Line, Product
from engine.transactions import ReceiptIssued

HOUR: Final = 3_600_000
DAY: Final = 24 * HOUR
START: Final = 1_764_000_000_000
"""2025-11-24, so that the streams run over the end of a month, and of the year's last DST."""

SPAN: Final = 35 * DAY

_SKUS: Final = ("a", "b", 12.5, 7, "Berlin", True, None, "ü\\'\n")
_ZONES: Final = ("America/Sao_Paulo", "Asia/Tokyo", "Pacific/Apia", None, None)


class Said(NamedTuple):
    """An event, and when it was logged."""

    event: Event
    logged_at: int


class Streams:
    """Makes the same customers for the same seed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 no secret
        self._count = 0

    def customer(self) -> list[Said]:
        """What one customer did, a late event among it now and then."""
        chance, happened = self._chance, []
        at = START + chance.randrange(SPAN)
        for _ in range(chance.randrange(0, 14)):
            at += chance.choice([0, 1, 60_000, HOUR, 7 * HOUR, DAY, 3 * DAY]) * chance.randrange(3)
            late = chance.choice([0, 0, 0, HOUR, 4 * DAY])
            occurred_at = at - late
            event = self._event(occurred_at)
            happened += [Said(one, max(at, one.occurred_at)) for one in event]
        return sorted(happened, key=lambda said: said.logged_at)

    def rated(self, count: int) -> list[Tracked]:
        """Events to be asked about, one a minute."""
        return [self._rated(START + place * 60_000) for place in range(count)]

    def messages(self) -> tuple[SentMessage, ...]:
        """What was sent to a customer, and what became of it."""
        chance = self._chance
        return tuple(
            SentMessage(
                message_id=self._id(),
                campaign=chance.choice(["one", "two"]),
                channel=chance.choice(["email", "sms"]),
                decided_at=START + chance.randrange(2 * SPAN),
                responses=chance.choice([(), ("accepted", "opened"), ("opened", "clicked")]),
            )
            for _ in range(chance.randrange(4))
        )

    def campaigns(self) -> tuple[dict[str, int], tuple[Instance, ...]]:
        """What a customer entered, and is in."""
        chance = self._chance
        entered = {
            name: START + chance.randrange(2 * SPAN)
            for name in ("one", "two", "two\nfor a value")
            if chance.random() < 0.5
        }
        runs = tuple(
            Instance(
                id=self._id(), campaign=name, version=1, trigger="t", step="s", entered_at=at,
                arrived_at=at, caused_at=at, admits=chance.choice([(), (), ("one",)]),
            )
            for name, at in entered.items()
            if chance.random() < 0.5 and "\n" not in name
        )  # fmt: skip
        return entered, runs

    def _event(self, at: int) -> list[Event]:
        chance = self._chance
        kind = chance.choice(
            ["rated", "rated", "rated", "order", "identify", "receipt", "receipt", "small"]
        )
        match kind:
            case "rated":
                return [self._rated(at)]
            case "order":
                return [self._order(at)]
            case "identify":
                return [self._identified(at)]
            case "receipt":
                return self._receipts(at)
            case _:
                return [self._small(at) if self._chance.random() < 0.85 else self._points(at)]

    def _id(self) -> str:
        self._count += 1
        return f"e{self._count:05}"

    def _properties(self) -> dict[str, Any]:
        chance = self._chance
        said: dict[str, Any] = {
            "price": chance.choice([Decimal("12.50"), 10, 39.9, "12.5", 0, "x", None]),
            "sku": chance.choice(_SKUS),
            "sizes": chance.choice([["a", 1], [], ["b", "b"], "a", [12.5, "12.5"]]),
            "gift": chance.choice([True, False, None, "true", 1]),
            "products": chance.choice(
                [
                    [],
                    [{"price": 10}, {"price": "39.90", "category": "hats"}],
                    [{"price": "a"}, 3, "x", {"category": "b"}],
                    {"price": 10},
                ]
            ),
        }
        return {name: value for name, value in said.items() if chance.random() < 0.7}

    def _rated(self, at: int) -> Tracked:
        return Tracked(
            id=self._id(),
            occurred_at=at,
            name=self._chance.choice(["Rated", "RATED", "Shared"]),
            properties=decoding.canonical(self._properties()),
        )

    def _order(self, at: int) -> Event:
        return OrderCompleted(
            id=self._id(),
            occurred_at=at,
            name="Order Completed",
            order_id=self._id(),
            products=(Product(id="p1", price=Decimal("20.10")),),
            properties=decoding.canonical(self._properties()),
        )

    def _identified(self, at: int) -> Event:
        chance = self._chance
        traits: dict[str, Any] = {
            "level": chance.choice([1, 12, 12.5, "12.5", "a", None]),
            "note": chance.choice(["a", "b", "Berlin", "12.5", "ü\\'\n", "", 3]),
            "is_member": chance.choice([True, False, "true"]),
            "renewed": chance.choice(
                [
                    "2025-11-30",
                    "2025-12-01T23:30:00+02:00",
                    "2025-12-10T00:00:00Z",
                    "2025-02-30",
                    "2026-01-02 10:00",
                    "soon",
                ]
            ),
            "sizes": chance.choice([["a", "b"], [12.5], "a", []]),
            "size": chance.choice(["S", "M", "L"]),
            "birthday": chance.choice(
                ["1990-12-03", "2000-02-29", "1965-11-30T10:00:00Z", "2030-01-01", " 1999-01-05 "]
            ),
            "city": chance.choice(["Berlin", "", "b", 3]),
            "address": chance.choice([{"city": "Berlin"}, {"city": ""}, "x", {}]),
            "createdAt": chance.choice(["2025-12-01T10:00:00Z", 1764547200, "never"]),
            "phone": chance.choice(["+4930123456", None]),
            "email": chance.choice(["a@b.io", None]),
        }
        zone = chance.choice(_ZONES)
        kept = {name: value for name, value in traits.items() if chance.random() < 0.6}
        known = {
            "email": Address(value="a@b.io", provider="b"),
            "phone": Address(value="+4930123456", kind="landline", region="a", operator="Berlin"),
        }
        return Identified(
            id=self._id(),
            occurred_at=at,
            name="identify",
            source="a" if at % 2 else "b",
            traits=kept,
            addresses={name: known[name] for name in ("email", "phone") if kept.get(name)},
            zones={} if zone is None else {"profile": zone},
        )

    def _receipts(self, at: int) -> list[Event]:
        """A receipt; now and then what corrects it, or gives a part or all of it back."""
        receipt = self._receipt(f"r{self._count}", at)
        chance = self._chance
        kind = chance.choice(
            ["kept", "kept", "corrected", "cancelled", "returned", "part", "lines"]
        )
        later = at + chance.choice([1, HOUR, 2 * DAY])
        change: dict[str, Any] = {"id": self._id(), "updated_at": later}
        match kind:
            case "kept":
                return [receipt]
            case "corrected":
                again = self._receipt(receipt.receipt_id, at)
                return [receipt, _changed(again, **change)]
            case "cancelled":
                return [receipt, _changed(receipt, **change, status="Cancelled")]
            case "returned":
                return [receipt, _changed(receipt, **change, status="returned")]
            case "part":
                back = self._back(receipt, later, total=Decimal("-5.25"), quantity=-1)
                return [receipt, back]
            case _:
                return [receipt, self._back(receipt, later, total=-receipt.total, quantity=-9)]

    def _receipt(self, receipt_id: str, at: int) -> ReceiptIssued:
        chance = self._chance
        lines = tuple(
            Line(
                id=chance.choice(["p1", "p2", "p3"]),
                category=chance.choice(["shoes", "hats", None]),
                brand=chance.choice(["Nordwind", "Ebb", None]),
                price=chance.choice([Decimal("19.99"), Decimal(20), None]),
                quantity=chance.choice([1, 2]),
                custom=chance.choice([{}, {"colour": "red"}]),
            )
            for _ in range(chance.randrange(3))
        )
        return ReceiptIssued(
            id=self._id(),
            occurred_at=at,
            receipt_id=receipt_id,
            updated_at=at,
            total=chance.choice([Decimal("30.00"), Decimal("30.01"), Decimal(99)]),
            currency=chance.choice(["EUR", "EUR", None]),
            store_id=chance.choice(["s1", "s2", None]),
            custom=chance.choice([{}, {"till": "1"}, {"till": 2}]),
            lines=lines,
        )

    def _back(
        self, receipt: ReceiptIssued, at: int, *, total: Decimal, quantity: int
    ) -> ReceiptIssued:
        return ReceiptIssued(
            id=self._id(),
            occurred_at=at,
            receipt_id=self._id(),
            updated_at=at,
            total=total,
            currency=receipt.currency,
            return_of=receipt.receipt_id,
            lines=(Line(id="p1", quantity=quantity),) if receipt.lines else (),
        )

    def _small(self, at: int) -> Event:
        chance = self._chance
        match chance.choice(["tags", "consent", "bonus", "cart", "view", "promo"]):
            case "cart":
                added = Product(id=chance.choice(["p1", "p2"]), price=Decimal("9.99"), quantity=2)
                container = chance.choice(["cart", "cart", "wishlist"])
                return CartItemAdded(
                    id=self._id(), occurred_at=at, product=added, container=container
                )
            case "view":
                category = chance.choice(["shoes", "hats"])
                return CategoryViewed(id=self._id(), occurred_at=at, category=category)
            case "promo":
                return PromoCodeIssued(
                    id=self._id(),
                    occurred_at=at,
                    updated_at=at,
                    code=self._id(),
                    group=chance.choice(["spring", None]),
                    expires_at=chance.choice([at + DAY, at + 60 * DAY, None]),
                    used_at=chance.choice([None, None, at]),
                )
            case "tags":
                word, other = chance.sample(["vip", "new"], 2)
                return TagsChanged(
                    id=self._id(), occurred_at=at, added=(word,), removed=(other,), origin="import"
                )
            case "consent":
                said: dict[str, bool | dict[str, bool]] = chance.choice(
                    [{"email": True}, {"email": {"promo": False}}, {"sms": {"news": True}},
                     {"email": False}, {"sms": True}]
                )  # fmt: skip
                return SubscriptionsChanged(
                    id=self._id(), occurred_at=at, subscriptions=said, origin="customer"
                )
            case _:
                return BonusBalanceChanged(
                    id=self._id(),
                    occurred_at=at,
                    updated_at=at,
                    active=Decimal(chance.choice(["0", "12.50", "40"])),
                    pending=Decimal(chance.choice(["0", "1"])),
                    expiring=tuple(
                        Expiring(at + chance.randrange(90 * DAY), Decimal("5.50"))
                        for _ in range(chance.randrange(3))
                    ),
                )

    def _points(self, at: int) -> PointsChanged:
        return PointsChanged(
            id=self._id(),
            occurred_at=at,
            amount=self._chance.choice([1, 12, 25, -5]),
            expires_at=self._chance.choice([at + DAY, at + 20 * DAY, None]),
        )


def _changed(receipt: ReceiptIssued, **changes: Any) -> ReceiptIssued:  # noqa: ANN401 fields
    return msgspec.structs.replace(receipt, **changes)
