"""Redis' copies of the tables, for reads of one customer now. Losing them loses nothing.

    oncue:customer:ID   changelog offset u64 | the stored row (header, msgpack)
    oncue:copy          a hash: for each partition of the changelog the next offset to copy,
                        and `complete` once the copy has met the end of the log
    oncue:shared:KEY, oncue:shared-copy   the same of the counters

The position stands beside what it counts: a Redis that was emptied, or went back in time, has
lost both, so whoever fills it sees where to go on.
"""

import struct
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from engine import keys
from engine.customer import Customer
from engine.rows import Row
from tables import connections, rows
from tables.connections import PREFIX
from tables.errors import CopyLostError

CUSTOMER: Final = f"{PREFIX}customer:"
COPY: Final = f"{PREFIX}copy"
COUNTER: Final = f"{PREFIX}shared:"
COUNTERS_COPY: Final = f"{PREFIX}shared-copy"
COMPLETE: Final = "complete"

BATCH: Final = 500
"""Rows per round trip: about 1 MB."""

FORWARDS_MAX: Final = 100
"""As many merges as a customer goes through at most; one or two as a rule."""

_PLACE: Final = struct.Struct(">Q")

SCRIPT: Final = """
local function compare(given, stored, first, last)
  for at = first, last do
    local left, right = string.byte(given, at), string.byte(stored, at)
    if left ~= right then return left < right and -1 or 1 end
  end
  return 0
end
local given = ARGV[1]
local stored = redis.call('GETRANGE', KEYS[1], 0, 32)
if #stored == 33 then
  local is_later = compare(given, stored, 1, 8) > 0
  local order = compare(given, stored, 10, 33)
  if order < 0 then return is_later and -1 or 0 end
  if order == 0 and not is_later then return 0 end
end
redis.call('SET', KEYS[1], given)
return 1
"""
"""Bytes 1-8 are the changelog offset, 9 the format, 10-33 (epoch, version, offset).

Byte by byte: a number of Lua's holds 53 bits, and its strings compare by the server's locale.
"""

ADVANCE: Final = """
for at = 1, #ARGV, 3 do
  if redis.call('HGET', KEYS[1], ARGV[at]) ~= ARGV[at + 1] then return 0 end
end
for at = 1, #ARGV, 3 do redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 2]) end
return 1
"""
"""Partition, expected, next; all or nothing."""


class Copy(NamedTuple):
    """A record of the changelog on its way into the copy."""

    customer: str
    """Public id; of a counter its key."""
    offset: int
    """In the changelog's partition."""
    value: bytes
    """The stored row."""


class Advance(NamedTuple):
    """The copy of a partition moves from one position to the next."""

    partition: int
    expected: int
    next: int


WRITTEN: Final = 1
SEEN: Final = 0
"""The copy holds this record already, or a higher one that came later."""
LOWER: Final = -1
"""The copy holds a higher record that came earlier: a zombie wrote this one."""


class Copies:
    """The copy of one changelog, for its one writer."""

    def __init__(self, *, url: str, rows_at: str, place: str) -> None:
        """`rows_at` begins the name of each row, `place` is the name of the positions."""
        self._address = connections.address_of(url)
        self._redis = connections.connect(url)
        self._rows_at = rows_at
        self._place = place
        self._write = self._redis.register_script(SCRIPT)
        self._advance = self._redis.register_script(ADVANCE)

    async def is_complete(self) -> bool:
        """Whether the copy has met the end of the log since it was begun; errors as `positions`."""
        with connections.translated(self._address):
            return await self._redis.hget(self._place, COMPLETE) is not None

    async def positions(self) -> dict[int, int]:
        """Tell the next offset to copy by partition; empty if there is no copy.

        Raises:
            RedisAwayError: nobody answers.
        """
        with connections.translated(self._address):
            found = await self._redis.hgetall(self._place)
        return {int(name): int(value) for name, value in found.items() if name != COMPLETE.encode()}

    async def begin(self, positions: Mapping[int, int]) -> None:
        """Begin the copy of these partitions there, unless it was begun; errors as `positions`."""
        with connections.translated(self._address):
            async with self._redis.pipeline(transaction=False) as pipe:
                for partition, offset in positions.items():
                    pipe.hsetnx(self._place, str(partition), str(offset))
                await pipe.execute()

    async def mark_complete(self) -> None:
        """Say that the copy has met the end of the log; errors as `positions`."""
        with connections.translated(self._address):
            await self._redis.hset(self._place, COMPLETE, "1")

    async def write(self, copies: Sequence[Copy]) -> list[int]:
        """Copy what is higher than what is there; `WRITTEN`, `SEEN` or `LOWER` for each.

        The same again changes nothing; what was `LOWER` is so again.

        Raises:
            RedisAwayError: some of it may be written.
        """
        outcomes: list[int] = []
        for first in range(0, len(copies), BATCH):
            outcomes += await self._written(copies[first : first + BATCH])
        return outcomes

    async def forget(self, customer_ids: Sequence[str]) -> None:
        """Leave nothing under these ids; errors as `positions`."""
        if customer_ids:
            with connections.translated(self._address):
                await self._redis.delete(*(self._rows_at + name for name in customer_ids))

    async def advance(self, advances: Sequence[Advance]) -> None:
        """Move the positions, all or none.

        Raises:
            CopyLostError: they are not the expected ones: go on from `positions`.
            RedisAwayError: they may be moved.
        """
        moves = [str(part) for advance in advances for part in advance]
        with connections.translated(self._address):
            is_moved = await self._advance(keys=[self._place], args=moves)
        if not is_moved:
            raise CopyLostError

    async def close(self) -> None:
        """Let the connections go."""
        await connections.close(self._redis)

    async def _written(self, copies: Sequence[Copy]) -> list[int]:
        with connections.translated(self._address):
            async with self._redis.pipeline(transaction=False) as pipe:
                for copy in copies:
                    value = _PLACE.pack(copy.offset) + copy.value
                    await self._write(
                        keys=[self._rows_at + copy.customer], args=[value], client=pipe
                    )
                return await pipe.execute()


class Profiles(Copies):
    """The customers' copy, and reads of it."""

    def __init__(self, *, url: str) -> None:
        super().__init__(url=url, rows_at=CUSTOMER, place=COPY)

    async def get(self, customer_id: str) -> Customer | None:
        """Read one customer by public id; None for whoever was never seen, or erased.

        Raises:
            RedisAwayError: nobody answers.
            NewerFormatError: the row is a newer Oncue's.
        """
        return (await self.get_many([customer_id]))[0]

    async def get_many(self, customer_ids: Sequence[str]) -> list[Customer | None]:
        """Read several at once, in this order; errors as `get`."""
        found = await self.get_rows(customer_ids)
        return [None if row is None or row.erasure is not None else row.customer for row in found]

    async def get_rows(self, customer_ids: Sequence[str]) -> list[Row | None]:
        """Read whole rows, in this order; of a merged id its survivor's. Errors as `get`."""
        found = await self._rows(customer_ids)
        for _ in range(FORWARDS_MAX):
            merged = [(at, row) for at, row in enumerate(found) if row is not None and row.forward]
            if not merged:
                break
            survivors = await self._rows([keys.public_id(row.forward) for _, row in merged])
            for (at, _), survivor in zip(merged, survivors, strict=True):
                found[at] = survivor
        return found

    async def _rows(self, customer_ids: Sequence[str]) -> list[Row | None]:
        if not customer_ids:
            return []
        names = [CUSTOMER + customer_id for customer_id in customer_ids]
        with connections.translated(self._address):
            values = await self._redis.mget(names)
        return [
            rows.decode(value[_PLACE.size :]).row if isinstance(value, bytes) else None
            for value in values
        ]

    async def is_erased(self, customer_id: str) -> bool:
        """Whether the copy has this very row, as a stub; reads the header alone.

        Raises:
            RedisAwayError: nobody answers.
            NewerFormatError: the row is a newer Oncue's.
        """
        with connections.translated(self._address):
            found = await self._redis.getrange(
                CUSTOMER + customer_id, _PLACE.size, _PLACE.size + rows.HEADER_BYTES - 1
            )
        return (
            isinstance(found, bytes)
            and found != b""
            and rows.decode_header(found).flags & rows.ERASED > 0
        )
