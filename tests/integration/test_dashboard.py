"""The dashboard's questions, asked of the real views as Grafana would ask them."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec
import pytest

from clickhouse import migrate
from clickhouse.client import Writer
from tests.support import clickhouse
from tests.support.clickhouse import ClickHouse

DASHBOARD: Final = Path(__file__).parents[2] / "deploy" / "grafana" / "dashboards" / "oncue.json"

MACROS: Final[Mapping[str, str]] = {
    r"\$__timeFilter\((\w+)\)": r"\1 >= toDateTime(0) AND \1 <= toDateTime(2000000000)",
    r"\$__timeInterval\((\w+)\)": r"toStartOfInterval(toDateTime(\1), INTERVAL 60 second)",
}
"""What the plugin makes of them."""


class Target(msgspec.Struct, frozen=True, rename="camel"):
    """One question of a panel."""

    raw_sql: str


class Panel(msgspec.Struct, frozen=True):
    """What the test needs of one."""

    title: str
    targets: tuple[Target, ...]


class Dashboard(msgspec.Struct, frozen=True):
    """As Grafana reads it."""

    panels: tuple[Panel, ...]


PANELS: Final = msgspec.json.decode(DASHBOARD.read_bytes(), type=Dashboard).panels


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    with clickhouse.running(tmp_path_factory.mktemp("clickhouse")) as running:
        yield running


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.title)
async def test_clickhouse_understands_the_panel(panel: Panel, server: ClickHouse) -> None:
    async with Writer(url=server.url) as writer:
        await migrate.apply(writer, migrate.known())

        for target in panel.targets:
            await writer.rows(filled(target.raw_sql))


def filled(sql: str) -> str:
    for macro, meaning in MACROS.items():
        sql = re.sub(macro, meaning, sql)
    assert "$" not in sql, "a macro that this test does not know"
    return sql
