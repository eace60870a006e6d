"""`oncue import`, as a person runs it."""

import asyncio
import sys
from pathlib import Path

import pytest

from api import app
from api.services import Services
from tests.integration.api.conftest import ADMIN
from tests.integration.collector import serving

pytestmark = pytest.mark.asyncio(loop_scope="session")

RECEIPT = (
    '{"id":"r1","customerId":"17","total":"9.90","occurredAt":"2026-01-01T00:00:00Z",'
    '"updatedAt":"2026-01-01T00:00:00Z"}\n'
)


async def run(opened: Services, *arguments: str) -> tuple[int | None, str]:
    async with serving.listening(app.build(opened)) as port:
        ran = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "oncue", "import", *arguments),
            *("--url", f"http://127.0.0.1:{port}", "--admin-token", ADMIN),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        told, _ = await ran.communicate()
    return ran.returncode, told.decode()


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
