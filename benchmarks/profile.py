"""One customer over HTTP, as the server spends it, against a bare GET of the same row from Redis.

The application is called directly: what a socket and its client take is not the server's.
"""

import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple

from api import app, services
from benchmarks.report import Figure, Scale
from engine.customer import Cart, CartItem, Customer, Purchases, View
from engine.products import Product
from engine.rows import Row
from settings import Settings
from streams.admin import Admin
from tables import rows
from tables.profiles import CUSTOMER, Copy, Profiles
from tests.support import brokers, valkey

AGAINST: Final = "GET of its row"

NOW: Final = 1_764_547_200_000

WARM_UP: Final = 500


def run(scale: Scale) -> list[Figure]:
    """Measure the 50th and the 99th percentile, both sides taking turns."""
    with (
        tempfile.TemporaryDirectory() as folder,
        brokers.embedded() as broker,
        valkey.running(Path(folder)) as redis,
    ):
        config = Settings(
            broker=broker.address,
            redis=redis.url,
            clickhouse="http://127.0.0.1:1",
            admin_token="token",  # noqa: S106  a benchmark's
        )
        return asyncio.run(_measured(config, scale))


async def _measured(config: Settings, scale: Scale) -> list[Figure]:
    customers, count = scale.pick(10_000, 1_000), scale.pick(10_000, 2_000)
    await Admin(brokers=config.broker).ensure_topics(partition_count=1)
    async with services.opened(config) as opened:
        await opened.profiles.write([_copy(number) for number in range(customers)])
        ours, bare = [], []
        for _ in range(scale.runs):
            chance = random.Random(1)  # noqa: S311  no secret
            names = [f"c{chance.randrange(customers)}" for _ in range(count + WARM_UP)]
            ours.append(await _spent(names, _asking(app.build(opened))))
            bare.append(await _spent(names, _getting(opened.profiles)))
    case = f"{customers:,} customers"
    return [
        Figure(
            case=case,
            measure=f"p{part} ms{of}",
            values=tuple(_percentile([spent[clock] for spent in run], part) for run in ours),
            against=AGAINST,
            baselines=tuple(_percentile([spent[clock] for spent in run], part) for run in bare),
        )
        for clock, of in enumerate(("", " of CPU"))
        for part in (50, 99)
    ]


class Spent(NamedTuple):
    """What one answer took, in milliseconds."""

    wall_ms: float
    cpu_ms: float
    """Of the thread that answers: other programs on the machine do not show."""


async def _spent(names: list[str], ask: Callable[[str], Awaitable[None]]) -> list[Spent]:
    found = []
    for name in names:
        wall_s, cpu_s = time.perf_counter(), time.thread_time()
        await ask(name)
        found.append(
            Spent((time.perf_counter() - wall_s) * 1000, (time.thread_time() - cpu_s) * 1000)
        )
    return found[WARM_UP:]


def _percentile(values: list[float], part: int) -> float:
    return sorted(values)[len(values) * part // 100]


def _asking(application: Any) -> Callable[[str], Awaitable[None]]:  # noqa: ANN401  an ASGI application
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            assert message["status"] == 200, message

    async def ask(name: str) -> None:
        path = f"/api/customers/{name}"
        headers = [(b"authorization", b"Bearer token"), (b"host", b"127.0.0.1")]
        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8080),
            "scheme": "http",
            "http_version": "1.1",
            "root_path": "",
        }
        await application(scope, receive, send)

    return ask


def _getting(profiles: Profiles) -> Callable[[str], Awaitable[None]]:
    async def get(name: str) -> None:
        assert await profiles._redis.get(CUSTOMER + name)  # noqa: SLF001  the same connection

    return get


def _copy(number: int) -> Copy:
    """An active shopper: 3 KB."""
    name = f"c{number}"
    items = tuple(
        CartItem(
            product=Product(id=f"p{n}", name="Red shoes", price=Decimal("19.99")), added_at=NOW
        )
        for n in range(5)
    )
    customer = Customer(
        id=name,
        attributes={f"attribute_{n}": f"value {n}" for n in range(60)},
        email=f"{name}@example.com",
        subscriptions={"email": True, "sms": {"promo": False}},
        containers={"cart": Cart(items=items, changed_at=NOW)},
        views=tuple(View(product_id=f"p{n}", category="shoes", viewed_at=NOW) for n in range(20)),
        receipts=Purchases(count=20, total=Decimal("399.80"), currency="EUR", last_at=NOW),
        last_seen_at=NOW,
        events_count=100,
    )
    value = rows.encode(Row(customer=customer, now_at=NOW), epoch=1, version=1, offset=number)
    return Copy(name, number, value)
