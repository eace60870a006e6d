"""Where SQL ends and data begins."""

import pytest

from oncue.up.clickhouse import statements
from oncue.up.clickhouse.errors import OutfileRefusedError, SeveralStatementsError


@pytest.mark.parametrize(
    ("text", "sql", "format_", "data"),
    [
        (b"INSERT INTO t (a) FORMAT Native\n\x01\x00", "INSERT INTO t (a) ", "Native", b"\x01\x00"),
        (b"insert into t format CSV 1,2\n3,4", "insert into t ", "CSV", b"1,2\n3,4"),
        (b"INSERT INTO t FORMAT TSV\r\n\n1", "INSERT INTO t ", "TSV", b"\n1"),
        (b"INSERT INTO `format` FORMAT TSV\n1", "INSERT INTO `format` ", "TSV", b"1"),
        (b"/* FORMAT x */ INSERT INTO t FORMAT TSV\n", "/* FORMAT x */ INSERT INTO t ", "TSV", b""),
    ],
)
def test_data_begins_after_the_line_of_its_format(
    text: bytes, sql: str, format_: str, data: bytes
) -> None:
    statement = statements.split(text)

    assert (statement.sql, statement.format, statement.data) == (sql, format_, data)


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO t VALUES ('a FORMAT Native')",
        "INSERT INTO t SELECT format FROM other",
        "INSERT INTO t (a, b) VALUES (1, 'x;y'), (2, 'z')",
    ],
)
def test_an_insert_without_a_format_stays_whole(sql: str) -> None:
    statement = statements.split(sql.encode())

    assert (statement.sql, statement.data) == (sql, None)


@pytest.mark.parametrize(
    ("sql", "format_"),
    [
        ("SELECT 1", None),
        ("SELECT 1 FORMAT JSONCompact", "JSONCompact"),
        ("SELECT 1\n format TSV ; ", "TSV"),
        ("SELECT 1 FORMAT JSON SETTINGS max_threads = 1", "JSON"),
        ("SELECT format FROM t", None),
        ("SELECT a AS format FORMAT Native", "Native"),
        ("SELECT 'FORMAT Native'", None),
        ("SELECT 1 -- FORMAT Native", None),
    ],
)
def test_the_format_of_an_answer_is_read_off_its_end(sql: str, format_: str | None) -> None:
    assert statements.split(sql.encode()).format == format_


@pytest.mark.parametrize(
    ("sql", "is_read"),
    [
        ("select 1", True),
        ("  /* why */ WITH 1 AS a SELECT a", True),
        ("((SELECT 1)) UNION ALL (SELECT 2)", True),
        ("DESCRIBE TABLE t", True),
        ("DROP TABLE t", False),
        ("INSERT INTO t SELECT 1", False),
        ("SYSTEM FLUSH LOGS", False),
        ("", False),
    ],
)
def test_reads_are_told_from_the_rest_by_their_first_word(sql: str, is_read: bool) -> None:  # noqa: FBT001  a column of the table
    assert statements.split(sql.encode()).is_read is is_read


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 INTO OUTFILE 'x'",
        "select 1 into/**/outfile 'x'",
        "SELECT $$'$$ INTO OUTFILE 'x' -- '",
        "INSERT INTO t VALUES (1); SELECT 1 INTO OUTFILE 'x'",
        "INSERT INTO t SELECT 1 INTO OUTFILE 'x' FORMAT CSV",
    ],
)
def test_no_statement_names_a_file_to_write(sql: str) -> None:
    with pytest.raises(OutfileRefusedError):
        statements.split(sql.encode())


def test_data_may_hold_any_word() -> None:
    assert statements.split(b"INSERT INTO t FORMAT CSV\noutfile").data == b"outfile"


def test_one_request_is_one_statement() -> None:
    with pytest.raises(SeveralStatementsError):
        statements.split(b"SELECT 1; DROP TABLE t")


def test_a_semicolon_may_end_the_statement() -> None:
    assert statements.split(b"SELECT ';'; ").sql == "SELECT ';'; "
