"""Requests made from our own description, by Schemathesis.

Whatever they say, there is no 5xx, and the status of the answer is described.
"""

import asyncio
import re
import sys
from pathlib import Path
from typing import Any, Final

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
BUDGET_S: Final = 25
"""Of each half: a bound, no aim."""


DEEP: Final = "/(campaigns|segments|audiences|rules|metrics|search|actions|preview)"
"""Bodies that hold rules: Schemathesis takes minutes to make up one, `test_hostile` tries each
field of theirs."""

GROUPS: Final = (
    (ADMIN, "^/api/"),
    ("demo-secret", "^/(v1/[a-z-]+|batch|e|i/v0/e|capture)/?$"),
)
"""A key, and the paths that take it."""


@pytest.mark.parametrize(
    ("key", "paths"),
    GROUPS,
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
    whole = (await editor.get("/api/openapi.json")).json()
    description.write_bytes(msgspec.json.encode(part(whole, paths)))
    async with serving.listening(built) as port:
        ran = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "schemathesis.cli", "run", str(description)),
            *("--url", f"http://127.0.0.1:{port}"),
            *("--checks", CHECKS, "--phases", "coverage,fuzzing", "--max-examples", "2"),
            *("--max-time", str(BUDGET_S), "--header", f"Authorization: Bearer {key}"),
            *("--seed", "1", "--no-color", "--generation-database", "none"),
            *("--suppress-health-check", "all"),
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        told, _ = await ran.communicate()

    assert ran.returncode == 0, told.decode()[-6_000:]
    assert re.search(r"Tested: +[1-9]", told.decode()), told.decode()[-6_000:]


def part(document: dict[str, Any], paths: str) -> dict[str, Any]:
    """The paths of a group, with the shapes they name and no others: reading all takes long."""
    kept = {
        path: methods
        for path, methods in document["paths"].items()
        if re.search(paths, path) and not re.search(DEEP, path)
    }
    shapes = document["components"]["schemas"]
    found: set[str] = set()
    left = named(kept)
    while left:
        found |= left
        left = named([shapes[name] for name in left]) - found
    components = {**document["components"], "schemas": {name: shapes[name] for name in found}}
    return {**document, "paths": kept, "components": components}


def named(said: object) -> set[str]:
    """The shapes that it refers to."""
    text = msgspec.json.encode(said).decode()
    return set(re.findall(r'"#/components/schemas/([^"]+)"', text))


async def test_every_tab_of_the_profile_has_its_path(editor: httpx.AsyncClient) -> None:
    """M212: and the information beside them is the customer."""
    paths = (await editor.get("/api/openapi.json")).json()["paths"]

    one = "/api/customers/{id}"
    assert {one, *(f"{one}/{tab}" for tab in TABS)} <= paths.keys()


async def test_every_operation_that_takes_a_body_is_asked(editor: httpx.AsyncClient) -> None:
    """Ids and parameters of all others are tried in `test_hostile`."""
    paths = (await editor.get("/api/openapi.json")).json()["paths"]

    left = [
        path
        for path, methods in paths.items()
        if any("requestBody" in said for said in methods.values())
        and not any(re.search(group, path) for _, group in GROUPS)
    ]

    assert left == []
