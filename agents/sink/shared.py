"""A record of `shared` as a row."""

from typing import assert_never

from clickhouse.tables import SharedRow, within_bounds
from engine import keys
from engine.claims import Claimed, CounterRewriteRequested, Released
from engine.errors import RejectedError
from engine.faults import CampaignFailed
from engine.suppressions import (
    AddressLeft,
    AddressRecord,
    AddressReported,
    AddressTaken,
    SuppressionAdded,
    SuppressionRecorded,
    SuppressionRemoved,
)
from streams import wire
from streams.records import Received


def row_of(record: Received) -> SharedRow:
    """A claim, a place given back, a word on an address.

    Raises:
        RejectedError: the value is none of them, or the key is no text.
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
        case CampaignFailed():
            return common._replace(
                revision=event.revision, code=event.code, because=event.event, note=event.place
            )
        case _:
            return _of_address(common, event)


def _of_address(common: SharedRow, event: AddressRecord) -> SharedRow:
    match event:
        case AddressTaken() | AddressLeft():
            return common._replace(customer=keys.public_id(event.customer))
        case AddressReported():
            return common._replace(
                customer=event.customer,
                kind=event.kind,
                reason=event.verdict,
                message_id=event.message_id,
                code=event.code,
            )
        case SuppressionAdded():
            return common._replace(
                kind=event.kind, scope=event.scope, reason=event.reason, note=event.note
            )
        case SuppressionRemoved():
            return common._replace(note=event.note)
        case SuppressionRecorded():
            return common._replace(
                kind=event.kind,
                revision=event.revision,
                scope=event.scope,
                reason=event.reason,
                reasons=event.reasons,
                because=event.because,
                message_id=event.message_id,
                code=event.code,
                origin=event.origin,
                note=event.note,
            )
        case _:
            assert_never(event)
