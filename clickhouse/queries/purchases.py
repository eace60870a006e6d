"""Receipts and orders of one customer as they stand, newest first."""

from typing import Final

import msgspec

from clickhouse.client import Reader
from clickhouse.queries.activity import LATEST_MS, Place
from clickhouse.queries.identities import OF_CUSTOMER, Person


class StoredReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """The version of a receipt that stands."""

    id: str
    at_ms: int
    payload: str
    """The event, JSON."""


class StoredOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What stands of an order, and the latest of each status; absent text is empty."""

    id: str
    at_ms: int
    payload: str
    """The event that says what the order holds, JSON."""
    status: str
    payment_status: str
    delivery_status: str


_BEFORE: Final = """
    ({id:String} = '' OR (at_ms, id) < ({at:Int64}, {id:String}))
    ORDER BY at_ms DESC, id DESC
    LIMIT {limit:UInt32}
"""


async def receipts(
    reader: Reader, *, of: Person, only: str, after: Place | None, limit: int
) -> list[StoredReceipt]:
    """List receipts and returns before the place `after`; `only` is the id of one, or empty.

    Raises:
        ClickHouseError: as the reader says.
    """
    return await reader.records(
        StoredReceipt,
        f"""
        SELECT * FROM
        (
            SELECT receipt_id AS id, toUnixTimestamp64Milli(at) AS at_ms, payload
            FROM oncue.transactions AS t
            WHERE {OF_CUSTOMER} AND type = 'receipt_issued'
              AND ({{only:String}} = '' OR receipt_id = {{only:String}})
            ORDER BY updated_at DESC, total DESC, t.id DESC
            LIMIT 1 BY receipt_id
        )
        WHERE {_BEFORE}
        """,  # noqa: S608 constants of these modules
        _parameters(of, only, after, limit),
    )


async def orders(
    reader: Reader, *, of: Person, only: str, after: Place | None, limit: int
) -> list[StoredOrder]:
    """List orders before the place `after`, as `receipts` does; of some only a status is known.

    Those are no orders yet.
    """
    return await reader.records(
        StoredOrder,
        f"""
        SELECT * FROM
        (
            SELECT
                order_id AS id,
                toUnixTimestamp64Milli(if(max(told) = 2, argMaxIf(at, place, told = 2),
                    minIf(at, told > 0))) AS at_ms,
                argMax(payload, place) AS payload,
                argMaxIf(status, (said_at, weight, status), status != '') AS status,
                argMaxIf(payment_status, (said_at, payment_status), payment_status != '')
                    AS payment_status,
                argMaxIf(delivery_status, (said_at, delivery_status), delivery_status != '')
                    AS delivery_status
            FROM oncue.order_words
            WHERE {OF_CUSTOMER} AND ({{only:String}} = '' OR order_id = {{only:String}})
            GROUP BY order_id
            HAVING max(told) > 0
        )
        WHERE {_BEFORE}
        """,  # noqa: S608 constants of these modules
        _parameters(of, only, after, limit),
    )


def _parameters(of: Person, only: str, after: Place | None, limit: int) -> dict[str, object]:
    at, id_ = after or (LATEST_MS, "")
    return {**of.parameters(), "only": only, "at": at, "id": id_, "limit": limit}
