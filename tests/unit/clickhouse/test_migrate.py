"""Migration files: how they are numbered and split."""

from pathlib import Path

import pytest

from clickhouse import migrate
from clickhouse.errors import MigrationError


def test_numbers_without_a_gap_are_demanded(tmp_path: Path) -> None:
    (tmp_path / "0001_a.sql").write_text("SELECT 1;\n")
    (tmp_path / "0003_c.sql").write_text("SELECT 3;\n")

    with pytest.raises(MigrationError, match=r"\[1, 3\]"):
        migrate.known(tmp_path)


def test_a_file_without_a_number_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tables.sql").write_text("SELECT 1;\n")

    with pytest.raises(MigrationError, match=r"tables\.sql"):
        migrate.known(tmp_path)


def test_statements_end_at_the_end_of_a_line(tmp_path: Path) -> None:
    (tmp_path / "0001_a.sql").write_text("-- no; statement;\nSELECT ';',\n 2;\n\nSELECT 3;\n")

    (migration,) = migrate.known(tmp_path)

    assert migration.statements == ("SELECT ';',\n 2", "SELECT 3")


def test_another_text_has_another_checksum(tmp_path: Path) -> None:
    file = tmp_path / "0001_a.sql"
    file.write_text("SELECT 1;\n")
    (before,) = migrate.known(tmp_path)
    file.write_text("SELECT 2;\n")
    (after,) = migrate.known(tmp_path)

    assert before.checksum != after.checksum
