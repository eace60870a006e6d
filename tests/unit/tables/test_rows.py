import msgspec
import pytest

from engine import rows as engine_rows
from engine.emissions import Emission, OutboxEntry
from engine.links import Freeze, Held, Link
from engine.rows import Timer
from tables import rows
from tables.errors import NewerFormatError, UnreadableRowError


def stored(**changes: object) -> bytes:
    row = engine_rows.blank("u:c")
    for name, value in changes.items():
        setattr(row, name, value)
    return rows.encode(row, epoch=3, version=2, offset=1)


def test_a_row_comes_back_as_it_was_stored() -> None:
    row = engine_rows.blank("u:c")
    row.seen[engine_rows.hashed("e1")] = 7
    row.causes["tracker/0"] = (5, 0)
    row.timers["t"] = Timer(9, 1)
    row.outbox.append(OutboxEntry(1, (Emission("facts", b"{}"),)))

    value = rows.encode(row, epoch=3, version=2, offset=1)

    assert rows.decode(value).row == row


def test_the_header_alone_says_what_recovery_needs() -> None:
    header = rows.decode_header(stored(timers={"b": Timer(9, 1), "a": Timer(4, 2)}))

    assert (header.order, header.next_due_at, header.flags) == ((3, 2, 1), 4, 0)


def test_a_row_without_timers_is_never_due() -> None:
    assert rows.decode_header(stored()).next_due_at == rows.NEVER


def test_the_header_tells_of_an_outbox() -> None:
    value = stored(outbox=[OutboxEntry(1, (Emission("facts", b"{}"),))])

    assert rows.decode_header(value).flags == rows.OUTBOX


def test_the_header_tells_of_a_forward() -> None:
    assert rows.decode_header(stored(forward="u:ada")).flags == rows.FORWARD


def test_a_row_that_waits_for_a_merge_comes_back_as_it_was_stored() -> None:
    row = engine_rows.blank("u:c")
    row.links["a:d"] = Link("asked", "m", 5)
    row.freeze = Freeze(
        base=row.customer, waiting_for=("m",), held=(Held("tracker", b'{"id": "e"}', 6),)
    )

    assert rows.decode(rows.encode(row, epoch=3, version=2, offset=1)).row == row


def test_a_newer_format_is_refused_with_what_to_do() -> None:
    value = bytes([rows.FORMAT + 1]) + stored()[1:]

    with pytest.raises(NewerFormatError, match=f"knows up to {rows.FORMAT}"):
        rows.decode_header(value)


@pytest.mark.parametrize("value", [b"", b"\x01", stored()[:34], stored()[:-1]])
def test_what_is_no_row_is_refused(value: bytes) -> None:
    with pytest.raises(UnreadableRowError):
        rows.decode(value)


def test_the_partitions_own_row_comes_back() -> None:
    value = rows.encode_switch(rows.Switch(-1, 5), epoch=3, version=2, offset=0)

    assert rows.decode_switch(value) == (rows.Header(3, 2, 0, rows.NEVER, 0), rows.Switch(-1, 5))


def test_the_partitions_own_row_from_before_the_catalogue_is_read() -> None:
    header = rows.encode_switch(rows.Switch(7), epoch=3, version=2, offset=0)[:34]

    assert rows.decode_switch(header + msgspec.msgpack.encode(7))[1] == rows.Switch(7, -1)
