"""The table `shared` is kept as the customers' table is."""

import msgspec
import pytest

from agents.worker.batches import Batch, LogRecord
from agents.worker.cache import DecodedRows
from agents.worker.counters import Counters
from agents.worker.partition import Partition
from agents.worker.recovery import Recovery
from engine.claims import ClaimAnswer, Claimed, ClaimGranted, CounterRewriteRequested
from engine.rows import Cause
from streams import wire
from streams.records import CAUSE_HEADER
from tables import counters, rows
from tables.errors import NewerFormatError, UnreadableRowError

KEY = b"campaign:c:limit"
NOW = 1_000_000


def claimed(offset: int, claim_id: str = "x", *, at: int = NOW) -> LogRecord:
    event = Claimed(
        id=f"i{offset}", occurred_at=at, claim_id=claim_id, customer="u:c", number=1, limit=1
    )
    return LogRecord(
        key=KEY,
        value=msgspec.json.encode(event),
        kind=b"",
        cause=f"events/0/{offset}/0".encode(),
        offset=offset,
        logged_at=at,
    )


def owner(restored: Recovery | None = None) -> Counters:
    return Counters(epoch=5, restored=restored or Recovery())


def recovered(batch: Batch) -> Recovery:
    restored = Recovery()
    restored.read(batch.rows)
    return restored


def test_one_row_is_written_per_changed_counter() -> None:
    batch = owner().fold([claimed(0, "x"), claimed(1, "y")], now=NOW)

    [(key, value)] = batch.rows
    header, row = counters.decode(value)
    assert (key, header.order, row.taken_count) == (KEY, (5, 1, 1), 1)
    assert (header.next_due_at, header.flags) == (rows.NEVER, rows.OUTBOX)


def test_every_claim_is_answered_in_the_customers_log() -> None:
    batch = owner().fold([claimed(0, "x"), claimed(1, "y")], now=NOW)

    answers = [msgspec.json.decode(e.emission.value, type=ClaimAnswer) for e in batch.effects]
    assert [isinstance(answer, ClaimGranted) for answer in answers] == [True, False]
    assert {e.emission.topic for e in batch.effects} == {"events"}


def test_a_replayed_claim_is_answered_again_and_counts_once() -> None:
    batch = owner().fold([claimed(0)], now=NOW)
    successor = owner(recovered(batch))

    again = successor.fold([claimed(0)], now=NOW)

    assert (again.rows, again.effects) == ([], batch.effects)
    assert successor.row(KEY).taken_count == 1


def test_answers_known_to_be_delivered_leave_the_row_at_its_next_write() -> None:
    partition = owner()
    partition.settled(partition.fold([claimed(0)], now=NOW))

    batch = partition.fold([claimed(1)], now=NOW)

    [entry] = counters.decode(batch.rows[0].value)[1].outbox
    assert entry.offset == 1


def test_a_rewrite_writes_the_row_and_answers_nobody() -> None:
    partition = owner()
    partition.settled(partition.fold([claimed(0)], now=NOW))
    event = CounterRewriteRequested(id="r", occurred_at=NOW)
    rewrite = claimed(1)._replace(value=msgspec.json.encode(event))

    batch = partition.fold([rewrite], now=NOW)

    assert (len(batch.rows), batch.effects) == (1, [])


def test_a_counter_and_a_customer_decoded_by_one_process_do_not_mix() -> None:
    decoded = DecodedRows(at_most=1)
    partition = Counters(epoch=1, restored=Recovery(), decoded=decoded)
    partition.settled(partition.fold([claimed(0)], now=NOW))
    Partition(epoch=1, restored=Recovery(), decoded=decoded).row(b"u:c")
    decoded.trim()

    assert partition.row(KEY).taken_count == 1


def test_a_counter_has_no_timers() -> None:
    partition = owner()
    partition.settled(partition.fold([claimed(0)], now=NOW))

    assert partition.due(2**62, at_most=10) == []


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (claimed(0)._replace(key=None), "no_key"),
        (claimed(0)._replace(key=b"u:c"), "no_key"),
        (claimed(0)._replace(value=None), "undecodable"),
        (claimed(0)._replace(value=b'{"type":"identified","id":"x"}'), "undecodable"),
        (claimed(0)._replace(cause=b"nonsense"), "bad_cause"),
        (claimed(0, at=-1)._replace(logged_at=NOW), "bad_time"),
    ],
)
def test_a_bad_record_is_refused_and_the_others_go_on(bad: LogRecord, code: str) -> None:
    batch = owner().fold([bad, claimed(1)], now=NOW)

    assert [refusal.error.code for refusal in batch.refusals] == [code]
    assert len(batch.rows) == 1


def test_a_record_of_shared_is_read_as_it_was_written() -> None:
    event = CounterRewriteRequested(id="r", occurred_at=NOW)
    cause = Cause("shared-changelog/2", 7, 0)

    record = wire.shared_record(KEY.decode(), event, cause=cause)

    read = wire.decode_shared(record.value, dict(record.headers)[CAUSE_HEADER])
    assert (record.topic, record.key, read) == ("shared", KEY, (event, cause))


def test_a_row_that_is_none_is_unreadable() -> None:
    value = owner().fold([claimed(0)], now=NOW).rows[0].value

    with pytest.raises(UnreadableRowError):
        counters.decode(value[:-1])


def test_a_row_of_a_newer_version_is_not_touched() -> None:
    value = owner().fold([claimed(0)], now=NOW).rows[0].value

    with pytest.raises(NewerFormatError):
        counters.decode(b"\xff" + value[1:])
