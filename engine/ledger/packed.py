"""Entries side by side in fixed widths: one is found, added and replaced without reading the rest.

    ids      8 bytes an entry   ─┐
    links    8 bytes an entry    ├─ the same place in each
    records  the rest, 45 bytes ─┘

A receipt more of a customer with a thousand costs a look through 16 KB and a copy of 61, both by
the C library, where decoding and encoding all of them took milliseconds.
"""

import struct
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

import msgspec

from engine.ledger.entries import ID_BYTES, NAMED, RETURN, TRACKED, WHOLE, Entry
from engine.ledger.stores import KEY_BYTES

_RECORD: Final = struct.Struct(f"<qqqqi{KEY_BYTES}s3sbB")
"""Times of content, event and status; digits of the total, pieces, store, currency, exponent of
the total, flags and state."""

_NO_LINK: Final = bytes(ID_BYTES)
_NO_STORE: Final = bytes(KEY_BYTES)
_NO_CURRENCY: Final = bytes(3)
_NO_UNITS: Final = -(2**31)
_STATE_SHIFT: Final = (RETURN | TRACKED | WHOLE | NAMED).bit_length()
_FLAGS: Final = (1 << _STATE_SHIFT) - 1

_DIGITS_MAX: Final = 2**63 - 1
_UNITS_MAX: Final = 2**31 - 1


class Packed(msgspec.Struct, frozen=True, array_like=True):
    """61 bytes an entry."""

    ids: bytes = b""
    links: bytes = b""
    records: bytes = b""
    wide: dict[bytes, tuple[Decimal, int | None]] = {}
    """By id, total and pieces of what is too large for its place; hardly any."""

    def __len__(self) -> int:
        """How many."""
        return len(self.ids) // ID_BYTES


def of(entries: Iterable[Entry]) -> Packed:
    """Pack entries, in this order."""
    found = list(entries)
    return Packed(
        b"".join(entry.id for entry in found),
        b"".join(entry.link or _NO_LINK for entry in found),
        b"".join(_record(entry) for entry in found),
        {entry.id: (entry.total, entry.units) for entry in found if _is_wide(entry)},
    )


def unpacked(packed: Packed) -> list[Entry]:
    """Read them all, in their order."""
    return [_entry(packed, place) for place in range(len(packed))]


def find(packed: Packed, entry_id: bytes) -> Entry | None:
    """Read one."""
    place = next(_places(packed.ids, entry_id), None)
    return None if place is None else _entry(packed, place)


def linked(packed: Packed, entry_id: bytes) -> list[Entry]:
    """Read those that link to it."""
    return [_entry(packed, place) for place in _places(packed.links, entry_id)]


def with_entry(packed: Packed, entry: Entry) -> Packed:
    """Put one in, at the end; the one of that id leaves."""
    ids, links, records, wide = packed.ids, packed.links, packed.records, packed.wide
    place = next(_places(ids, entry.id), None)
    if place is not None:
        ids, links = _cut(ids, place, ID_BYTES), _cut(links, place, ID_BYTES)
        records = _cut(records, place, _RECORD.size)
    if _is_wide(entry) or entry.id in wide:
        wide = {known: told for known, told in wide.items() if known != entry.id}
        if _is_wide(entry):
            wide[entry.id] = (entry.total, entry.units)
    return Packed(ids + entry.id, links + (entry.link or _NO_LINK), records + _record(entry), wide)


def _places(column: bytes, value: bytes) -> Iterator[int]:
    at = column.find(value)
    while at >= 0:
        if at % ID_BYTES == 0:
            yield at // ID_BYTES
        at = column.find(value, at + 1)


def _cut(column: bytes, place: int, width: int) -> bytes:
    return column[: place * width] + column[(place + 1) * width :]


def _record(entry: Entry) -> bytes:
    is_wide = _is_wide(entry)
    digits, exponent = (0, 0) if is_wide else _scaled(entry.total)
    units = _NO_UNITS if is_wide or entry.units is None else entry.units
    return _RECORD.pack(
        entry.updated_at,
        entry.occurred_at,
        entry.status_at,
        digits,
        units,
        entry.store or _NO_STORE,
        entry.currency.encode() or _NO_CURRENCY,
        exponent,
        entry.state << _STATE_SHIFT | entry.flags,
    )


def _entry(packed: Packed, place: int) -> Entry:
    entry_id, link = (
        column[place * ID_BYTES : (place + 1) * ID_BYTES] for column in (packed.ids, packed.links)
    )
    updated_at, occurred_at, status_at, digits, units, store, currency, exponent, bits = (
        _RECORD.unpack_from(packed.records, place * _RECORD.size)
    )
    told = packed.wide.get(entry_id) if packed.wide else None
    if told is None:
        told = (Decimal(digits).scaleb(exponent), None if units == _NO_UNITS else units)
    return Entry(
        id=entry_id,
        updated_at=updated_at,
        occurred_at=occurred_at,
        total=told[0],
        units=told[1],
        currency="" if currency == _NO_CURRENCY else currency.decode(),
        flags=bits & _FLAGS,
        link=b"" if link == _NO_LINK else link,
        state=bits >> _STATE_SHIFT,
        status_at=status_at,
        store=b"" if store == _NO_STORE else store,
    )


def _is_wide(entry: Entry) -> bool:
    digits, exponent = _scaled(entry.total)
    is_many = entry.units is not None and abs(entry.units) > _UNITS_MAX
    return is_many or abs(digits) > _DIGITS_MAX or not -128 <= exponent <= 127


def _scaled(total: Decimal) -> tuple[int, int]:
    """Digits as a number, with the sign, and the exponent of ten."""
    sign, digits, exponent = total.as_tuple()
    assert isinstance(exponent, int)
    number = int("".join(map(str, digits)))
    return (-number if sign else number), exponent
