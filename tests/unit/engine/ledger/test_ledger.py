"""What the ledger forgets, and when."""

from decimal import Decimal

import msgspec
import pytest

from engine import purchases, rows
from engine.customer import Customer, OtherCurrency, Purchases
from engine.ledger import entries, ledger, summing
from engine.ledger.ledger import ENTRIES_MAX, FOLDED_IDS_MAX, SLACK_RATIO, STORES_MAX, Ledger
from engine.ledger.stores import Store
from engine.transactions import ReceiptIssued

ROOM = round(ENTRIES_MAX * (1 + SLACK_RATIO))


def receipt(number: int, *, at: int | None = None, **changes: object) -> ReceiptIssued:
    issued = ReceiptIssued(
        id=f"e{number}",
        occurred_at=1_760_000_000_000 + (number if at is None else at),
        receipt_id=f"receipt-{number}",
        updated_at=1_760_000_000_000,
        total=Decimal("123.45"),
        currency="EUR",
    )
    return msgspec.structs.replace(issued, **changes)


def full(count: int, customer: Customer | None = None) -> Customer:
    """A customer with so many receipts, numbered by date."""
    known = Customer(id="c") if customer is None else customer
    for number in range(count):
        known = purchases.apply(known, receipt(number))
    return known


@pytest.fixture(scope="module")
def brimming() -> Customer:
    """One receipt more than there is room for: the first 101 are folded, 1,000 are left."""
    return full(ROOM + 1)


def test_a_thousand_receipts_can_still_be_corrected(brimming: Customer) -> None:
    corrected = receipt(101, updated_at=1_760_000_000_001, total=Decimal(0))

    after = purchases.apply(brimming, corrected).receipts

    assert (after.count, after.total) == (1_101, Decimal("123.45") * 1_100)


def test_the_one_before_stays_as_it_was_counted(brimming: Customer) -> None:
    corrected = receipt(100, updated_at=1_760_000_000_001, total=Decimal(0))

    assert purchases.apply(brimming, corrected).receipts == brimming.receipts
    assert purchases.apply(brimming, receipt(0)) == brimming


def test_an_old_receipt_that_comes_late_counts_and_is_known_again(brimming: Customer) -> None:
    late = receipt(5_000, at=-1)

    once = purchases.apply(brimming, late)

    assert (once.receipts.count, once.receipts.first_at) == (1_102, late.occurred_at)
    assert purchases.apply(once, late) == once


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> int:
    """Room for so few entries that they are quickly more than that."""
    monkeypatch.setattr(ledger, "ENTRIES_MAX", 20)
    return 20


def test_a_purchase_is_folded_with_its_returns(small: int) -> None:
    back = receipt(7_000, return_of="receipt-0", total=Decimal("123.45"))
    cancelled = receipt(8_000, at=-5, status="cancelled")
    orphan = receipt(9_000, return_of="receipt-8000")
    known = Customer(id="c")
    for event in (receipt(0), back, cancelled, orphan):
        known = purchases.apply(known, event)

    after = full(small + 1, known)

    assert (after.receipts.count, after.receipts.total) == (small, Decimal("123.45") * small)
    assert after.receipts.first_at == receipt(0).occurred_at


def test_ids_of_two_thousand_folded_receipts_are_known(brimming: Customer, small: int) -> None:
    """A file with one receipt more, imported twice: all but the very first are known again."""
    entry = next(iter(purchases.receipts_of(brimming).entries))
    known = Ledger()
    last = small + FOLDED_IDS_MAX
    for number in range(last + 1):
        changed = msgspec.structs.replace(
            entry, id=entries.id_of(f"receipt-{number}"), occurred_at=number
        )
        known = ledger.put(known, changed)

    is_known = [ledger.is_known(known, entries.id_of(f"receipt-{n}")) for n in (0, 1, 2, last)]
    assert is_known == [False, True, True, True]
    assert len(known.folded_ids) == FOLDED_IDS_MAX * entries.ID_BYTES


def test_a_full_ledger_stays_far_below_the_bound_of_a_row(brimming: Customer) -> None:
    """1,100 entries with store and link, 2,000 folded ids, 100 stores: the stated bytes."""
    known = purchases.receipts_of(brimming)
    entry = known.entries[0]
    widest = [
        msgspec.structs.replace(
            entry, id=entries.id_of(str(number)), link=entry.id, store=b"1234", units=12
        )
        for number in range(ROOM)
    ]
    stores = tuple(
        Store(f"store-{n:06}", f"High Street {n}", 1_760_000_000_000) for n in range(STORES_MAX)
    )
    largest = ledger.of(
        widest,
        folded=known.folded,
        folded_ids=b"12345678" * FOLDED_IDS_MAX,
        stores=stores,
    )

    assert len(brimming.receipt_ledger) <= 62_000
    assert len(ledger.stored(largest)) <= 92_000


def test_a_usual_customers_ledger_is_small() -> None:
    assert len(full(5).receipt_ledger) <= 5 * 61 + 60


def test_further_stores_than_the_cap_are_not_counted() -> None:
    known = Customer(id="c")
    for number in range(STORES_MAX + 1):
        known = purchases.apply(known, receipt(number, store_id=f"s{number}"))

    assert len(purchases.stores(known)) == STORES_MAX
    assert known.receipts.count == STORES_MAX + 1


def test_stores_of_folded_receipts_stay_counted(small: int) -> None:
    known = full(small, purchases.apply(Customer(id="c"), receipt(-1, store_id="s")))

    assert [(store.id, store.receipts_count) for store in purchases.stores(known)] == [("s", 1)]


def test_a_row_from_before_the_ledgers_keeps_its_sums() -> None:
    old = {
        "customer": {
            "id": "c",
            "receipts": {"count": 2, "total": "30", "currency": "EUR", "last_at": 5, "first_at": 1},
            "recent_receipts": [
                {"receipt_id": "r", "updated_at": 1, "occurred_at": 1, "total": "30"}
            ],
            "order_ids": ["o"],
        }
    }

    row = msgspec.msgpack.decode(msgspec.msgpack.encode(old), type=rows.Row)

    sums = purchases.apply(row.customer, receipt(1)).receipts
    assert (sums.count, sums.total, sums.first_at) == (3, Decimal("153.45"), 1)


def test_sums_in_other_currencies_survive_the_way_through_a_ledger() -> None:
    sums = Purchases(
        count=1, total=Decimal(3), currency="EUR", others=(OtherCurrency("USD", 1, Decimal(2)),)
    )

    found = ledger.opened(b"", sums).sums

    assert summing.purchases(found, "EUR") == sums
