"""What stands on both sides of the seam: counted once, as it is by now."""

from collections.abc import Sequence
from decimal import Decimal

from engine import counting, filling, rows
from engine.aggregates.tallies import Tally
from engine.commands import Backfilled
from engine.definitions.folded import Definitions
from engine.events import Event
from engine.rows import Arrival, Row
from engine.transactions import ReceiptIssued
from tests.properties.test_filling import KEY, fold
from tests.support.metrics import metric

NORTH = {"op": "prop", "path": "store_id", "is": "=", "value": "north"}
WARMING, DONE = fold(metric(of="receipt", aggregate="sum", field="total", filter=NORTH))


def receipt(name: str, total: int, *, version: int = 0, store: str = "north") -> ReceiptIssued:
    return ReceiptIssued(
        id=f"{name}/{version}",
        occurred_at=0,
        receipt_id=name,
        updated_at=version,
        total=Decimal(total),
        store_id=store,
    )


def after(row: Row, events: Sequence[Event], definitions: Definitions) -> Row:
    for event in events:
        rows.advance(row, Arrival(event=event, logged_at=1), definitions)
    return row


def command(past: Row, origin: str = KEY) -> Backfilled:
    tallies = filling.told(past.customer.tallies)
    return Backfilled(id="b", occurred_at=1, origin=origin, tallies=tallies)


def shown(row: Row) -> object:
    return counting.value(row.customer, DONE.counters.by_id["m"], now=1).value


def tally(row: Row) -> Tally:
    return row.customer.tallies["m"]


def test_a_correction_between_the_seam_and_the_command_goes() -> None:
    first = [receipt("a", 10), receipt("b", 20)]
    corrections = [receipt("a", 11, version=1, store="south"), receipt("b", 25, version=1)]
    row = after(after(rows.blank(KEY), first, Definitions()), corrections, WARMING)
    assert shown(row) is not None
    assert shown(row) == 0

    after(row, [command(after(rows.blank(KEY), first, DONE))], WARMING)

    assert shown(row) == 25


def test_a_correction_of_what_was_closed_before_the_seam_is_let_be() -> None:
    """Nothing that is filled in waits for it: it was counted for good."""
    row = after(after(rows.blank(KEY), [receipt("a", 10)], Definitions()), [], WARMING)
    after(row, [receipt("a", 11, version=1)], WARMING)
    past = after(rows.blank(KEY), [receipt("other", 1)], DONE)

    after(row, [command(past)], WARMING)
    after(row, [receipt("c", 5)], DONE)

    assert shown(row) == 6
    assert tally(row).corrected == ()


def test_the_past_of_an_identity_is_filled_in_once() -> None:
    past = after(rows.blank(KEY), [receipt("a", 10)], DONE)
    other = after(rows.blank("a:d"), [receipt("d", 3)], DONE)
    row = after(rows.blank(KEY), [receipt("a", 10)], Definitions())

    after(row, [command(past), command(other, "a:d"), command(past)], WARMING)

    assert shown(row) == 13


def test_what_was_redefined_meanwhile_is_not_filled_in() -> None:
    row = after(rows.blank(KEY), [receipt("a", 10)], Definitions())

    after(row, [command(after(rows.blank(KEY), [receipt("a", 10)], DONE))], Definitions())

    assert row.customer.tallies == {}


def test_nobody_comes_into_being_by_a_backfill() -> None:
    past = after(rows.blank(KEY), [receipt("a", 10)], DONE)

    assert after(rows.blank(KEY), [command(past)], WARMING) == rows.blank(KEY)
