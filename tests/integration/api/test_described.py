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
from tests.integration.api import test_hostile
from tests.integration.api.conftest import ADMIN
from tests.integration.collector import serving

pytestmark = pytest.mark.asyncio(loop_scope="session")

TABS: Final = (
    *("activity", "receipts", "orders", "campaigns", "promo-codes", "audiences", "subscriptions"),
    *("surveys", "stores", "cart", "interests"),
)
"""The eleven of the profile page."""

CHECKS: Final = "not_a_server_error,status_code_conformance"
RULE: Final = "All"
"""The shape that every rule may hold. Schemathesis takes minutes to make up a body with one: what
takes such a body is left to `test_hostile`, which tries each field of a good one."""

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
    asked = part(whole, paths)
    description.write_bytes(msgspec.json.encode(asked))
    async with serving.listening(built) as port:
        ran = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "schemathesis.cli", "run", str(description)),
            *("--url", f"http://127.0.0.1:{port}"),
            *("--checks", CHECKS, "--phases", "fuzzing", "--max-examples", "2"),
            *("--header", f"Authorization: Bearer {key}"),
            *("--seed", "1", "--no-color", "--generation-database", "none"),
            *("--suppress-health-check", "all"),
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        told, _ = await ran.communicate()

    assert ran.returncode == 0, told.decode()[-6_000:]
    count = sum(map(len, asked["paths"].values()))
    assert re.search(rf"Tested: +{count}\b", told.decode()), told.decode()[-6_000:]


def part(document: dict[str, Any], paths: str) -> dict[str, Any]:
    """The operations of a group, with the shapes they name and no others: all take long to read."""
    shapes = document["components"]["schemas"]
    kept = {
        path: shallow
        for path, methods in document["paths"].items()
        if re.search(paths, path)
        and (shallow := {m: said for m, said in methods.items() if not is_deep(said, shapes)})
    }
    components = {
        **document["components"],
        "schemas": {name: shapes[name] for name in reached(kept, shapes)},
    }
    return {**document, "paths": kept, "components": components}


def is_deep(operation: dict[str, Any], shapes: dict[str, Any]) -> bool:
    """Whether its body holds a rule."""
    return RULE in reached(operation.get("requestBody"), shapes)


def reached(said: object, shapes: dict[str, Any]) -> set[str]:
    """The shapes that it refers to, and these, and so on."""
    found: set[str] = set()
    left = named(said)
    while left:
        found |= left
        left = named([shapes[name] for name in left]) - found
    return found


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
    """By Schemathesis, or, where the body holds a rule, by `test_hostile`."""
    document = (await editor.get("/api/openapi.json")).json()
    shapes = document["components"]["schemas"]

    left = {
        (method.upper(), path)
        for path, methods in document["paths"].items()
        for method, said in methods.items()
        if "requestBody" in said
        and (is_deep(said, shapes) or not any(re.search(group, path) for _, group in GROUPS))
    }

    assert left == {
        ("PUT", "/api/audiences/{id}"),
        ("PUT", "/api/campaigns/{id}"),
        ("POST", "/api/events/{id}"),
        ("POST", "/api/rules/check"),
        ("PUT", "/api/metrics/{id}"),
        ("PUT", "/api/segments/{id}"),
    }
    assert left <= test_hostile.BODIES.keys()
