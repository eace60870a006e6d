"""The consent switch: without it nothing is stored and nothing is sent."""

from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page

from tests.integration.browser.shop import Shop
from tests.support.collecting import shown

pytestmark = pytest.mark.asyncio(loop_scope="session")

OURS = "Object.fromEntries(Object.entries(localStorage).filter(([key]) => key.startsWith('oncue')))"


async def ask_first(visitor: BrowserContext, here: Shop) -> None:
    """Make the shop's tag wait for consent."""
    await visitor.add_cookies(
        [{"name": "attributes", "value": "data-consent=required", "url": here.url}]
    )


async def quiet(here: Shop, page: Page) -> None:
    """Let every timer of the page fire, and what it would have sent arrive."""
    await page.clock.run_for(10_000)
    await page.request.get(f"{here.collector}/oncue.js")


async def stored(page: Page) -> dict[str, Any]:
    found = await page.evaluate(OURS)
    assert isinstance(found, dict)
    return found


async def test_before_consent_nothing_is_stored_or_sent(
    here: Shop, page: Page, visitor: BrowserContext
) -> None:
    """X49."""
    await ask_first(visitor, here)
    await page.clock.install()
    await page.goto(here.url)
    await page.clock.run_for(1_000)
    await page.click("#add-cart-k-1")
    await page.evaluate("oncue.track('Early'); oncue.identify('ada'); oncue.flush()")
    await quiet(here, page)
    await page.goto(f"{here.url}/about")
    await quiet(here, page)

    assert await stored(page) == {}
    assert here.moody.posted() == []


async def test_consent_starts_with_the_page_that_is_shown(
    here: Shop, page: Page, visitor: BrowserContext
) -> None:
    await ask_first(visitor, here)
    await page.goto(here.url)
    await page.click("text=Blue kettle")
    await page.wait_for_selector("[data-oncue-product]")
    await page.evaluate("oncue.consent(true)")

    events = await here.told(3)

    assert [shown(event) for event in events] == [
        "Session Started",
        "page Blue kettle",
        "Product Viewed",
    ]


async def test_consent_is_remembered_and_said_again_changes_nothing(
    here: Shop, page: Page, visitor: BrowserContext
) -> None:
    await ask_first(visitor, here)
    await page.goto(f"{here.url}/about")
    await page.evaluate("oncue.consent(true)")
    await here.told(2)
    await page.add_init_script("(window.oncue = []).push(['consent', true])")
    await page.goto(f"{here.url}/about?again")
    await page.evaluate("oncue.consent(true); oncue.track('Done')")

    events = await here.told(4)

    assert [shown(event) for event in events][3:] == ["Done"]


@pytest.mark.parametrize("is_required", [False, True])
async def test_withdrawn_consent_drops_what_waits_and_stays_withdrawn(
    here: Shop,
    page: Page,
    visitor: BrowserContext,
    is_required: bool,  # noqa: FBT001
) -> None:
    if is_required:
        await ask_first(visitor, here)
    await page.clock.install()
    await page.goto(f"{here.url}/about")
    await page.evaluate("oncue.consent(true)")
    await page.clock.run_for(1_000)
    await here.told(2)
    sent = len(here.moody.posted())
    await page.evaluate("oncue.track('Never'); oncue.consent(false); oncue.track('Never')")
    await page.goto(f"{here.url}/")
    await page.evaluate("oncue.track('Never')")
    await quiet(here, page)

    assert await stored(page) == ({} if is_required else {"oncue.consent": "no"})
    assert len(here.moody.posted()) == sent


async def test_consent_refused_before_the_script_is_there_is_heard(here: Shop, page: Page) -> None:
    await page.add_init_script("(window.oncue = []).push(['track', 'Early'], ['consent', false])")
    await page.clock.install()
    await page.goto(f"{here.url}/about")
    await quiet(here, page)

    assert await stored(page) == {"oncue.consent": "no"}
    assert here.moody.posted() == []
