"""What Redis knows of a message's customer and address, asked right before it leaves.

    oncue:copy, oncue:shared-copy       are both copies complete?
    oncue:customer:ID                   the header: was the customer erased?
    oncue:shared:address:HASH           what stands against the address

One round trip of about 0.2 ms.
"""

from typing import Final, NamedTuple

from engine import suppressions
from engine.shared.standings import AddressState
from tables import connections, counters, rows
from tables.profiles import COMPLETE, COPY, COUNTER, COUNTERS_COPY, CUSTOMER

_PLACE_BYTES: Final = 8
"""Of the changelog offset in front of a row."""


class Known(NamedTuple):
    """As the copies say."""

    is_complete: bool
    """Both copies have met the ends of their logs; else what is not there may still be so."""
    is_erased: bool
    address: AddressState | None
    """None: nobody ever said anything of it."""


class Clearance:
    """A connection to ask by."""

    def __init__(self, *, url: str) -> None:
        self._address = connections.address_of(url)
        self._redis = connections.connect(url)

    async def close(self) -> None:
        """Let the connections go."""
        await self._redis.aclose()

    async def of(self, customer_id: str, address: bytes | None) -> Known:
        """Ask for a customer by public id, and for the hash of an address; None: it has no row.

        Raises:
            RedisAwayError: nobody answers.
            NewerFormatError: a row is a newer Oncue's.
            UnreadableRowError: what stands there is no row.
        """
        with connections.translated(self._address):
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.hget(COPY, COMPLETE)
                pipe.hget(COUNTERS_COPY, COMPLETE)
                pipe.getrange(
                    CUSTOMER + customer_id, _PLACE_BYTES, _PLACE_BYTES + rows.HEADER_BYTES - 1
                )
                if address is not None:
                    pipe.get(COUNTER + suppressions.counter(address))
                found = await pipe.execute()
        customers, shared, header, *row = found
        return Known(
            is_complete=customers is not None and shared is not None,
            is_erased=bool(header) and rows.decode_header(header).flags & rows.ERASED > 0,
            address=_state(row[0]) if row else None,
        )

    async def states(self, addresses: list[bytes]) -> list[AddressState | None]:
        """Read the rows of several addresses, by hash, in this order; errors as `of`."""
        if not addresses:
            return []
        names = [COUNTER + suppressions.counter(address) for address in addresses]
        with connections.translated(self._address):
            found = await self._redis.mget(names)
        return [_state(value) for value in found]


def _state(value: bytes | str | None) -> AddressState | None:
    if not isinstance(value, bytes):
        return None
    _, row = counters.decode(value[_PLACE_BYTES:])
    return row.address
