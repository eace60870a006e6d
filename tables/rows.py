"""The stored form of a row: a fixed header, then msgpack.

    format u8 | epoch u64 | version u64 | offset u64 | next due u64 | flags u8 | msgpack(Row)

Recovery and the mirror read headers only. Of two records for one key the higher (epoch, version,
offset) is true, whatever their order in the log: a zombie's late write loses.
"""

import struct
from typing import Final, NamedTuple

import msgspec

from engine import rows as engine_rows
from engine.rows import Row
from tables.errors import NewerFormatError, UnreadableRowError

FORMAT: Final = 1
"""Written by this version. A newer one stops the worker; older ones are migrated when touched."""

OUTBOX: Final = 1
"""Flag: the row has emissions that may not have been delivered."""

FORWARD: Final = 2
"""Flag: the identity was merged into another; the row only passes on what comes for it."""

ERASED: Final = 4
"""Flag: a stub; nothing is known of the customer but the id."""

NEVER: Final = 2**64 - 1
"""Next due time of a row without timers."""

RESERVED: Final = b"="
"""First byte of keys that are no customers: `=owner`, `=switch`. Row keys begin with a letter."""

ROW_MAX_BYTES: Final = engine_rows.ROW_MAX_BYTES
"""Of a record of the changelog."""

_HEADER: Final = struct.Struct(">BQQQQB")
HEADER_BYTES: Final = _HEADER.size
_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Row).decode


class Header(NamedTuple):
    """What is known of a row without decoding it."""

    epoch: int
    """Changelog offset of the owner's marker: a later owner has a higher one."""
    version: int
    """Writes of this row so far."""
    offset: int
    """The last `events` offset applied."""
    next_due_at: int
    flags: int

    @property
    def order(self) -> tuple[int, int, int]:
        """What decides which of two records is true."""
        return self.epoch, self.version, self.offset


class StoredRow(NamedTuple):
    """A row with its header."""

    header: Header
    row: Row


def encode(row: Row, *, epoch: int, version: int, offset: int) -> bytes:
    """Write a row as it goes to the changelog."""
    due = row.next_due_at
    flags = (
        (OUTBOX if row.outbox else 0)
        | (FORWARD if row.forward else 0)
        | (ERASED if row.erasure is not None else 0)
    )
    due_at = NEVER if due is None else due
    return encode_header(Header(epoch, version, offset, due_at, flags)) + _encode(row)


def encode_header(header: Header) -> bytes:
    """Write what stands before the body."""
    return _HEADER.pack(FORMAT, *header)


def body(value: bytes) -> memoryview:
    """What stands behind the header."""
    return memoryview(value)[_HEADER.size :]


class Switch(msgspec.Struct, frozen=True, array_like=True):
    """What a partition decides under, by offsets in the logs of definitions and catalogue."""

    definitions: int
    catalogue: int = -1


_decode_switch: Final = msgspec.msgpack.Decoder(int | Switch).decode


def encode_switch(switch: Switch, *, epoch: int, version: int, offset: int) -> bytes:
    """Write the partition's own row: what it decides under from `offset` on."""
    return encode_header(Header(epoch, version, offset, NEVER, 0)) + _encode(switch)


def decode_switch(value: bytes) -> tuple[Header, Switch]:
    """Read the partition's own row; before there was a catalogue its body was one number.

    Raises:
        UnreadableRowError: the body is none.
    """
    header = decode_header(value)
    try:
        found = _decode_switch(body(value))
    except msgspec.DecodeError as error:
        raise UnreadableRowError(str(error)) from error
    return header, Switch(found) if isinstance(found, int) else found


def decode_header(value: bytes) -> Header:
    """Read the header alone.

    Raises:
        NewerFormatError: written by a newer Oncue: this one must not touch it.
        UnreadableRowError: no row at all.
    """
    if len(value) < _HEADER.size:
        raise UnreadableRowError(f"{len(value)} bytes are no row")
    stored_format, *fields = _HEADER.unpack_from(value)
    if stored_format > FORMAT:
        raise NewerFormatError(stored_format, known=FORMAT)
    return Header(*fields)


def decode(value: bytes) -> StoredRow:
    """Read a whole row.

    Raises:
        NewerFormatError: written by a newer Oncue.
        UnreadableRowError: the body is no row.
    """
    header = decode_header(value)
    try:
        return StoredRow(header, _decode(body(value)))
    except msgspec.DecodeError as error:
        raise UnreadableRowError(str(error)) from error
