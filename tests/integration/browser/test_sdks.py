"""Other makers' browser bundles, as they come from npm, pointed at the collector."""

from collections.abc import AsyncIterator
from typing import Final

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from engine.events import Identified, PageViewed, ProductViewed
from tests.integration.browser import shop
from tests.integration.collector import serving
from tests.support import collecting, sdks
from tests.support.brokers import Broker
from tests.support.collecting import Collecting

pytestmark = pytest.mark.asyncio(loop_scope="session")


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """A bundle, and how a page uses it."""

    path: str
    load: str
    """A function of the collector's address; the page is told with it or after it."""
    use: str


BUNDLES: Final = {
    "segment": Bundle(
        path="@segment/analytics-next/dist/umd/index.js",
        load="""(collector) => {
          window.tracker = AnalyticsNext.AnalyticsBrowser.load(
            {writeKey: 'write-1', cdnURL: collector}, {retryQueue: true});
          return tracker.page();
        }""",
        use="""() => Promise.all([
          tracker.identify('ada', {email: 'ada@shop.example'}),
          tracker.track('Product Viewed', {product_id: 'k-1', price: 39.9}),
        ])""",
    ),
    "rudderstack": Bundle(
        path="@rudderstack/analytics-js/dist/npm/modern/bundled/umd/index.js",
        load="""(collector) => {
          window.tracker = new rudderanalytics.RudderAnalytics();
          tracker.load('write-1', collector, {configUrl: collector, sendAdblockPage: false});
          tracker.page();
        }""",
        use="""() => {
          tracker.identify('ada', {email: 'ada@shop.example'});
          tracker.track('Product Viewed', {product_id: 'k-1', price: 39.9});
        }""",
    ),
    "posthog": Bundle(
        path="posthog-js/dist/array.no-external.js",
        load="""(collector) => new Promise((resolve) => {
          posthog.init('write-1', {
            api_host: collector,
            autocapture: false,
            opt_out_useragent_filter: true, // a headless browser is a bot to it
            request_queue_config: {flush_interval_ms: 250},
          });
          // The page's own view is told a moment later, and by who the visitor is then.
          posthog.on('eventCaptured', ({event}) => event === '$pageview' && resolve());
        })""",
        use="""() => {
          posthog.identify('ada', {email: 'ada@shop.example'});
          posthog.capture('Product Viewed', {product_id: 'k-1', price: 39.9});
        }""",
    ),
}


@pytest_asyncio.fixture(loop_scope="session")
async def collector(
    embedded_broker: Broker, pytestconfig: pytest.Config
) -> AsyncIterator[Collecting]:
    sdks.needed(pytestconfig)
    async with collecting.started(embedded_broker) as found:
        yield found


def pages(bundle: Bundle) -> Starlette:
    """One page, and the bundle."""

    async def page(_: Request) -> Response:
        return HTMLResponse((shop.PAGES / "sdk.html").read_text())

    async def script(_: Request) -> Response:
        return Response((sdks.MODULES / bundle.path).read_bytes(), media_type="text/javascript")

    return Starlette(routes=[Route("/bundle.js", script), Route("/", page)])


@pytest.mark.parametrize("name", BUNDLES)
async def test_calls_on_a_page_become_the_events_they_mean(
    collector: Collecting, page: Page, name: str
) -> None:
    """The first request that brings messages meets a bad day: they come again, and once."""
    collector.moody.refuse(503)
    bundle = BUNDLES[name]

    async with serving.listening(pages(bundle)) as port:
        await page.goto(f"http://127.0.0.1:{port}/")
        await page.evaluate(bundle.load, collector.url)
        await page.evaluate(bundle.use)
        events = await collector.told(3, within_s=30)

    by_type = {type(event): event for event in events}
    viewed, identified, shown = (by_type[kind] for kind in (ProductViewed, Identified, PageViewed))
    assert isinstance(viewed, ProductViewed)
    assert isinstance(identified, Identified)
    assert (viewed.user_id, viewed.product.id) == ("ada", "k-1")
    assert identified.traits["email"] == "ada@shop.example"
    assert identified.anonymous_id == shown.anonymous_id is not None
    assert collector.repeated == []
