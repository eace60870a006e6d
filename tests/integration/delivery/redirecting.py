"""The pixel and the redirect, as the API serves them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from starlette.applications import Starlette

from api import links as api_links
from api import problems
from api.links import Redirects
from channels.links import Links, Origin
from streams.producer import Producer
from tests.integration.delivery.post import Post, now_ms

SHOP = "https://shop.example/cart?a=1&b=2"
LINKS = Links(secrets=("secret",), public_url="https://news.shop.example")


def origin_of(message_id: str) -> Origin:
    """The message a link stands in."""
    return Origin(
        message_id=message_id,
        customer_key=f"u:of-{message_id}",
        campaign="cart",
        channel="email",
        template="mail",
        template_version=1,
    )


@asynccontextmanager
async def serving(post: Post) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application with nothing but links."""
    async with Producer(brokers=post.broker.address) as producer:
        redirects = Redirects(links=LINKS, producer=producer, now=now_ms)
        app = Starlette(routes=api_links.routes(redirects), exception_handlers=problems.HANDLERS)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://links") as client:
            yield client


def path_of(url: str) -> str:
    """The part of a link that this application serves."""
    return url.removeprefix("https://news.shop.example")
