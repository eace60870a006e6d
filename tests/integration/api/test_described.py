"""Requests made from our own description, by Schemathesis.

Whatever they say, there is no 5xx, and the status of the answer is described.
"""

import asyncio
import sys
from pathlib import Path
from typing import Final

import httpx
import msgspec
import pytest

from api import app
from api.services import Services
from tests.integration.api.conftest import ADMIN
from tests.integration.collector import serving

pytestmark = pytest.mark.asyncio(loop_scope="session")

TABS: Final = (
    *("activity", "receipts", "orders", "campaigns", "promo-codes", "audiences", "subscriptions"),
    *("surveys", "stores", "cart", "interests"),
)
"""The eleven of the profile page."""

CHECKS: Final = "not_a_server_error,status_code_conformance"
BUDGET_S: Final = 10
"""For each half; together they stay well below a minute."""


@pytest.mark.parametrize(
    ("key", "paths"),
    [(ADMIN, "^/api/"), ("demo-secret", "^/v1/[a-z-]{2,}$")],
    ids=["administration", "collector"],
)
async def test_every_endpoint_answers_as_it_is_described(  # noqa: PLR0917 fixtures and cases
    opened: Services, editor: httpx.AsyncClient, tmp_path: Path, key: str, paths: str
) -> None:
    """X47."""
    # Nobody waits for Redis or ClickHouse here, and rates are a matter of their own.
    settings = msgspec.structs.replace(opened.settings, key_rate_per_s=0, address_rate_per_s=0)
    built = app.build(msgspec.structs.replace(opened, settings=settings))
    description = tmp_path / "openapi.json"
    description.write_bytes((await editor.get("/api/openapi.json")).content)
    async with serving.listening(built) as port:
        ran = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "schemathesis.cli", "run", str(description)),
            *("--url", f"http://127.0.0.1:{port}"),
            *("--checks", CHECKS, "--phases", "coverage,fuzzing", "--max-examples", "4"),
            *("--max-time", str(BUDGET_S), "--include-path-regex", paths),
            *("--header", f"Authorization: Bearer {key}", "--seed", "1", "--no-color"),
            *("--suppress-health-check", "all", "--generation-database", "none"),
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        told, _ = await ran.communicate()

    assert ran.returncode == 0, told.decode()[-6_000:]


async def test_every_tab_of_the_profile_has_its_path(editor: httpx.AsyncClient) -> None:
    """M212: and the information beside them is the customer."""
    paths = (await editor.get("/api/openapi.json")).json()["paths"]

    one = "/api/customers/{id}"
    assert {one, *(f"{one}/{tab}" for tab in TABS)} <= paths.keys()
