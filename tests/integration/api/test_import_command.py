"""`oncue import` and `oncue export`, as a person runs them."""

import asyncio
import sys
from pathlib import Path

import pytest

from api.services import Services
from clickhouse.client import Writer
from engine.customer import Customer
from tests.integration.api.commands import run
from tests.support import changelog
from tests.support.ports import free_port

pytestmark = pytest.mark.asyncio(loop_scope="session")

RECEIPT = (
    '{"id":"r1","customerId":"17","total":"9.90","occurredAt":"2026-01-01T00:00:00Z",'
    '"updatedAt":"2026-01-01T00:00:00Z"}\n'
)


def names(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]


async def test_a_file_is_imported_and_the_summary_says_how_fast(
    opened: Services, tmp_path: Path
) -> None:
    file = tmp_path / "receipts.ndjson"
    file.write_text(RECEIPT * 3)

    code, told = await run(opened, "receipts", str(file))

    assert (code, "3 of 3 rows accepted" in told, "rows/s" in told) == (0, True, True)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("r.csv", b"id,id\n", "it stands there twice"),
        ("r.csv", "id\n".encode("utf-16"), "save it as UTF-8"),
        ("r.xlsx", b"PK", "csv or ndjson"),
    ],
)
async def test_a_file_that_is_none_is_one_line_and_a_failure(  # noqa: PLR0917 fixtures and cases
    opened: Services, tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)

    code, told = await run(opened, "receipts", str(file))

    assert (code, reason in told, "Traceback" in told) == (1, True, False)


async def test_a_file_that_is_not_there_is_one_line(opened: Services, tmp_path: Path) -> None:
    code, told = await run(opened, "receipts", str(tmp_path / "none.csv"))

    assert code == 1
    assert told.splitlines()[-1].startswith("cannot read")


async def test_customers_are_exported_into_a_file_that_import_takes(
    opened: Services, writer: Writer, tmp_path: Path
) -> None:
    await writer.insert([changelog.mirrored(Customer(id="exported", attributes={"age": 3}))])
    file = tmp_path / "customers.ndjson"

    code, told = await run(opened, "customers", str(file), command="export")
    again, summary = await run(opened, "customers", str(file))

    assert (code, str(file) in told) == (0, True)
    assert '"id":"exported"' in file.read_text()
    assert (again, "0 refused" in summary) == (0, True), summary
    assert names(tmp_path) == ["customers.ndjson"]


async def test_an_export_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("before")
    url = f"http://127.0.0.1:{free_port()}"

    ran = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "oncue", "export", "customers", str(file), "--url", url),
        stderr=asyncio.subprocess.PIPE,
    )
    _, told = await ran.communicate()

    assert (ran.returncode, len(told.splitlines())) == (1, 1)
    assert (file.read_text(), names(tmp_path)) == ("before", ["customers.csv"])
