"""Bad input for every operation of the description, at every place it takes any.

Ids in the path, parameters of the query, revisions in the head, fields of the body. Each answer has
a status that is described, and a refusal says what is wrong; none is a 5xx.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final, NamedTuple, TypeAlias
from urllib.parse import quote

import httpx
import msgspec
import pytest
import pytest_asyncio

from api import app
from api.services import Services
from engine.intake.backoffice import KINDS
from tests.integration.api.conftest import ADMIN, BASE
from tests.integration.api.test_definitions import TEMPLATE, campaign
from tests.integration.api.test_policies import POLICY
from tests.support import mutations

pytestmark = pytest.mark.asyncio(loop_scope="session")

IDS: Final = (
    *("%00", "%FF", "%ED%A0%80", "%2F", "%2E%2E%2F", "%25", "%20", "%0A", "'", "*", "a:b"),
    *("\\", "x" * 513, "x" * 8_000, "%F0%9F%98%80", "undefined", "9" * 40, "anonymous:", "u:"),
)
"""As they stand in a path."""

TEXTS: Final = (
    *("", " ", "\0", "%", "_", "\\", "'", "*", "**", "\u202e", "😀", "x" * 3_000, "null", "[]"),
    *("-1", "0", "1.5", "9" * 40, "NaN", "2026-02-31", "2026-02-31T25:00:00Z", "9999-12-31"),
    *("0001-01-01T00:00:00+23:59", "W10", "bnVsbA", "WzEsMV0", "WzEsIlwwIl0", "Ilx1ZDgwMCI"),
)
"""The last ones are cursors of the wrong kind: `[]`, `null`, `[1,1]`, `[1,"\\0"]`, `"\\ud800"`."""

TAGS: Final = ('""', '"3', "3", '"-1"', "*", '"3", "4"', '"99999999999999999999"', "W/")

FILES: Final = (
    *(b"", b"\0", b"\n\n\n", b"id\n", b"id,id\n1,2\n", b"\xff\xfeid\n", b"\xef\xbb\xbfid\n1\n"),
    *(b'id\n"never ends', b"id;customerId\n1;2;3;4\n", b"x" * 300_000, b"id\n" + b"y" * 300_000),
    *(b"a.b.c:json,a.b:number\n{,1\n", b"a:json\n" + b"[" * 2_000 + b"\n", b"\x1f\x8b\x08junk"),
    *(b"{", b"[]", b"null", b'{"id":NaN}', b'{"id":1e400}\n{"id":"\\ud800"}\n', b'{"id":"1"}\r'),
)
"""As no back office would export them."""

BODIES: Final[Mapping[tuple[str, str], Mapping[str, object]]] = {
    ("PUT", "/api/campaigns/{id}"): {
        **campaign("mail"),
        "id": "hostile",
        "class": "marketing",
        "category": "cart",
    },
    ("PUT", "/api/templates/{id}"): {**TEMPLATE, "id": "hostile", "html": "<p>{{ cart.value }}"},
    ("PUT", "/api/metrics/{id}"): {
        "event": "Product Viewed",
        "aggregate": "sum",
        "field": "properties.price",
        "window": "30d",
        "filter": {"op": "all", "of": [{"op": "prop", "path": "price", "is": ">", "value": 1}]},
    },
    ("PUT", "/api/settings"): {
        "timezone": "UTC",
        "currency": "EUR",
        "region": "DE",
        "features": {"orders": True, "category_interest": False},
        "interest_days": 30,
        "loyalty": True,
        "anonymous_history_days": 60,
        "fields": {"profile": ["gender"], "receipt": ["number"]},
        "columns": {"orders": ["number"]},
        "custom_fields": {"customer": [{"name": "shoe", "type": "choice", "choices": ["a", "b"]}]},
    },
    ("PUT", "/api/customers/{id}/subscriptions"): {"email": True, "sms": {"promo": False}},
    ("PUT", "/api/customers/{id}/tags"): {"add": ["vip"], "remove": ["new"]},
    ("POST", "/api/customers/{id}/points"): {
        "amount": 100,
        "reason": "sorry",
        "expires_at": "2999-01-01T00:00:00+02:00",
        "idempotency_key": "hostile",
    },
    ("PUT", "/api/pools/{id}"): {
        "id": "hostile",
        "name": "Spring",
        "mask": "SPRING-#######",
        "size": 100,
        "secret": "sixteen characters",
        "expires_in": "30d",
        "low": 10,
    },
    ("PUT", "/api/policies/{id}"): {**POLICY, "id": "hostile"},
    ("PUT", "/api/segments/{id}"): {
        "id": "hostile",
        "name": "Adults",
        "description": "Of age",
        "mode": "computed",
        "rule": {"op": "all", "of": [{"op": "attr", "path": "age", "is": ">=", "value": 30}]},
    },
    ("POST", "/api/suppressions"): {
        "batch": [{"email": "a@shop.example", "scope": "all", "note": "n"}],
        "reason": "import",
    },
    ("POST", "/api/rules/check"): {"rule": {"op": "any", "of": [{"op": "all", "of": []}]}},
    ("POST", "/api/customers/{id}/unmerge"): {"identity": "anonymous:d1"},
    ("POST", "/api/campaigns/{id}/publish"): {
        "running": "migrate",
        "map": {"one": "two", "two": None},
        "preview": True,
    },
    ("POST", "/api/campaigns/{id}/pause"): {"clocks": "freeze"},
    ("POST", "/api/campaigns/{id}/explain"): {"customer": "ada", "event": {"properties": {}}},
    ("POST", "/api/campaigns/{id}/backtest"): {"since": "2026-01-01T00:00:00Z", "version": 1},
    ("PUT", "/api/campaigns/{id}/experiments/{step}"): {
        "weights": {"a": 1, "b": 2},
        "why": "it is ours",
    },
    ("POST", "/api/campaigns/{id}/test"): {"customer": "ada", "when": [], "until": "1d"},
    ("POST", "/api/events/{id}"): {
        "idempotency_key": "k",
        "recipients": ["ada"],
        "payload": {"a": 1},
    },
    ("POST", "/api/campaigns/{id}/resume"): {"over": "2h", "preview": True},
    ("POST", "/api/segments/preview"): {
        "text": 'attr("city") = "Bonn"',
        "channel": "email",
        "sample": 1,
    },
    ("POST", "/api/customers/search"): {"ids": ["ada"], "sort": "id", "order": "desc", "limit": 1},
    ("PUT", "/api/audiences/{id}"): {
        "id": "hostile",
        "name": "n",
        "tag": "hostile",
        "ids": ["ada"],
    },
    ("POST", "/api/customers/actions"): {
        "action": "tag",
        "params": {"tag": "vip"},
        "ids": ["ada"],
        "idempotencyKey": "hostile",
    },
}
"""A good one for each operation that takes JSON."""


class Operation(NamedTuple):
    """One of the description."""

    method: str
    path: str
    said: Mapping[str, Any]

    def at(self, given: str) -> str:
        """Its path with every id replaced."""
        return "/".join(given if part.startswith("{") else part for part in self.path.split("/"))


Case: TypeAlias = tuple[Operation, str, Mapping[str, Any]]
"""What is asked, where, and with what besides."""


@pytest_asyncio.fixture(loop_scope="session")
async def stranger(opened: Services) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody with every key and no manners; rates are a matter of their own."""
    settings = msgspec.structs.replace(opened.settings, key_rate_per_s=0, address_rate_per_s=0)
    built = app.build(msgspec.structs.replace(opened, settings=settings))
    transport = httpx.ASGITransport(built, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def operations(editor: httpx.AsyncClient) -> list[Operation]:
    document = (await editor.get("/api/openapi.json")).json()
    return [
        Operation(method.upper(), path, said)
        for path, methods in document["paths"].items()
        for method, said in methods.items()
    ]


async def asked(
    client: httpx.AsyncClient, operation: Operation, path: str, more: Mapping[str, Any]
) -> str | None:
    """Send it; None, or what is wrong with the answer."""
    key = ADMIN if operation.path.startswith("/api/") else "demo-secret"
    headers = {"authorization": f"Bearer {key}", **more.get("headers", {})}
    answer = await client.request(operation.method, path, **{**more, "headers": headers})
    what = f"{operation.method} {path[:200]} {str(more)[:200]}: {answer.status_code}"
    if answer.status_code >= 500:
        return f"{what} {answer.text[:300]}"
    if not {str(answer.status_code), "default"} & set(operation.said["responses"]):
        return f"{what} is not described: {answer.text[:300]}"
    if answer.status_code >= 400 and not (answer.json()["code"] and answer.json()["message"]):
        return f"{what} says nothing: {answer.text[:300]}"
    return None


async def complaints(client: httpx.AsyncClient, cases: list[Case]) -> list[str]:
    found = [await asked(client, operation, path, more) for operation, path, more in cases]
    assert found != []
    return [complaint for complaint in found if complaint]


async def test_no_id_in_a_path_breaks_anything(
    stranger: httpx.AsyncClient, operations: list[Operation]
) -> None:
    cases: list[Case] = [
        (operation, operation.at(given), {})
        for operation in operations
        if "{" in operation.path
        for given in IDS
    ]

    assert await complaints(stranger, cases) == []


async def test_no_parameter_breaks_anything(
    stranger: httpx.AsyncClient, operations: list[Operation]
) -> None:
    """Of each only every other text, in turn: the same parameter stands in many paths."""
    places = [
        (operation, f"{operation.at('ada')}?{parameter['name']}=")
        for operation in operations
        for parameter in operation.said.get("parameters", [])
        if parameter["in"] == "query"
    ]
    cases: list[Case] = [
        (operation, place + quote(text), {})
        for number, (operation, place) in enumerate(places)
        for text in TEXTS[number % 2 :: 2]
    ]

    assert await complaints(stranger, cases) == []


async def test_no_revision_breaks_anything(
    stranger: httpx.AsyncClient, operations: list[Operation]
) -> None:
    cases: list[Case] = [
        (operation, operation.at("hostile"), {"headers": {"if-match": tag}})
        for operation in operations
        if operation.method != "GET"
        for tag in TAGS
    ]

    assert await complaints(stranger, cases) == []


@pytest_asyncio.fixture(loop_scope="session")
async def tidied(editor: httpx.AsyncClient) -> AsyncIterator[None]:
    """What was saved is gone afterwards, and the settings are the defaults again."""
    yield
    for kind in ("campaigns", "templates", "metrics", "policies", "pools", "segments"):
        await editor.delete(f"/api/{kind}/hostile")
    seen = (await editor.get("/api/settings")).headers["etag"]
    await editor.put("/api/settings", json={}, headers={"if-match": seen})


@pytest.mark.usefixtures("tidied")
@pytest.mark.parametrize("place", BODIES, ids=" ".join)
async def test_no_field_of_a_body_breaks_anything(
    place: tuple[str, str],
    editor: httpx.AsyncClient,
    stranger: httpx.AsyncClient,
    operations: list[Operation],
) -> None:
    [operation] = [found for found in operations if (found.method, found.path) == place]
    path = operation.at("hostile")
    seen = await revision(editor, path)
    taken = await editor.request(operation.method, path, json=BODIES[place], headers=seen)
    # Nobody is there to be split, nothing to be published, called or judged; the others are taken.
    of_others = ("/unmerge", "/publish", "/pause", "/resume", "/explain", "/backtest", "/test")
    is_missing = path.endswith(of_others) or "/events/" in path or "/experiments/" in path
    is_begun = path.endswith("/actions")
    assert taken.status_code == (404 if is_missing else 202 if is_begun else 200), taken.text

    wrong = []
    for bad in mutations.of(BODIES[place]):
        headers = {"content-type": "application/json", **await revision(editor, path)}
        more = {"content": bad.body, "headers": headers}
        wrong.append(await asked(stranger, operation, path, more))

    assert [complaint for complaint in wrong if complaint] == []


async def revision(editor: httpx.AsyncClient, path: str) -> dict[str, str]:
    """What an editor saw, so that the body is what is judged."""
    etag = (await editor.get(path)).headers.get("etag")
    return {} if etag is None else {"if-match": etag}


async def test_every_body_is_tried(operations: list[Operation]) -> None:
    taking = {
        (operation.method, operation.path)
        for operation in operations
        if "requestBody" in operation.said and operation.path.startswith("/api/")
    }

    assert taking == BODIES.keys()


@pytest.mark.parametrize("format_", ["csv", "ndjson"])
async def test_no_file_breaks_anything(
    stranger: httpx.AsyncClient, operations: list[Operation], format_: str
) -> None:
    [operation] = [
        found for found in operations if (found.method, found.path) == ("POST", "/api/imports")
    ]
    cases: list[Case] = [
        (operation, f"/api/imports?kind={kind}&format={format_}", {"content": file})
        for kind in KINDS
        for file in FILES
    ]

    assert await complaints(stranger, cases) == []
