"""Brings the database `oncue` to this version: numbered SQL files, each applied once, in order.

Views hold no data, so all of them stand in one file that is applied again whenever it changed.
Every statement may run twice (IF NOT EXISTS, OR REPLACE): ClickHouse has no transaction around a
file, and two that migrate at once do the same to the same tables. What was applied never changes;
a later wish is a later file.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from clickhouse.client import DATABASE, Writer
from clickhouse.errors import MigrationError
from engine.reasons import SENTENCES

FOLDER: Final = Path(__file__).parent / "migrations"

VIEWS: Final = "views.sql"
REASONS: Final = "{reasons}"
"""In the views: where the rows of the closed list of reasons go."""

VIEWS_NUMBER: Final = 0
"""Where `migrations` keeps what was applied of the views; they are created last."""

_KEPT: Final = f"""
CREATE TABLE IF NOT EXISTS {DATABASE}.migrations
(
    number UInt32,
    name String,
    checksum String COMMENT 'SHA-256 of the file',
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree
ORDER BY number
"""


class Migration(msgspec.Struct, frozen=True, kw_only=True):
    """One file."""

    number: int
    name: str
    checksum: str
    statements: tuple[str, ...]


def known(folder: Path = FOLDER) -> list[Migration]:
    """Read the files, in their order.

    Raises:
        MigrationError: numbers do not run 1, 2, 3, ...
    """
    numbered = [_read(path) for path in sorted(folder.glob("*.sql")) if path.name != VIEWS]
    numbers = [migration.number for migration in numbered]
    if numbers != list(range(1, len(numbers) + 1)):
        raise MigrationError(f"migrations must be numbered 1, 2, 3, ...: found {numbers}")
    return [*numbered, *(_read(path) for path in folder.glob(VIEWS))]


async def apply(writer: Writer, migrations: Sequence[Migration]) -> list[Migration]:
    """Apply what is missing, one after the other; return it.

    Raises:
        MigrationError: a file changed after it was applied, or the database is newer.
        ClickHouseAwayError: nobody answers.
        ClickHouseRefusedError: ClickHouse does not take a statement.
    """
    await writer.command(f"CREATE DATABASE IF NOT EXISTS {DATABASE}")
    await writer.command(_KEPT)
    applied = await _applied(writer)
    _check(migrations, applied)
    missing = _missing(migrations, applied)
    for migration in missing:
        for statement in migration.statements:
            await writer.command(statement)
        await writer.command(
            f"INSERT INTO {DATABASE}.migrations (number, name, checksum) "
            "SELECT {number:UInt32}, {name:String}, {checksum:String}",
            {
                "number": migration.number,
                "name": migration.name,
                "checksum": migration.checksum,
            },
        )
    return missing


async def check(writer: Writer, migrations: Sequence[Migration]) -> None:
    """Make sure that the tables are this version's before anything is written to them.

    Raises:
        MigrationError: they are not; the message says what to do.
    """
    counted = await writer.rows(
        f"SELECT count() AS n FROM system.tables WHERE database = '{DATABASE}'"  # noqa: S608
        " AND name = 'migrations'"
    )
    applied = await _applied(writer) if counted[0]["n"] else {}
    _check(migrations, applied)
    if _missing(migrations, applied):
        raise MigrationError("tables or views are missing in ClickHouse: run `oncue migrate`")


async def _applied(writer: Writer) -> dict[int, str]:
    found = await writer.rows(f"SELECT number, checksum FROM {DATABASE}.migrations FINAL")  # noqa: S608
    return {row["number"]: row["checksum"] for row in found}


def _missing(migrations: Sequence[Migration], applied: Mapping[int, str]) -> list[Migration]:
    return [
        migration for migration in migrations if applied.get(migration.number) != migration.checksum
    ]


def _check(migrations: Sequence[Migration], applied: Mapping[int, str]) -> None:
    known_numbers = {migration.number for migration in migrations}
    for migration in migrations:
        if migration.number == VIEWS_NUMBER:
            continue
        if applied.get(migration.number, migration.checksum) != migration.checksum:
            raise MigrationError(
                f"{migration.name} changed after it was applied: "
                "restore the file and write a new migration"
            )
    if max(applied, default=0) > max(known_numbers, default=0):
        raise MigrationError(
            f"the database has migration {max(applied)}, this version ends with "
            f"{max(known_numbers, default=0)}: it was migrated by a newer Oncue"
        )


def _read(path: Path) -> Migration:
    text = path.read_text(encoding="utf-8").replace(REASONS, _reasons())
    number, _, _ = path.name.partition("_")
    if path.name != VIEWS and not number.isdecimal():
        raise MigrationError(f"{path.name} does not begin with a number")
    return Migration(
        number=VIEWS_NUMBER if path.name == VIEWS else int(number),
        name=path.stem,
        checksum=hashlib.sha256(text.encode()).hexdigest(),
        statements=tuple(_statements(text)),
    )


def _reasons() -> str:
    rows = [(code, sentence.replace("'", "''")) for code, sentence in SENTENCES.items()]
    return ", ".join(f"('{code}', '{sentence}')" for code, sentence in rows)


def _statements(text: str) -> list[str]:
    """Split where a line ends with a semicolon; comments of whole lines go."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("--")]
    parts = "\n".join(lines).split(";\n")
    return [part.strip().removesuffix(";") for part in parts if part.strip()]
