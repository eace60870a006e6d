"""Bytes to events and back. The only module that knows how `events` is encoded."""

from typing import Final, NamedTuple

import msgspec

from engine.baseevent import BaseEvent
from engine.claims import SharedEvent
from engine.errors import RejectedError
from engine.events import KINDS, Event, Listed, Switched
from engine.rows import Cause
from streams import topics
from streams.records import CAUSE_HEADER, KIND_HEADER, Record

_decode: Final = msgspec.json.Decoder(Event).decode
_decode_shared: Final = msgspec.json.Decoder(SharedEvent).decode
_decode_listed: Final = msgspec.json.Decoder(Listed).decode
_decode_switch: Final = msgspec.json.Decoder(Switched).decode
_encode: Final = msgspec.json.Encoder().encode
_probe: Final = msgspec.msgpack.Encoder().encode

LATEST_AT: Final = 253_402_300_799_999
"""The end of the year 9999: what RFC 3339 and ClickHouse can still write."""

UNDECODABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for bytes that are no value of ours; each is a record's fault, not a bug."""


class Decoded(NamedTuple):
    """An event and what made us append it."""

    event: Event
    cause: Cause | None


def record_of(
    key: str,
    event: BaseEvent,
    *,
    cause: Cause | None = None,
    logged_at: int | None = None,
    partition: int | None = None,
) -> Record:
    """An event as it goes to its topic, stamped by the producer unless `logged_at` says so."""
    kind = KINDS[type(event)]
    is_listed = kind == "catalogue"
    headers = [(KIND_HEADER, kind.encode())]
    if cause is not None:
        headers.append((CAUSE_HEADER, encode_cause(cause)))
    return Record(
        topic=topics.CATALOGUE.name if is_listed else topics.EVENTS.name,
        key=key.encode(),
        value=_encode(event),
        headers=tuple(headers),
        partition=0 if is_listed else partition,
        timestamp_at=logged_at,
    )


def switch_of(switched: Switched, *, partition: int, logged_at: int) -> Record:
    """A switch as it goes to one partition of `events`: it is no customer's."""
    return Record(
        topic=topics.EVENTS.name,
        key=None,
        value=_encode(switched),
        headers=((KIND_HEADER, KINDS[Switched].encode()),),
        partition=partition,
        timestamp_at=logged_at,
    )


def decode_event(value: bytes | None, cause: bytes | None) -> Decoded:
    """Read a record of `events`.

    Raises:
        RejectedError: no event we know, or a broken cause.
    """
    if not value:
        raise RejectedError("no_value", "an event needs a value")
    try:
        event = _decode(value)
    except UNDECODABLE as error:
        raise RejectedError("undecodable", str(error)) from error
    _require_storable(event)
    return Decoded(event, None if cause is None else _decode_cause(cause))


class DecodedShared(NamedTuple):
    """A record of `shared` and what made us append it."""

    event: SharedEvent
    cause: Cause | None


def decode_shared(value: bytes | None, cause: bytes | None) -> DecodedShared:
    """Read a record of `shared`; errors as `decode_event`."""
    try:
        event = _decode_shared(value or b"")
    except UNDECODABLE as error:
        raise RejectedError("undecodable", str(error)) from error
    _require_storable(event)
    return DecodedShared(event, None if cause is None else _decode_cause(cause))


def shared_record(counter: str, event: SharedEvent, *, cause: Cause | None = None) -> Record:
    """What goes to a counter, stamped by the producer."""
    headers = () if cause is None else ((CAUSE_HEADER, encode_cause(cause)),)
    return Record(
        topic=topics.SHARED.name, key=counter.encode(), value=_encode(event), headers=headers
    )


def _require_storable(event: BaseEvent) -> None:
    """Refuse what a row cannot hold: our own writers never append it, others might."""
    if not 0 <= event.occurred_at <= LATEST_AT:
        raise RejectedError("bad_time", f"{event.occurred_at} is no time", path="occurred_at")
    try:
        _probe(event)
    except OverflowError as error:
        raise RejectedError("number_too_large", str(error)) from error


def decode_switch(value: bytes | None) -> Switched:
    """Read a record of kind switch.

    Raises:
        RejectedError: it is none.
    """
    try:
        return _decode_switch(value or b"")
    except UNDECODABLE as error:
        raise RejectedError("undecodable", str(error)) from error


def decode_listed(value: bytes | None) -> Listed | None:
    """Read a record of `catalogue`; None where nobody can, which every process finds alike."""
    try:
        listed: Listed = _decode_listed(value or b"")
    except UNDECODABLE:
        return None
    return listed


def encode_cause(cause: Cause) -> bytes:
    """`topic/partition/offset/n`."""
    return f"{cause.source}/{cause.offset}/{cause.n}".encode()


def _decode_cause(text: bytes) -> Cause:
    try:
        source, offset, n = text.decode().rsplit("/", 2)
        return Cause(source, int(offset), int(n))
    except ValueError as error:
        raise RejectedError("bad_cause", f"{text!r} is no cause") from error
