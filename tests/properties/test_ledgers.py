"""Sums kept up entry by entry are those of counting everything anew, and nothing is lost packed."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.customer import Purchases
from engine.ledger import entries, ledger, packed
from engine.ledger.entries import CANCELLED, NAMED, NEVER, RETURN, TRACKED, WHOLE, Entry
from engine.ledger.ledger import Ledger
from engine.ledger.stores import Store
from tests.support.examples import examples

IDS = [entries.id_of(f"r{number}") for number in range(5)]
STORES = [Store(f"s{number}", named_at=number) for number in range(2)]
TIMES = st.integers(0, 6)
AMOUNTS = st.decimals(0, 50, places=2) | st.sampled_from(
    [
        Decimal("0.30000000000000004"),
        Decimal("999999999999999.00000000000000000001"),
        Decimal("1E+3"),
    ]
)


@st.composite
def booked(draw: st.DrawFn) -> Entry:
    """A version of one of five receipts, returns and orders, which link to each other."""
    is_return = draw(st.booleans())
    total, units = draw(AMOUNTS), draw(st.none() | st.integers(0, 3) | st.just(2**33))
    flags = draw(st.sampled_from([0, 0, TRACKED, NAMED]))
    if is_return:
        flags |= RETURN | draw(st.sampled_from([0, 0, WHOLE]))
    return Entry(
        id=draw(st.sampled_from(IDS)),
        updated_at=draw(TIMES),
        occurred_at=draw(TIMES),
        total=-total if is_return else total,
        units=-units if is_return and units is not None else units,
        currency=draw(st.sampled_from(["", "EUR", "EUR", "USD"])),
        flags=flags,
        link=draw(st.sampled_from([b"", *IDS])) if is_return else b"",
        state=draw(st.integers(0, CANCELLED)),
        status_at=draw(st.just(NEVER) | TIMES),
        store=draw(st.sampled_from([b"", *(store.key for store in STORES)])),
    )


@settings(max_examples=examples(300))
@given(st.lists(booked(), max_size=25))
def test_the_sums_kept_up_are_those_of_counting_anew(versions: list[Entry]) -> None:
    known = Ledger()

    for version in versions:
        known = ledger.put(known, version)

        assert known.sums == ledger.recounted(known).sums


@given(st.lists(booked(), max_size=25))
def test_they_are_also_where_the_oldest_are_folded(versions: list[Entry]) -> None:
    known = Ledger()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger, "ENTRIES_MAX", 3)
        for version in versions:
            known = ledger.put(known, version)

            assert known.sums == ledger.recounted(known).sums
            assert len(known.packed) <= 3


@given(st.lists(booked(), max_size=10, unique_by=lambda entry: entry.id))
def test_entries_come_out_as_they_were_put_in(found: list[Entry]) -> None:
    together = packed.of(found)
    one_by_one = packed.Packed()
    for entry in found:
        one_by_one = packed.with_entry(one_by_one, entry)

    assert packed.unpacked(together) == found
    assert one_by_one == together
    assert [packed.find(together, entry.id) for entry in found] == found
    for entry_id in IDS:
        links = [entry for entry in found if entry.link == entry_id]
        assert packed.linked(together, entry_id) == links


@given(st.lists(booked(), max_size=10, unique_by=lambda entry: entry.id))
def test_a_ledger_of_the_first_format_is_read_with_its_sums(found: list[Entry]) -> None:
    """Rows that are stored already must still be read."""
    first = (tuple(found), (), b"12345678", tuple(STORES))

    known = ledger.opened(msgspec.msgpack.encode(first), Purchases())

    assert known == ledger.of(found, folded_ids=b"12345678", stores=tuple(STORES))
    assert ledger.opened(ledger.stored(known), Purchases()) == known
