"""Which record of a customer is true among several."""

import pytest

from agents.mirror import customers
from engine.customer import Customer
from engine.emissions import Emission, OutboxEntry
from engine.erasures import Erasure
from engine.rows import Row
from streams.records import Received, Record
from tables import rows
from tables.errors import UnreadableRowError
from tests.support import changelog


def received(record: Record, *, offset: int = 0) -> Received:
    return Received(
        topic=record.topic,
        partition=0,
        offset=offset,
        key=record.key,
        value=record.value,
        headers={},
        logged_at=0,
    )


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_highest_write_is_kept_in_any_order(order: tuple[int, ...]) -> None:
    writes = [
        received(changelog.written(epoch=1, version=9, offset=9)),
        received(changelog.written(epoch=2, version=1, offset=5)),
        received(changelog.written(epoch=2, version=1, offset=6)),
    ]

    assert customers.highest([writes[at] for at in order]) == [writes[2]]


def test_each_customer_is_kept() -> None:
    found = [received(changelog.written(key)) for key in ("u:c1", "a:c1", "u:c2")]

    assert customers.highest(found) == found


def test_of_equal_writes_the_later_is_kept() -> None:
    first, again = (received(changelog.written(), offset=offset) for offset in (3, 7))

    assert customers.highest([first, again]) == [again]


def test_marks_and_tombstones_are_no_customers() -> None:
    mark = received(changelog.marker(0))
    tombstone = received(Record(topic=changelog.TOPIC, key=b"u:c1", value=None))

    assert customers.highest([mark, tombstone]) == []


def test_a_value_that_is_no_row_is_a_bug_of_ours() -> None:
    broken = received(Record(topic=changelog.TOPIC, key=b"u:c1", value=b"?"))

    with pytest.raises(UnreadableRowError):
        customers.highest([broken])


def test_a_stub_is_stored_without_its_outbox() -> None:
    """An older write of it stays on the disk, and the outbox may name an address."""
    address = b"ada@example.com"
    stub = Row(
        customer=Customer(id="c1"),
        erasure=Erasure("x", 1, ("c1",)),
        outbox=[OutboxEntry(1, (Emission("events", address),))],
    )
    value = rows.encode(stub, epoch=1, version=2, offset=3)

    row = customers.row_of(received(Record(topic=changelog.TOPIC, key=b"u:c1", value=value)))

    assert row.is_erased
    assert address not in row.row
    assert rows.decode(row.row).header.order == (1, 2, 3)
