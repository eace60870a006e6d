"""What opening and clicking answers, and what the customer's log learns of it."""

from collections.abc import AsyncIterator

import httpx
import pytest

from engine.events import Responded
from tests.integration.delivery import redirecting
from tests.integration.delivery.post import Post, fresh
from tests.integration.delivery.redirecting import LINKS, SHOP, origin_of, path_of


@pytest.fixture
async def client(post: Post) -> AsyncIterator[httpx.AsyncClient]:
    async with redirecting.serving(post) as client:
        yield client


def click_path(message_id: str, *, index: int = 0) -> str:
    return path_of(LINKS.click_url(origin_of(message_id), index=index, url=SHOP))


async def test_a_click_leads_to_the_shop_and_into_the_customers_log(
    post: Post, client: httpx.AsyncClient
) -> None:
    message_id = fresh()

    answer = await client.get(click_path(message_id), headers={"user-agent": "Browser/1"})

    assert (answer.status_code, answer.headers["location"]) == (302, SHOP)
    assert "no-store" in answer.headers["cache-control"]
    [event] = await post.heard(message_id)
    assert isinstance(event, Responded)
    assert (event.response, event.url, event.user_agent) == ("clicked", SHOP, "Browser/1")
    [record] = [
        record
        for record in await post.records("events")
        if record.key == f"u:of-{message_id}".encode()
    ]
    assert record.headers["kind"] == b"response"


async def test_a_pixel_is_a_picture_and_an_opening(post: Post, client: httpx.AsyncClient) -> None:
    message_id = fresh()

    answer = await client.get(path_of(LINKS.open_url(origin_of(message_id))))

    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
    assert answer.content.startswith(b"GIF89a")
    assert await post.responses(message_id) == ["opened"]


async def test_the_same_click_again_has_the_same_id_and_another_link_another(
    post: Post, client: httpx.AsyncClient
) -> None:
    message_id = fresh()

    for index in (0, 0, 1):
        await client.get(click_path(message_id, index=index))

    first, again, other = [event.id for event in await post.heard(message_id, 3)]
    assert first == again
    assert other != first


@pytest.mark.parametrize("path", ["/c/rubbish", "/o/rubbish", "/c/a.b.c"])
async def test_a_token_that_is_not_ours_is_not_found(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path, params={"url": SHOP})

    assert answer.status_code == 404
    assert answer.json()["code"] == "invalid_token"
    assert "location" not in answer.headers


async def test_an_open_token_does_not_redirect(client: httpx.AsyncClient) -> None:
    token = LINKS.open_url(origin_of("m")).rpartition("/")[2]

    assert (await client.get(f"/c/{token}")).status_code == 404


async def test_programs_that_look_ahead_are_not_counted(
    post: Post, client: httpx.AsyncClient
) -> None:
    looked_at, clicked = fresh(), fresh()

    head = await client.head(click_path(looked_at))
    prefetch = await client.get(click_path(looked_at), headers={"sec-purpose": "prefetch"})
    await client.get(click_path(clicked))

    assert (head.status_code, prefetch.status_code) == (302, 302)
    await post.heard(clicked)
    assert await post.events(looked_at) == []
