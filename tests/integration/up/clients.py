"""The ordinary client of ClickHouse."""

import clickhouse_connect
from clickhouse_connect.driver.client import Client

from tests.support.clickhouse import ClickHouse


def connect(server: ClickHouse, *, database: str | None = None, compress: str = "lz4") -> Client:
    """Connect as anybody would."""
    return clickhouse_connect.get_client(
        host="127.0.0.1", port=server.port, database=database, compress=compress
    )
