"""One customer's row: from Redis, and the same one, a second or two older, from ClickHouse."""

from collections.abc import Mapping, Sequence

from api.admin.errors import NotFoundError, UnavailableError
from clickhouse.client import Reader
from clickhouse.queries import customers as queries
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
            ClickHouseError: Redis does not have the row, and ClickHouse cannot be asked.
        """
        row = await self.find(customer_id)
        if row is None:
            raise NotFoundError("customer", customer_id)
        return row

    async def find(self, customer_id: str) -> Row | None:
        """The same, None for whoever was never seen."""
        return (await self.find_many([customer_id])).get(customer_id)

    async def find_many(self, customer_ids: Sequence[str]) -> Mapping[str, Row]:
        """The rows there are; errors as `get`."""
        found = await self._in_redis(customer_ids)
        missing = [customer_id for customer_id in customer_ids if customer_id not in found]
        stored = await queries.rows(self._reader, missing)
        return found | {name: decoded(value) for name, value in stored.items()}

    async def _in_redis(self, customer_ids: Sequence[str]) -> dict[str, Row]:
        """Nothing while it is away, was emptied, or holds a newer Oncue's rows."""
        try:
            found = await self._profiles.get_rows(customer_ids)
        except TablesError:
            return {}
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
