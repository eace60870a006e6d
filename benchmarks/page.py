"""What a tracker costs a page: its bytes on the wire, and what it keeps the main thread from.

Each visit opens the same shop page in a browser that knows nothing, views it, puts ten products
into the cart and leaves the page alone for a while; a visit without any tracker is taken off. The
processor is slowed down four times, which is about a phone.
"""

import asyncio
import gzip
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final, NamedTuple

import msgspec
from playwright.async_api import Browser
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from api.tracker import serving as script
from benchmarks.report import Figure, Scale
from tests.integration.collector import serving
from tests.support import brokers, chromium, collecting, sdks

SLOWDOWN: Final = 4
VISIT_MS: Final = 3_000
CARDS_COUNT: Final = 200
NOISE_MS: Final = 0.1
"""Below it two visits do not differ."""


class Tracker(msgspec.Struct, frozen=True, kw_only=True):
    """A bundle, and how a page starts and uses it, `COLLECTOR` being the address."""

    bundle: bytes
    start: str
    add: str


class Cost(NamedTuple):
    """Of one visit, milliseconds."""

    script_ms: float
    task_ms: float


def trackers() -> dict[str, Tracker]:
    """Ours first."""
    product = "{product_id: 'k-' + n, price: '39.90'}"
    return {
        "oncue.js": Tracker(
            bundle=script.BUILT.read_bytes(),
            start="oncue.load({key: 'write-1', host: 'COLLECTOR'})",
            add=f"oncue.track('Product Added', {product})",
        ),
        "@segment/analytics-next": Tracker(
            bundle=(sdks.MODULES / "@segment/analytics-next/dist/umd/index.js").read_bytes(),
            start="var a = AnalyticsNext.AnalyticsBrowser.load("
            "{writeKey: 'write-1', cdnURL: 'COLLECTOR'}); a.page()",
            add=f"a.track('Product Added', {product})",
        ),
        "posthog-js": Tracker(
            bundle=(sdks.MODULES / "posthog-js/dist/array.js").read_bytes(),
            start="posthog.init('write-1', {api_host: 'COLLECTOR', autocapture: false, "
            "opt_out_useragent_filter: true, disable_session_recording: true})",
            add=f"posthog.capture('Product Added', {product})",
        ),
    }


def run(scale: Scale) -> list[Figure]:
    """Measure.

    Raises:
        SystemExit: there is no Chromium, or the other trackers are not installed.
    """
    executable, reason = chromium.path(), sdks.missing()
    if executable is None or reason is not None:
        raise SystemExit(f"page: {reason or 'there is no chromium: make browser'}")
    found = trackers()
    with brokers.embedded() as broker:
        costs = asyncio.run(_measured(executable, broker, found, runs=scale.runs))
    ours, *others = found
    return [figure for other in others for figure in _figures(found, costs, (ours, other))]


def _figures(
    found: dict[str, Tracker], costs: dict[str, list[Cost]], pair: tuple[str, str]
) -> list[Figure]:
    ours, other = pair

    def figure(measure: str, values: Sequence[float], baselines: Sequence[float]) -> Figure:
        return Figure(
            case="a shop page",
            measure=measure,
            values=tuple(values),
            against=other,
            baselines=tuple(baselines),
        )

    def added(name: str, field: str) -> list[float]:
        visits = zip(costs[name], costs[""], strict=True)
        return [max(getattr(cost, field) - getattr(bare, field), NOISE_MS) for cost, bare in visits]

    sizes = [len(gzip.compress(found[name].bundle, 9, mtime=0)) for name in pair]
    return [
        figure("bytes, packed", [sizes[0]], [sizes[1]]),
        figure("script ms", added(ours, "script_ms"), added(other, "script_ms")),
        figure("main thread ms", added(ours, "task_ms"), added(other, "task_ms")),
    ]


async def _measured(
    executable: str, broker: brokers.Broker, found: dict[str, Tracker], *, runs: int
) -> dict[str, list[Cost]]:
    costs: dict[str, list[Cost]] = {name: [] for name in ["", *found]}
    async with collecting.started(broker) as collector, chromium.launched(executable) as browser:
        for _ in range(runs):
            for name, visits in costs.items():
                async with _shop(found.get(name), collector.url) as address:
                    visits.append(await _visited(browser, address))
    return costs


@asynccontextmanager
async def _shop(tracker: Tracker | None, collector: str) -> AsyncIterator[str]:
    cards = "".join(f"<li><a href='/{n}'>Kettle {n}</a> 39.90</li>" for n in range(CARDS_COUNT))
    start, add = ("", "") if tracker is None else (tracker.start, tracker.add)
    used = start.replace("COLLECTOR", collector)
    text = (
        f"<!doctype html><title>Kettles</title><link rel=icon href=data:,><ul>{cards}</ul>"
        f"<script src=/bundle.js></script><script>{used};"
        f"setTimeout(() => {{ for (let n = 0; n < 10; n += 1) {{ {add} }} }}, 500)</script>"
    )

    async def page(_: Request) -> Response:
        return HTMLResponse(text)

    async def bundle(_: Request) -> Response:
        return Response(b"" if tracker is None else tracker.bundle, media_type="text/javascript")

    app = Starlette(routes=[Route("/bundle.js", bundle), Route("/", page)])
    async with serving.listening(app) as port:
        yield f"http://127.0.0.1:{port}/"


async def _visited(browser: Browser, address: str) -> Cost:
    async with await browser.new_context() as context:
        page = await context.new_page()
        session = await context.new_cdp_session(page)
        await session.send("Performance.enable", {"timeDomain": "threadTicks"})
        await session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
        await page.goto(address)
        await page.wait_for_timeout(VISIT_MS)
        answer = await session.send("Performance.getMetrics")
        metrics = {metric["name"]: metric["value"] * 1000 for metric in answer["metrics"]}
        return Cost(script_ms=metrics["ScriptDuration"], task_ms=metrics["TaskDuration"])
