"""Health, the page and the metrics."""

import asyncio
import os
import re
from collections.abc import AsyncIterator

import httpx
import msgspec
import pytest
import pytest_asyncio

from api import app, services
from api.health import PARTS
from api.services import Services
from clickhouse.client import Writer
from settings import Settings
from tests.integration.api.conftest import BASE
from tests.support import log_rows
from tests.support.log_rows import MONDAY
from tests.support.waiting import eventually

A_CENTURY_MS = 100 * 365 * 24 * 60 * 60 * 1000


@pytest_asyncio.fixture(loop_scope="session")
async def beating(opened: Services) -> AsyncIterator[None]:
    """Every part says that it is alive."""
    hearts = opened.heartbeats
    for part in PARTS:
        await hearts.beat(part, "ready", pid=os.getpid())
    yield
    for part in PARTS:
        await hearts.leave(part, pid=os.getpid())


async def test_a_process_that_answers_is_alive(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/health/live")

    assert (answer.status_code, answer.json()) == (200, {"status": "live"})


@pytest.mark.usefixtures("beating")
async def test_ready_when_every_part_answers(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/health/ready")

    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "parts": dict.fromkeys(("kafka", "clickhouse", "redis", *PARTS), "ready"),
    }


async def test_without_heartbeats_it_says_who_is_missing(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/health/ready")

    assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
    assert [error["path"] for error in answer.json()["errors"]] == list(PARTS)


@pytest.mark.usefixtures("beating")
async def test_a_part_that_only_starts_is_not_ready(
    stranger: httpx.AsyncClient, opened: Services
) -> None:
    await opened.heartbeats.beat("sink", "starting", pid=os.getpid())

    answer = await stranger.get("/health/ready")

    assert answer.status_code == 503
    assert answer.json()["errors"] == [{"path": "sink", "message": "starting"}]


@pytest.mark.usefixtures("beating")
@pytest.mark.parametrize(
    ("setting", "url", "missing"),
    [
        ("redis", "redis://127.0.0.1:1/0", ["redis", *PARTS]),
        ("clickhouse", "http://127.0.0.1:1", ["clickhouse"]),
    ],
)
async def test_a_server_that_is_away_is_named(
    config: Settings, setting: str, url: str, missing: list[str]
) -> None:
    away = msgspec.convert({**msgspec.to_builtins(config), setting: url}, Settings)
    async with services.opened(away) as without, visitor(without) as client:
        ready = await client.get("/health/ready")
        page = await client.get("/")

    assert [error["path"] for error in ready.json()["errors"]] == missing
    assert page.status_code == 200
    assert "Not ready" in page.text


async def test_while_the_broker_is_full_nothing_is_taken(
    stranger: httpx.AsyncClient, opened: Services
) -> None:
    message = {"writeKey": "demo", "userId": "u", "event": "e"}

    async def answered(status: int) -> bool:
        return (await stranger.post("/v1/track", json=message)).status_code == status

    await opened.heartbeats.beat("broker", "full", pid=os.getpid())
    await eventually(lambda: answered(503))
    await opened.heartbeats.leave("broker", pid=os.getpid())
    assert await eventually(lambda: answered(200))


async def test_beyond_loopback_strangers_are_not_told_why(config: Settings) -> None:
    changed = {"host": "0.0.0.0", "clickhouse": "http://127.0.0.1:1"}  # noqa: S104 that is the point
    away = msgspec.convert({**msgspec.to_builtins(config), **changed}, Settings)
    async with services.opened(away) as without, visitor(without) as client:
        answer = await client.get("/health/ready")

    assert {"path": "clickhouse", "message": "away"} in answer.json()["errors"]
    assert "127.0.0.1" not in answer.text


@pytest_asyncio.fixture(loop_scope="session")
async def shown(writer: Writer, opened: Services) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody with a hostile name, seen last and written to last."""
    name = "<script>alert(1)</script>"
    late = MONDAY + A_CENTURY_MS
    await writer.insert([log_rows.customer(name)._replace(logged_at=late)])
    await writer.insert(
        [log_rows.fact("shown", kind="not_sent")._replace(customer=name, at=late, reason="expired")]
    )
    async with visitor(opened) as client:
        yield client


async def test_the_page_shows_customers_and_reasons_and_escapes_them(
    shown: httpx.AsyncClient,
) -> None:
    page = (await shown.get("/")).text

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert "it came too late" in page


async def test_the_page_needs_nothing_inline_and_nothing_from_elsewhere(
    shown: httpx.AsyncClient,
) -> None:
    page = (await shown.get("/")).text

    assert not re.search(r"<style|style=|<script>|\son[a-z]+=|javascript:", page)
    assert not re.search(r"(src|href)=\"https?:", page)


async def test_every_link_of_the_page_leads_somewhere(stranger: httpx.AsyncClient) -> None:
    page = (await stranger.get("/")).text
    links = set(re.findall(r'(?:src|href)="([^"]+)"', page))

    answers = {link: (await stranger.get(link)).status_code for link in links}

    assert len(links) >= 6
    assert {link for link, status in answers.items() if status not in {200, 401, 503}} == set()
    assert answers["/static/page.css"] == 200


async def test_the_part_that_refreshes_is_a_part_of_the_page(stranger: httpx.AsyncClient) -> None:
    part = (await stranger.get("/overview")).text

    assert part.lstrip().startswith("<section")
    assert "<html" not in part


async def test_many_who_look_ask_the_servers_once(opened: Services) -> None:
    async with visitor(opened) as client:
        pages = await asyncio.gather(*(client.get("/overview") for _ in range(20)))

    assert len({page.text for page in pages}) == 1


async def test_metrics_count_requests_by_route_and_never_by_path(
    stranger: httpx.AsyncClient, editor: httpx.AsyncClient
) -> None:
    await editor.get("/api/customers/somebody-secret")
    await editor.get("/nowhere-secret")

    answer = await stranger.get("/metrics")

    assert answer.headers["content-type"].startswith("text/plain")
    assert 'oncue_http_requests_total{method="GET",route="/api/customers/{id}",status="404"}' in (
        answer.text
    )
    assert "oncue_definitions_offset" in answer.text
    assert "secret" not in answer.text


def visitor(opened: Services) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app.build(opened)), base_url=BASE)
