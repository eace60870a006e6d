"""Bonus balances, promo codes and tags at the door."""

from decimal import Decimal

import pytest

from engine.errors import RejectedError
from engine.events import BonusBalanceChanged, PromoCodeIssued, TagsChanged
from engine.holdings import Expiring
from engine.intake import backoffice
from engine.intake.arrivals import Arrival, Listing, Origin

ORIGIN = Origin(source="back-office", received_at=2_000_000_000_000, seed="s")
WHEN = "2026-11-22T10:00:00Z"

BALANCE: dict[str, object] = {"customerId": "c1", "active": "100.50", "updatedAt": WHEN}
CODE: dict[str, object] = {"customerId": "c1", "code": "TEN", "issuedAt": WHEN}
TAGS: dict[str, object] = {"customerId": "c1", "add": ["vip"], "updatedAt": WHEN}


def arrival(kind: str, **said: object) -> Arrival | Listing:
    bodies = {"bonus-balances": BALANCE, "promo-codes": CODE, "tags": TAGS}
    item: dict[str, object] = {**bodies[kind], **said}
    return backoffice.KINDS[kind](item, origin=ORIGIN)


def test_a_balance_keeps_money_as_written() -> None:
    event = arrival(
        "bonus-balances", pending=Decimal("3.10"), expiring=[{"at": WHEN, "amount": "5"}]
    ).event

    assert isinstance(event, BonusBalanceChanged)
    assert (event.active, event.pending) == (Decimal("100.50"), Decimal("3.10"))
    assert event.expiring == (Expiring(event.updated_at, Decimal(5)),)


def test_a_balance_said_again_is_the_same_event() -> None:
    first, again = arrival("bonus-balances"), arrival("bonus-balances")
    other = arrival("bonus-balances", updatedAt="2026-11-22T10:00:01Z")

    assert first.event.id == again.event.id != other.event.id
    assert (first.key, first.kind) == ("u:c1", "profile")


def test_a_code_says_what_it_is_of() -> None:
    said = {"group": "ten", "campaign": "cart", "reissued": True, "usedAt": WHEN}
    event = arrival("promo-codes", **said).event

    assert isinstance(event, PromoCodeIssued)
    assert event.used_at == event.updated_at
    assert (event.group, event.campaign, event.is_reissued) == ("ten", "cart", True)
    assert event.updated_at == event.occurred_at


def test_tags_are_taken_without_blanks_and_once_each() -> None:
    event = arrival("tags", add=[" vip", "vip "], remove=["old"]).event

    assert isinstance(event, TagsChanged)
    assert (event.added, event.removed) == (("vip",), ("old",))


@pytest.mark.parametrize(
    ("kind", "said", "code", "path"),
    [
        ("bonus-balances", {"customerId": None}, "missing_identifier", "customerId"),
        ("bonus-balances", {"active": None}, "missing_amount", "active"),
        ("bonus-balances", {"active": -1}, "invalid_amount", "active"),
        ("bonus-balances", {"pending": "lots"}, "invalid_amount", "pending"),
        ("bonus-balances", {"updatedAt": None}, "invalid_timestamp", "updatedAt"),
        ("bonus-balances", {"expiring": {}}, "invalid_shape", "expiring"),
        ("bonus-balances", {"expiring": [{"at": WHEN}]}, "missing_amount", "expiring[0].amount"),
        (
            "bonus-balances",
            {"expiring": [{"at": "soon", "amount": 1}]},
            "invalid_timestamp",
            "expiring[0].at",
        ),
        ("promo-codes", {"code": ""}, "missing_id", "code"),
        ("promo-codes", {"reissued": "yes"}, "invalid_shape", "reissued"),
        ("promo-codes", {"issuedAt": 5}, "invalid_timestamp", "issuedAt"),
        ("promo-codes", {"usedAt": "soon"}, "invalid_timestamp", "usedAt"),
        ("tags", {"add": None}, "missing_tags", "add"),
        ("tags", {"add": "vip"}, "invalid_shape", "add"),
        ("tags", {"add": ["", "vip"]}, "invalid_tag", "add[0]"),
        ("tags", {"add": ["x" * 101]}, "invalid_tag", "add[0]"),
        ("tags", {"add": ["a\x00"]}, "invalid_tag", "add[0]"),
        ("tags", {"add": [str(n) for n in range(101)]}, "too_many_tags", "add"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    kind: str, said: dict[str, object], code: str, path: str
) -> None:
    with pytest.raises(RejectedError) as caught:
        arrival(kind, **said)

    assert (caught.value.code, caught.value.path) == (code, path)
