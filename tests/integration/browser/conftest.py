"""One Chromium for all tests of a process; a shop, a collector and a visitor for each test.

Playwright lives in one event loop, so the tests here share one: `loop_scope="session"`.
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page

from tests.integration.browser import shop
from tests.integration.browser.shop import Shop
from tests.integration.collector import serving
from tests.support import chromium, collecting
from tests.support.brokers import Broker


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def browser(pytestconfig: pytest.Config) -> AsyncIterator[Browser]:
    executable = chromium.path()
    if executable is None:
        reason = "there is no Chromium on the PATH: `make browser` installs it"
        if pytestconfig.getoption("--require-browser"):
            pytest.fail(reason)
        pytest.skip(reason)
    async with chromium.launched(executable) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def here(embedded_broker: Broker) -> AsyncIterator[Shop]:
    """A shop whose pages report to a collector on another origin."""
    async with collecting.started(embedded_broker) as found:
        pages = shop.application(collector=found.url)
        async with serving.listening(pages) as port:
            yield Shop(url=f"http://127.0.0.1:{port}", collecting=found)


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A browser nobody used before."""
    async with await browser.new_context() as context:
        yield context


@pytest_asyncio.fixture(loop_scope="session")
async def page(visitor: BrowserContext) -> AsyncIterator[Page]:
    """A tab; the test fails if a script on it does."""
    errors: list[str] = []
    opened = await visitor.new_page()
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    assert errors == []
