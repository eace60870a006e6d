"""A record of `shared` as a row."""

from typing import assert_never

from clickhouse.tables import SharedRow, within_bounds
from engine import keys
from engine.claims import Claimed, CounterRewriteRequested, Released
from engine.errors import RejectedError
from streams import wire
from streams.records import Received


def row_of(record: Received) -> SharedRow:
    """A claim, or a place given back.

    Raises:
        RejectedError: the value is neither, or the key is no text.
    """
    event, _ = wire.decode_shared(record.value, None)
    try:
        counter = (record.key or b"").decode()
    except UnicodeDecodeError as error:
        raise RejectedError("undecodable", str(error)) from error
    common = SharedRow(
        log_partition=record.partition,
        log_offset=record.offset,
        logged_at=within_bounds(record.logged_at),
        id=event.id,
        counter=counter,
        type=str(event.__struct_config__.tag),
        at=within_bounds(event.occurred_at),
    )
    match event:
        case Claimed():
            return common._replace(
                customer=keys.public_id(event.customer),
                claim_id=event.claim_id,
                number=event.number,
                places=event.limit,
                window_ms=event.window_ms,
            )
        case Released():
            return common._replace(
                customer=keys.public_id(event.customer),
                claim_id=event.claim_id,
                number=event.grant,
            )
        case CounterRewriteRequested():
            return common
        case _:
            assert_never(event)
