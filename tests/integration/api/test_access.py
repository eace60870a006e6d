"""Who may do what over HTTP, and what every answer carries."""

import httpx
import msgspec
import pytest
import pytest_asyncio
from starlette.routing import Mount, Route

from api import app
from api.services import Services
from channels.links import Links, Origin
from tests.integration.api.conftest import ADMIN, BASE

OPEN = {"/", "/overview", "/metrics", "/health/live", "/health/ready"}

HEADERS = {
    "content-security-policy": "default-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; object-src 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
}

WRONG = [
    {},
    {"authorization": ""},
    {"authorization": "Bearer"},
    {"authorization": "Bearer "},
    {"authorization": f"Bearer {ADMIN}x"},
    {"authorization": f"Bearer {ADMIN[:-1]}"},
    {"authorization": f"Basic {ADMIN}"},
    {"authorization": ADMIN},
    {"authorization": "Bearer demo-admin"},
    {"x-api-key": ADMIN},
    {"cookie": f"token={ADMIN}"},
]


def operations(opened: Services) -> list[tuple[str, str]]:
    """Every method of every path that runs."""
    return [
        (method, route.path.replace("{id}", "x"))
        for route in app.routed(opened).routes
        if isinstance(route, Route)
        for method in sorted(route.methods or ())
    ]


@pytest.mark.parametrize("headers", WRONG, ids=str)
async def test_nothing_under_api_is_reached_without_the_token(
    stranger: httpx.AsyncClient, opened: Services, headers: dict[str, str]
) -> None:
    paths = [(m, p) for m, p in operations(opened) if p.startswith("/api")]
    unknown = [("GET", "/api"), ("GET", "/api/"), ("POST", "/api/nothing"), ("TRACE", "/api/x")]

    answers = [
        await stranger.request(method, path, headers=headers) for method, path in paths + unknown
    ]

    assert len(paths) > 30
    assert {answer.status_code for answer in answers} == {401}
    assert {answer.headers["www-authenticate"] for answer in answers} == {"Bearer"}


async def test_the_token_is_no_key_of_the_collector_and_the_other_way_round(
    stranger: httpx.AsyncClient, editor: httpx.AsyncClient
) -> None:
    collector = await editor.post("/v1/track", json={"userId": "u", "event": "e"})
    for key in ("demo", "demo-secret"):
        admin = await stranger.get("/api/campaigns", headers={"authorization": f"Bearer {key}"})

        assert admin.status_code == 401
    assert collector.status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 404),
        ({"origin": BASE}, 404),
        ({"sec-fetch-site": "same-origin"}, 404),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://127.0.0.1:9090"}, 403),
        ({"origin": "http://[bad"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
    ],
)
async def test_a_foreign_page_changes_nothing(
    editor: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    answer = await editor.post("/api/campaigns/nobodys/publish", headers=headers)

    assert answer.status_code == status


async def test_a_link_of_a_message_leads_on_without_a_token(
    stranger: httpx.AsyncClient, opened: Services
) -> None:
    signed = Links(secrets=opened.settings.link_secret.split(","), public_url=BASE)
    origin = Origin(
        message_id="m",
        customer_key="u:c1",
        campaign="cart",
        channel="email",
        template="t",
        template_version=1,
    )

    answer = await stranger.get(signed.click_url(origin, index=0, url="https://shop.example/x"))

    assert (answer.status_code, answer.headers["location"]) == (302, "https://shop.example/x")


async def test_the_administration_knows_no_cors(editor: httpx.AsyncClient) -> None:
    preflight = await editor.options(
        "/api/campaigns",
        headers={"origin": "https://a.example", "access-control-request-method": "PUT"},
    )
    read = await editor.get("/api/campaigns", headers={"origin": "https://a.example"})

    for answer in (preflight, read):
        assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_every_answer_carries_the_security_headers(
    stranger: httpx.AsyncClient, editor: httpx.AsyncClient, opened: Services
) -> None:
    for method, path in operations(opened):
        for client in (stranger, editor):
            answer = await client.request(method, path)

            assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, path
            assert "strict-transport-security" not in answer.headers
            assert not path.startswith("/api") or answer.headers["cache-control"] == "no-store"


async def test_behind_https_browsers_are_told_to_stay_there(opened: Services) -> None:
    public = msgspec.structs.replace(opened.settings, public_url="https://oncue.example")
    services = msgspec.structs.replace(opened, settings=public)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app.build(services)), base_url=BASE
    ) as client:
        answer = await client.get("/health/live")

    assert answer.headers["strict-transport-security"] == "max-age=31536000"


async def test_a_refusal_is_a_problem_document(editor: httpx.AsyncClient) -> None:
    for method, path, status in (
        ("GET", "/nowhere", 404),
        ("GET", "/api/nowhere", 404),
        ("DELETE", "/api/outbox", 405),
        ("GET", "/api/templates/%FF", 400),
        ("GET", "/api/templates/a%00b", 400),
    ):
        answer = await editor.request(method, path)

        assert (answer.status_code, answer.headers["content-type"]) == (
            status,
            "application/problem+json",
        ), path
        assert set(answer.json()) >= {"type", "title", "status", "code", "message"}


async def test_a_bug_is_a_problem_document_that_tells_strangers_nothing(
    opened: Services,
) -> None:
    broken = msgspec.structs.replace(opened, definitions=None)
    transport = httpx.ASGITransport(app.build(broken), raise_app_exceptions=False)
    headers = {"authorization": f"Bearer {ADMIN}"}
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        answer = await client.get("/api/campaigns", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "NoneType" not in answer.text
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


async def test_a_405_names_every_method_there_is(editor: httpx.AsyncClient) -> None:
    answer = await editor.post("/api/campaigns/x")

    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "PUT", "DELETE"}


@pytest_asyncio.fixture(loop_scope="session")
async def document(editor: httpx.AsyncClient) -> dict[str, dict[str, dict[str, object]]]:
    answer = await editor.get("/api/openapi.json")
    return answer.json()  # type: ignore[no-any-return]  # the JSON of the test's own request


async def test_the_description_has_exactly_the_routes_that_run(
    document: dict[str, dict[str, dict[str, object]]], opened: Services
) -> None:
    described = {
        (method.upper(), path) for path, methods in document["paths"].items() for method in methods
    }
    running = {
        (method, route.path.replace(":path", ""))
        for route in app.routed(opened).routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert described == running
    assert [route.path for route in app.routed(opened).routes if isinstance(route, Mount)] == [
        "/static"
    ]


async def test_the_description_says_what_each_route_is_for(
    document: dict[str, dict[str, dict[str, object]]],
) -> None:
    for path, methods in document["paths"].items():
        for method, said in methods.items():
            assert isinstance(said, dict), (path, method)
            summary = said["summary"]
            assert isinstance(summary, str)
            assert summary.endswith("."), (path, method, summary)
            is_secured = said.get("security") == [{"admin": []}]
            assert is_secured == path.startswith("/api/"), path


async def test_the_description_refers_to_nothing_that_is_not_there(
    document: dict[str, dict[str, dict[str, object]]],
) -> None:
    text = msgspec.json.encode(document).decode()
    prefix = '"#/components/schemas/'

    names = {part.partition('"')[0] for part in text.split(prefix)[1:]}

    assert names == set(document["components"]["schemas"])


@pytest.mark.parametrize("path", sorted(OPEN))
async def test_beyond_loopback_page_and_metrics_want_the_token(opened: Services, path: str) -> None:
    public = msgspec.structs.replace(opened.settings, host="0.0.0.0")  # noqa: S104 that is the point
    services = msgspec.structs.replace(opened, settings=public)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app.build(services)), base_url=BASE
    ) as client:
        without = await client.get(path)
        bearer = await client.get(path, headers={"authorization": f"Bearer {ADMIN}"})
        basic = await client.get(path, auth=("anybody", ADMIN))

    if path.startswith("/health"):
        assert without.status_code != 401
        return
    assert without.status_code == 401
    assert without.headers["www-authenticate"].startswith("Basic")
    assert (bearer.status_code, basic.status_code) == (200, 200)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8080", 200),
        ("localhost:8080", 200),
        ("[::1]:8080", 200),
        ("evil.example", 401),
        ("127.0.0.1.evil.example", 401),
        ("", 401),
        ("[::1", 401),
    ],
)
async def test_a_name_that_was_pointed_here_sees_nothing(
    stranger: httpx.AsyncClient, host: str, status: int
) -> None:
    answer = await stranger.get("/", headers={"host": host})

    assert answer.status_code == status
