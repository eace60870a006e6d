"""Connections to ClickHouse: one to read with, one to write with.

The driver is synchronous and spends its time in encoding columns, so each connection has a few
threads of its own: the event loop goes on, and a slow report cannot take an insert's thread.
"""

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import clickhouse_connect
import msgspec
from clickhouse_connect.datatypes.base import ClickHouseType
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import Error

from clickhouse import addresses, errors
from clickhouse.errors import ClickHouseBusyError
from clickhouse.tables import TABLES, LogRow

T = TypeVar("T")

DATABASE: Final = "oncue"

CONNECT_S: Final = 3

READ_LIMITS: Final[Mapping[str, Any]] = {
    # Given when the connection is made: one that is read-only refuses settings of a single call.
    "readonly": 1,
    "max_execution_time": 5,
    "max_result_rows": 100_000,
    "result_overflow_mode": "throw",
    "max_memory_usage": 1024**3,
}
"""Reports run beside the inserts, on the same machine more often than not."""

WRITE_SETTINGS: Final[Mapping[str, Any]] = {
    # On by default since 26.3. It makes small inserts wait up to 200 ms for others, and behind
    # chdb a block was acknowledged and then not there, on a machine with ten times its load.
    "async_insert": 0,
}

EAGER: Final[Mapping[str, Any]] = {"short_circuit_function_evaluation": "disable"}
"""Where one expression is asked in many branches. ClickHouse leaves out what a branch does not
need, and works out again in each what they share: somebody's age took 15 us so, and takes 1."""

READ_S: Final = 10
WRITE_S: Final = 60
"""A server that merges may take its time; a retry of the block is harmless."""

LOCAL_FAILURES: Final = (ValueError, TypeError, ArithmeticError, AttributeError)
"""What the driver's encoders raise on a value that does not fit its column."""


class Connection:
    """A driver's client, made at the first call, and the threads that use it."""

    def __init__(
        self, *, url: str, settings: Mapping[str, Any], timeout_s: int, threads: int
    ) -> None:
        self.address = addresses.parse(url)
        self._settings = settings
        self._timeout_s = timeout_s
        self._clients: dict[bool, Client] = {}
        """By whether they are eager."""
        self._making = threading.Lock()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="clickhouse")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Wait for what runs, and let the sockets go."""
        await asyncio.to_thread(self._threads.shutdown)
        for client in self._clients.values():
            client.close()

    async def run(
        self, work: Callable[[Client], T], *, mapped: errors.Mapping, is_eager: bool = False
    ) -> T:
        """Do the work in a thread, its errors translated by `mapped`.

        Args:
            is_eager: Evaluate whole expressions (`EAGER`), which may then not rely on a condition
                to keep them from failing.
        """
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(
                self._threads, lambda: work(self._connected(is_eager=is_eager))
            )
        except (Error, *LOCAL_FAILURES) as error:
            raise mapped(error, self.address.shown) from error

    def _connected(self, *, is_eager: bool) -> Client:
        with self._making:
            if is_eager not in self._clients:
                self._clients[is_eager] = clickhouse_connect.get_client(
                    interface=self.address.scheme,
                    host=self.address.host,
                    port=self.address.port,
                    username=self.address.user,
                    password=self.address.password,
                    # No slower here than lz4 (10,000 events: 0.10 s), and smaller on a network.
                    compress="zstd",
                    connect_timeout=CONNECT_S,
                    send_receive_timeout=self._timeout_s,
                    settings={**self._settings, **(EAGER if is_eager else {})},
                    # A session would forbid two queries at once.
                    autogenerate_session_id=False,
                    dedicated_pool=True,
                    tz_mode="aware",
                )
            return self._clients[is_eager]


class Reader(Connection):
    """Asks, and cannot change anything: ClickHouse itself refuses."""

    def __init__(self, *, url: str, threads: int = 4) -> None:
        super().__init__(url=url, settings=READ_LIMITS, timeout_s=READ_S, threads=threads)

    async def rows(
        self,
        sql: str,
        parameters: Mapping[str, object] | None = None,
        *,
        is_eager: bool = False,
    ) -> list[dict[str, Any]]:
        """Return the rows by column name.

        Values travel as parameters, `{customer:String}`, never inside the text. Times are aware,
        in UTC; money is Decimal.

        Args:
            is_eager: As `Connection.run` has it.

        Raises:
            QueryLimitError: too long, too large.
            ClickHouseAwayError: nobody answers.
            ClickHouseBusyError: not now.
            ClickHouseRefusedError: wrong password, no such table.
        """

        def ask(client: Client) -> list[dict[str, Any]]:
            return list(client.query(sql, parameters=dict(parameters or {})).named_results())

        return await self.run(ask, mapped=errors.mapped_read, is_eager=is_eager)

    async def records(
        self,
        of: type[T],
        sql: str,
        parameters: Mapping[str, object] | None = None,
        *,
        is_eager: bool = False,
    ) -> list[T]:
        """Return the rows as typed records; arguments and errors as `rows`."""
        found = await self.rows(sql, parameters, is_eager=is_eager)
        return msgspec.convert(found, list[of])  # type: ignore[valid-type]

    async def value(self, sql: str, parameters: Mapping[str, object] | None = None) -> Any:  # noqa: ANN401  whatever the query says
        """Return the first column of the first row, None without one; errors as `rows`."""
        found = await self.rows(sql, parameters)
        return next(iter(found[0].values())) if found else None

    async def ping(self) -> None:
        """Ask for an answer, any; errors as `rows`."""
        await self.rows("SELECT 1")


class Writer(Connection):
    """Inserts blocks, and changes tables."""

    def __init__(self, *, url: str, threads: int = 4) -> None:
        super().__init__(url=url, settings=WRITE_SETTINGS, timeout_s=WRITE_S, threads=threads)
        self._types: dict[str, Sequence[ClickHouseType]] = {}

    async def insert(self, rows: Sequence[LogRow]) -> None:
        """Store rows of one kind as one block: all of them or none.

        Whatever became of an earlier try, the same rows again are harmless
        (docs/decisions/0010).

        Raises:
            RowsRejectedError: a value does not fit; halve the block to find whose.
            ClickHouseAwayError: nobody answered; it may be stored or not.
            ClickHouseBusyError: not now.
            ClickHouseRefusedError: wrong password, no such table.
        """
        if not rows:
            return
        table, columns = TABLES[type(rows[0])], rows[0]._fields

        def store(client: Client) -> None:
            summary = client.insert(
                f"{DATABASE}.{table}",
                list(zip(*rows, strict=True)),
                column_names=columns,
                column_types=self._types_of(client, table, columns),
                column_oriented=True,
            )
            # More are counted where a materialized view takes its own rows from the block.
            if summary.written_rows < len(rows):
                # Told that all is well, and it is not: the same block again is harmless.
                raise ClickHouseBusyError(
                    address=self.address.shown,
                    reason=f"stored {summary.written_rows} rows of {len(rows)}",
                )

        await self.run(store, mapped=errors.mapped_write)

    async def command(self, sql: str, parameters: Mapping[str, object] | None = None) -> None:
        """Carry out a statement without an answer; errors as a read's."""

        def order(client: Client) -> None:
            client.command(sql, parameters=dict(parameters or {}))

        await self.run(order, mapped=errors.mapped_read)

    async def rows(
        self,
        sql: str,
        parameters: Mapping[str, object] | None = None,
        *,
        is_eager: bool = False,
    ) -> list[dict[str, Any]]:
        """Ask without a reader's limits; arguments and errors as a reader's."""

        def ask(client: Client) -> list[dict[str, Any]]:
            return list(client.query(sql, parameters=dict(parameters or {})).named_results())

        return await self.run(ask, mapped=errors.mapped_read, is_eager=is_eager)

    def _types_of(
        self, client: Client, table: str, columns: Sequence[str]
    ) -> Sequence[ClickHouseType]:
        """Asked once: the driver would before each insert."""
        if table not in self._types:
            context = client.create_insert_context(f"{DATABASE}.{table}", list(columns))
            self._types[table] = context.column_types
        return self._types[table]
