"""The schema: applied once, guarded, and equal to what the code writes."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from clickhouse import migrate
from clickhouse.client import Reader, Writer
from clickhouse.errors import MigrationError
from clickhouse.migrate import Migration
from clickhouse.tables import TABLES, LogRow


async def test_the_second_run_applies_nothing(writer: Writer) -> None:
    assert await migrate.apply(writer, migrate.known()) == []


async def test_two_that_migrate_at_once_both_succeed(writer: Writer, reader: Reader) -> None:
    await writer.command("DROP DATABASE oncue")

    await asyncio.gather(*(migrate.apply(writer, migrate.known()) for _ in range(2)))

    count = await reader.value("SELECT count() FROM oncue.migrations FINAL")
    assert count == len(migrate.known())


async def test_a_file_changed_after_it_was_applied_is_refused(writer: Writer) -> None:
    first, *rest = migrate.known()
    changed = [msgspec.structs.replace(first, checksum="another"), *rest]

    with pytest.raises(MigrationError, match="0001_logs changed after it was applied"):
        await migrate.apply(writer, changed)


async def test_an_older_version_refuses_a_newer_database(writer: Writer) -> None:
    with pytest.raises(MigrationError, match="newer Oncue"):
        await migrate.apply(writer, [_views()])


async def test_a_new_file_is_applied_to_a_database_in_use(
    writer: Writer, reader: Reader, tmp_path: Path
) -> None:
    (tmp_path / "0001_note.sql").write_text("-- a; b\nCREATE TABLE oncue.note (a Int8);\n")
    (added,) = migrate.known(tmp_path)
    added = msgspec.structs.replace(added, number=len(migrate.known()), name="note")

    applied = await migrate.apply(writer, [*migrate.known(), added])

    assert applied == [added]
    assert await reader.value("EXISTS TABLE oncue.note") == 1


async def test_views_that_changed_are_created_again_once(writer: Writer, reader: Reader) -> None:
    changed = msgspec.structs.replace(
        _views(),
        checksum="another",
        statements=("CREATE OR REPLACE VIEW oncue.note AS SELECT 7 AS a",),
    )
    migrations = [*migrate.known()[:-1], changed]

    with pytest.raises(MigrationError, match="oncue migrate"):
        await migrate.check(writer, migrations)
    assert await migrate.apply(writer, migrations) == [changed]
    assert await migrate.apply(writer, migrations) == []
    assert await reader.value("SELECT a FROM oncue.note") == 7


async def test_a_database_never_migrated_is_found_out(writer: Writer) -> None:
    await writer.command("DROP DATABASE oncue")

    with pytest.raises(MigrationError, match="oncue migrate"):
        await migrate.check(writer, migrate.known())


@pytest.mark.parametrize(("kind", "table"), TABLES.items(), ids=TABLES.values())
async def test_a_row_has_the_columns_of_its_table(
    kind: type[LogRow], table: str, reader: Reader
) -> None:
    found = await reader.rows(
        "SELECT name FROM system.columns WHERE database = 'oncue' AND table = {table:String}"
        " AND default_kind IN ('', 'DEFAULT')",
        {"table": table},
    )

    assert {row["name"] for row in found} == set(kind._fields)


def _views() -> Migration:
    """The file that may change."""
    (*_, views) = migrate.known()
    assert views.number == migrate.VIEWS_NUMBER
    return views
