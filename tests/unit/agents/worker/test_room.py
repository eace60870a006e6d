"""A merge never loses the other's state for want of room: it has given it away by then (e.5)."""

from decimal import Decimal

import msgspec
import pytest

from agents.worker.batches import Batch, LogRecord
from agents.worker.partition import Partition
from agents.worker.recovery import Recovery
from engine.customer import Customer
from engine.events import Event, Identified, OrderCompleted, PageViewed
from engine.facts import Fact
from engine.merges import fitting
from streams import wire
from tables import rows

NOW = 1_000_000
SURVIVOR, OTHER = "u:ada", "a:d1"


def owner() -> Partition:
    return Partition(epoch=1, restored=Recovery())


def of(key: str, event: Event, *, offset: int) -> LogRecord:
    value, kind = wire.record_of(key, event).value, wire.record_of(key, event).headers[0][1]
    return LogRecord(key.encode(), value, kind, None, offset, NOW)


def says(partition: Partition, key: str, event: Event, *, offset: int) -> Batch:
    batch = partition.fold([of(key, event, offset=offset)], now=NOW)
    partition.settled(batch)
    return batch


def large(partition: Partition, key: str, *, attributes: int, first: int) -> int:
    """A customer with so many attributes of 31 KB, and an order; the next offset."""
    for number in range(first, first + attributes):
        traits: dict[str, object] = {f"{key}{number}": "x" * 31_000}
        event = Identified(id=f"{key}{number}", occurred_at=0, traits=traits)
        assert says(partition, key, event, offset=number).refusals == []
    order = OrderCompleted(
        id=f"{key}o", occurred_at=0, order_id=f"{key}o", total=Decimal(10), currency="EUR"
    )
    assert says(partition, key, order, offset=first + attributes).refusals == []
    return first + attributes + 1


def merged(*, survivors: int, others: int) -> tuple[Partition, list[Batch]]:
    """Ada shows the device; every record between the two arrives."""
    partition = owner()
    offset = large(partition, OTHER, attributes=others, first=0)
    offset = large(partition, SURVIVOR, attributes=survivors, first=offset)
    shown = PageViewed(id="show", occurred_at=0, user_id="ada", anonymous_id="d1")
    batches = [says(partition, SURVIVOR, shown, offset=offset)]
    for batch in batches:
        for emitted in batch.effects:
            if emitted.emission.topic == "events":
                offset += 1
                event = msgspec.json.decode(emitted.emission.value, type=Event)
                batches.append(says(partition, emitted.emission.key, event, offset=offset))
    return partition, batches


def told(batches: list[Batch], kind: str) -> list[str | None]:
    facts = [
        msgspec.json.decode(emitted.emission.value, type=Fact)
        for batch in batches
        for emitted in batch.effects
        if emitted.emission.topic == "facts"
    ]
    return [fact.after for fact in facts if fact.kind == kind]


@pytest.mark.parametrize(("survivors", "others"), [(3, 2), (5, 2), (7, 2), (8, 2), (8, 0)])
def test_a_merge_at_the_edge_of_a_row_keeps_the_sums_of_both(survivors: int, others: int) -> None:
    partition, batches = merged(survivors=survivors, others=others)

    assert [refusal.error.code for batch in batches for refusal in batch.refusals] == []
    person = partition.row(SURVIVOR.encode())
    assert (person.customer.orders.count, person.customer.orders.total) == (2, Decimal(20))
    assert person.customer.events_count == survivors + others + 3
    assert partition.row(OTHER.encode()).forward == SURVIVOR
    stored = [row.value for batch in batches for row in batch.rows]
    assert max(map(len, stored)) <= rows.ROW_MAX_BYTES


def test_what_fits_is_kept_whole_and_nothing_is_told() -> None:
    partition, batches = merged(survivors=2, others=1)

    assert len(partition.row(SURVIVOR.encode()).customer.attributes) == 3
    assert told(batches, "trimmed") == []


def test_the_joined_one_goes_without_before_the_survivor_does() -> None:
    partition, batches = merged(survivors=7, others=2)

    attributes = partition.row(SURVIVOR.encode()).customer.attributes
    assert [name for name in attributes if name.startswith(SURVIVOR)] == list(attributes)
    assert len(attributes) == 7
    [left_out] = told(batches, "trimmed")
    assert "attributes" in str(left_out)


def test_levels_leave_out_more_and_more() -> None:
    names = [fitting.left_out(level) for level in fitting.levels()]

    assert names[:2] == ["", ""]
    assert len(names) == 2 * len(fitting.TRIMS) + 2


def test_the_least_that_stays_are_sums_contacts_and_consent() -> None:
    known = Customer(
        id="ada",
        attributes={"a": "x" * 20_000, "b": 1},
        email="ada@shop.io",
        subscriptions={"email": True},
        events_count=7,
    )

    least = fitting.trimmed(known, len(fitting.TRIMS))

    assert (least.attributes, least.email) == ({"b": 1}, "ada@shop.io")
    assert (least.subscriptions, least.events_count) == ({"email": True}, 7)


def test_without_leaving_anything_out_the_state_would_be_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fitting, "levels", lambda: iter([fitting.Level()]))

    partition, batches = merged(survivors=7, others=2)

    assert [one.error.code for batch in batches for one in batch.refusals] == ["row_too_large"]
    assert partition.row(SURVIVOR.encode()).customer.orders.count == 1
