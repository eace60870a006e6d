"""The stored form of a counter's row: the header of `tables.rows`, then msgpack."""

from typing import Final

import msgspec

from engine.shared.counters import CounterRow
from tables import rows
from tables.errors import UnreadableRowError
from tables.rows import Header

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(CounterRow).decode


def encode(row: CounterRow, *, epoch: int, version: int, offset: int) -> bytes:
    """Write a row as it goes to the changelog."""
    flags = rows.OUTBOX if row.outbox else 0
    head = rows.encode_header(Header(epoch, version, offset, rows.NEVER, flags))
    return head + _encode(row)


def decode(value: bytes) -> tuple[Header, CounterRow]:
    """Read a whole row; errors as `tables.rows.decode`."""
    header = rows.decode_header(value)
    try:
        return header, _decode(rows.body(value))
    except msgspec.DecodeError as error:
        raise UnreadableRowError(str(error)) from error
