from decimal import Decimal

import msgspec
import pytest

from agents.worker import owned as partitions
from agents.worker import recovery
from agents.worker.batches import Batch, LogRecord
from agents.worker.cache import DecodedRows
from agents.worker.partition import Partition
from agents.worker.recovery import Recovery
from engine import rows as engine_rows
from engine.baseevent import BaseEvent
from engine.definitions.folded import Definitions
from engine.events import (
    KINDS,
    CartItemAdded,
    ErasureRequested,
    Identified,
    OrderCompleted,
    RewriteRequested,
    Switched,
    TimerFired,
)
from engine.products import Product
from tables import rows
from tables.rows import Switch
from tests.support.story import one_campaign

KEY = b"u:c"
NOW = 1_000_000


def record(event: BaseEvent, *, offset: int, key: bytes | None = KEY, at: int = NOW) -> LogRecord:
    return LogRecord(
        key=key,
        value=msgspec.json.encode(event),
        kind=KINDS[type(event)].encode(),
        cause=None,
        offset=offset,
        logged_at=at,
    )


def added(offset: int, product: str = "shoes", **changes: object) -> LogRecord:
    event = CartItemAdded(
        id=f"e{offset}", occurred_at=NOW, product=Product(id=product, price=Decimal(1))
    )
    return record(msgspec.structs.replace(event, **changes), offset=offset)


def ordered(offset: int, *prices: Decimal) -> LogRecord:
    products = tuple(Product(id=str(n), price=price) for n, price in enumerate(prices))
    event = OrderCompleted(id=f"e{offset}", occurred_at=NOW, order_id="o", products=products)
    return record(event, offset=offset)


def identified(offset: int, **traits: object) -> LogRecord:
    event = Identified(
        id=f"e{offset}",
        occurred_at=NOW,
        traits={"email": "c@example.com", **traits},
        subscriptions={"email": True},
    )
    return record(event, offset=offset)


def owner(restored: Recovery | None = None, *, definitions: Definitions | None = None) -> Partition:
    partition = Partition(epoch=5, restored=restored or Recovery())
    partition.definitions = definitions or one_campaign()
    return partition


def fired(partition: Partition, *, offset: int, at: int) -> LogRecord:
    [due] = partition.due(at, at_most=10)
    event = TimerFired(
        id="t",
        occurred_at=due.timer.due_at,
        timer_id=due.timer_id,
        generation=due.timer.generation,
    )
    return record(event, offset=offset, at=at)


def carried_out(partition: Partition, records: list[LogRecord]) -> Batch:
    batch = partition.fold(records, now=NOW)
    partition.settled(batch)
    return batch


def recovered(*batches: Batch) -> Recovery:
    restored = Recovery()
    for batch in batches:
        restored.read(batch.rows)
    return restored


DUE = NOW + 30 * 60_000

NESTED = b'{"type":"identified","id":"e","occurred_at":1,"traits":{"a":%s%s}}' % (
    b"[" * 5_000,
    b"]" * 5_000,
)


def reminded() -> tuple[Partition, LogRecord, Batch]:
    """A partition whose last batch decided a reminder."""
    partition = owner()
    carried_out(partition, [identified(0), added(1)])
    timer = fired(partition, offset=2, at=DUE)
    return partition, timer, partition.fold([timer], now=DUE)


def test_one_row_is_written_per_changed_customer() -> None:
    batch = owner().fold([added(0), added(1), added(2)], now=NOW)

    [(key, value)] = batch.rows
    assert (key, rows.decode_header(value).order) == (KEY, (5, 1, 2))


def test_a_replayed_record_changes_nothing() -> None:
    first = carried_out(owner(), [added(0)])

    again = owner(recovered(first)).fold([added(0)], now=NOW)

    assert (again.rows, again.effects) == ([], [])


def test_a_replayed_record_emits_its_effects_again() -> None:
    _, timer, batch = reminded()
    successor = owner(recovered(batch))

    again = successor.fold([timer], now=DUE)

    assert again.effects == batch.effects != []


def test_a_replay_by_a_clock_that_is_behind_emits_again_too() -> None:
    _, timer, batch = reminded()
    successor = owner(recovered(batch))

    again = successor.fold([timer], now=NOW)

    assert (again.refusals, again.effects) == ([], batch.effects)


def test_effects_known_to_be_delivered_leave_the_row_at_its_next_write() -> None:
    partition, _, batch = reminded()
    partition.settled(batch)

    later = partition.fold([added(3)], now=DUE)

    assert rows.decode(later.rows[0].value).row.outbox == []


def test_effects_of_the_batch_at_hand_stay_in_the_row() -> None:
    partition = owner()
    carried_out(partition, [identified(0), added(1)])
    timer = fired(partition, offset=2, at=DUE)

    batch = partition.fold([timer, added(3)], now=DUE)

    [entry] = rows.decode(batch.rows[0].value).row.outbox
    assert entry.offset == 2


def test_a_batch_ends_where_a_switch_stands() -> None:
    switched = Switched(id="s", occurred_at=NOW, definitions_offset=7)

    batch = owner().fold([added(0), record(switched, offset=1, key=None), added(2)], now=NOW)

    assert (batch.consumed, batch.switch) == (2, switched)


def test_a_replayed_switch_is_not_applied_again() -> None:
    partition = owner()

    assert partition.switch(Definitions(offset=7), offset=1) is not None
    assert partition.switch(Definitions(offset=7), offset=1) is None


def test_a_zombies_switch_to_older_definitions_changes_nothing() -> None:
    partition = owner()
    partition.switch(Definitions(offset=8), offset=1)

    assert partition.switch(Definitions(offset=7), offset=2) is None
    assert (partition.definitions.offset, partition.switched_to) == (8, Switch(8))


def test_the_next_owner_decides_under_the_last_switch() -> None:
    row = owner().switch(Definitions(offset=7), offset=1)
    assert row is not None
    restored = Recovery()
    restored.read([row])

    assert Partition(epoch=9, restored=restored).switched_to == Switch(7)


def test_a_new_owner_writes_the_partitions_own_row_again() -> None:
    [row] = Partition(epoch=9, restored=Recovery()).opening(set())

    assert row.key == recovery.SWITCH_KEY
    assert rows.decode_switch(row.value)[0].epoch == 9


def test_a_batch_is_cut_when_an_outbox_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    partition = owner()
    carried_out(partition, [identified(0), added(1)])
    timer = fired(partition, offset=2, at=DUE)
    monkeypatch.setattr(partitions, "OUTBOX_MAX_BYTES", 1_000)

    assert partition.fold([timer, added(3)], now=DUE).consumed == 1


def test_a_row_that_would_grow_too_large_refuses_the_event_and_stays() -> None:
    partition = owner()
    carried_out(partition, [identified(0)])
    small = "x" * 31_000

    batch = partition.fold([identified(n, **{f"a{n}": small}) for n in range(1, 12)], now=NOW)

    assert [refusal.error.code for refusal in batch.refusals] == ["row_too_large"] * 3
    assert len(batch.rows[0].value) <= rows.ROW_MAX_BYTES
    assert len(partition.row(KEY).customer.attributes) == 1 + 8


def test_a_refused_event_leaves_no_trace_in_a_large_row() -> None:
    partition = owner()
    carried_out(partition, [identified(n, **{f"a{n}": "x" * 31_000}) for n in range(8)])
    carried_out(partition, [identified(8)])  # what was emitted has left the row
    before = rows.encode(partition.row(KEY), epoch=0, version=0, offset=0)

    heavy = Product(id="shoes", name="x" * 31_000)
    event = CartItemAdded(id="e9", occurred_at=NOW, product=heavy)
    batch = partition.fold([record(event, offset=9)._replace(cause=b"messages/0/1/0")], now=NOW)

    assert [refusal.error.code for refusal in batch.refusals] == ["row_too_large"]
    assert rows.encode(partition.row(KEY), epoch=0, version=0, offset=0) == before


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (added(0)._replace(key=None), "no_key"),
        (added(0)._replace(key=b"=owner"), "no_key"),
        (added(0)._replace(key=b"nobody"), "no_key"),
        (added(0)._replace(key=b"u:\xff"), "no_key"),
        (added(0)._replace(value=None), "no_value"),
        (added(0)._replace(value=b"{"), "undecodable"),
        (added(0)._replace(value=b'{"type":"unheard_of"}'), "undecodable"),
        (added(0)._replace(value=b"\xff\xfe"), "undecodable"),
        (added(0)._replace(value=b'{"type":"tracked","id":"\xff","occurred_at":1}'), "undecodable"),
        (added(0)._replace(value=NESTED), "undecodable"),
        (added(0)._replace(cause=b"nonsense"), "bad_cause"),
        (identified(0, big=2**70), "number_too_large"),
        (added(0, occurred_at=-1), "bad_time"),
        (added(0, occurred_at=2**60), "bad_time"),
        (ordered(0, Decimal("NaN"), Decimal("sNaN")), "not_computable"),
        (added(0)._replace(kind=b"switch"), "undecodable"),
        (
            added(0)._replace(kind=b"switch", value=b'{"type":"switched","id":"\xff"}'),
            "undecodable",
        ),
        (added(0)._replace(logged_at=NOW + partitions.FUTURE_MAX_MS + 1), "from_the_future"),
    ],
)
def test_a_bad_record_is_refused_and_the_others_go_on(bad: LogRecord, code: str) -> None:
    batch = owner().fold([bad, added(1)], now=NOW)

    assert [refusal.error.code for refusal in batch.refusals] == [code]
    assert len(batch.rows) == 1


def test_a_record_five_minutes_ahead_is_just_in_time() -> None:
    record_ahead = added(0)._replace(logged_at=NOW + partitions.FUTURE_MAX_MS)

    assert owner().fold([record_ahead], now=NOW).refusals == []


def test_a_rewrite_writes_the_row_and_changes_nothing_else() -> None:
    partition = owner()
    before = carried_out(partition, [added(0)])

    rewrite = RewriteRequested(id="r", occurred_at=NOW)
    after = partition.fold([record(rewrite, offset=1)], now=NOW)

    customers = [rows.decode(batch.rows[0].value).row.customer for batch in (before, after)]
    assert customers[0] == customers[1]
    assert rows.decode_header(after.rows[0].value).order == (5, 2, 1)


def test_of_two_records_the_higher_wins_and_the_row_is_written_again() -> None:
    newer = carried_out(owner(), [added(0), added(1)])
    zombie = Partition(epoch=2, restored=Recovery())
    zombie.definitions = one_campaign()
    stale = carried_out(zombie, [added(0)])
    restored = recovered(newer, stale)

    successor = Partition(epoch=9, restored=restored)

    assert successor.row(KEY).customer.events_count == 2
    assert next(row.key for row in successor.opening(restored.outvoted)) == KEY


def test_rows_beyond_the_bound_are_decoded_again_when_needed() -> None:
    partition = Partition(epoch=1, restored=Recovery(), decoded=DecodedRows(at_most=1))
    for number in range(3):
        carried_out(partition, [added(number)._replace(key=f"u:{number}".encode())])

    assert partition.row(b"u:0").customer.events_count == 1


def test_all_partitions_of_a_process_share_one_bound_for_decoded_rows() -> None:
    decoded = DecodedRows(at_most=2)
    partitions = [Partition(epoch=1, restored=Recovery(), decoded=decoded) for _ in range(3)]

    for number, partition in enumerate(partitions):
        carried_out(partition, [added(0)._replace(key=f"u:{number}".encode())])

    assert len(decoded) == 2
    assert partitions[0].row(b"u:0").customer.events_count == 1


def test_a_partition_that_is_taken_again_forgets_what_was_decoded_before() -> None:
    decoded = DecodedRows()
    carried_out(Partition(epoch=1, restored=Recovery(), decoded=decoded), [added(0)])

    again = Partition(epoch=2, restored=Recovery(), decoded=decoded)

    assert again.row(KEY).customer.events_count == 0


def test_a_minute_after_an_erasure_nothing_of_the_outbox_is_left() -> None:
    partition = owner()
    erasure = record(ErasureRequested(id="x", occurred_at=NOW), offset=1)
    carried_out(partition, [identified(0), erasure])
    timer = fired(partition, offset=2, at=NOW + 60_000)

    batch = partition.fold([timer], now=NOW + 60_000)

    [(_, value)] = batch.rows
    header, row = rows.decode(value)
    assert (header.flags, header.next_due_at) == (rows.ERASED, rows.NEVER)
    assert row.outbox == []


def test_a_timer_waits_until_its_row_is_durable() -> None:
    partition = owner()
    batch = partition.fold([identified(0), added(1)], now=NOW)
    assert partition.due(DUE, at_most=10) == []

    partition.settled(batch)

    assert len(partition.due(DUE, at_most=10)) == 1


def test_a_timer_is_given_out_once_per_generation() -> None:
    partition = owner()
    carried_out(partition, [identified(0), added(1)])
    assert len(partition.due(DUE, at_most=10)) == 1
    assert partition.due(DUE, at_most=10) == []

    carried_out(partition, [added(2, occurred_at=NOW + 1)])

    assert len(partition.due(DUE + 1, at_most=10)) == 1


def test_a_door_that_replays_a_duplicate_late_is_recognised_by_its_cause() -> None:
    first = added(0)._replace(cause=b"tracker/0/4/0")
    twice = added(0)._replace(offset=1, cause=b"tracker/0/5/0")
    batch = carried_out(owner(), [first, twice])
    successor = owner(recovered(batch))
    later = NOW + engine_rows.SEEN_FOR_MS + 1
    forgotten = [added(n)._replace(logged_at=later) for n in range(2, 3 + engine_rows.SEEN_MIN)]

    again = twice._replace(offset=forgotten[-1].offset + 1, logged_at=later)
    after = successor.fold([*forgotten, again], now=later)

    assert after.ignored == ["cause"]
