"""One customer's row: from Redis, and the same one, a second or two older, from ClickHouse."""

from collections.abc import Mapping, Sequence

from api.admin.errors import GoneError, NotFoundError, UnavailableError
from clickhouse.client import Reader
from clickhouse.queries import customers as queries
from engine import keys
from engine.rows import Row
from tables import rows
from tables.errors import NewerFormatError, TablesError
from tables.profiles import Profiles


class Rows:
    """What the API knows a customer by."""

    def __init__(self, *, profiles: Profiles, reader: Reader) -> None:
        self._profiles = profiles
        self._reader = reader

    async def get(self, customer_id: str) -> Row:
        """Find the row of a customer.

        Raises:
            NotFoundError: nobody has ever heard of them.
            GoneError: they were erased.
            ClickHouseError: Redis does not have the row, and ClickHouse cannot be asked.
        """
        row = await self.find(customer_id)
        if row is None:
            raise NotFoundError("customer", customer_id)
        if row.erasure is not None:
            raise GoneError(customer_id)
        return row

    async def refuse_erased(self, customer_id: str) -> None:
        """See that the customer was not erased; nobody may know them yet.

        Raises:
            GoneError: they were.
            ClickHouseError: as `get`.
        """
        row = await self.find(customer_id)
        if row is not None and row.erasure is not None:
            raise GoneError(customer_id)

    async def find(self, customer_id: str) -> Row | None:
        """The same, None for whoever was never seen; of the erased what stays of them."""
        return (await self.find_many([customer_id])).get(customer_id)

    async def find_many(self, customer_ids: Sequence[str]) -> Mapping[str, Row]:
        """The rows there are; errors as `get`."""
        found = await self.in_redis(customer_ids) or {}
        missing = [customer_id for customer_id in customer_ids if customer_id not in found]
        return found | await self._in_clickhouse(missing)

    async def _in_clickhouse(self, customer_ids: Sequence[str]) -> dict[str, Row]:
        """A merged id answers with the survivor; forwards lead upwards, so this ends."""
        stored = await queries.rows(self._reader, customer_ids)
        found = {name: decoded(value) for name, value in stored.items()}
        merged = {name: keys.public_id(row.forward) for name, row in found.items() if row.forward}
        if not merged:
            return found
        survivors = await self._in_clickhouse(sorted(set(merged.values())))
        return found | {
            name: survivors[survivor] for name, survivor in merged.items() if survivor in survivors
        }

    async def in_redis(self, customer_ids: Sequence[str]) -> dict[str, Row] | None:
        """The rows that Redis has; None while it is away or holds a newer Oncue's."""
        try:
            found = await self._profiles.get_rows(customer_ids)
        except TablesError:
            return None
        known = zip(customer_ids, found, strict=True)
        return {customer_id: row for customer_id, row in known if row is not None}


def decoded(value: bytes) -> Row:
    """Read a row as ClickHouse keeps it.

    Raises:
        UnavailableError: a newer Oncue wrote it.
    """
    try:
        return rows.decode(value).row
    except NewerFormatError as error:
        raise UnavailableError(error.code, str(error)) from error
