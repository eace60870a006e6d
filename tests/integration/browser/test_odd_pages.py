"""No page breaks the tracker, and the tracker breaks no page: the `page` fixture sees to that."""

from typing import Final

import pytest
from playwright.async_api import Page

from tests.integration.browser.shop import Shop
from tests.support.collecting import shown

pytestmark = pytest.mark.asyncio(loop_scope="session")

ODD: Final = {
    "a history nobody may change": "Object.freeze(history)",
    "no locks, as without HTTPS": "Object.defineProperty(navigator, 'locks', {value: undefined})",
    "no time limits for requests": "delete AbortSignal.timeout",
    "its name is taken": "window.oncue = 'taken'",
    "an element has its name": "window.oncue = document.createElement('div')",
    "nonsense in the queue": "window.oncue = [null, 'x', ['nothing'], 17]",
    "no observers": "delete window.MutationObserver",
    "arrays with more than arrays have": "Array.prototype.extra = function () {}",
}


@pytest.mark.parametrize("script", ODD.values(), ids=ODD.keys())
async def test_an_odd_page_is_viewed_like_any(here: Shop, page: Page, script: str) -> None:
    await page.add_init_script(script)
    await page.goto(f"{here.url}/about")

    events = await here.told(2)

    assert shown(events[0]) == "Session Started"


async def test_a_tag_that_stands_there_twice_counts_once(here: Shop, page: Page) -> None:
    await page.goto(f"{here.url}/about")
    await here.told(2)
    await page.evaluate(
        """(source) => new Promise((loaded) => {
          const tag = document.createElement('script');
          Object.assign(tag, {src: source, onload: loaded});
          tag.dataset.key = 'write-1';
          document.head.append(tag);
        })""",
        f"{here.collector}/oncue.js",
    )
    await page.evaluate("oncue.track('Done')")

    assert [shown(event) for event in await here.told(3)][2:] == ["Done"]


async def test_attributes_nobody_can_read_are_warned_of_and_passed_over(
    here: Shop, page: Page
) -> None:
    warnings: list[str] = []
    page.on("console", lambda said: warnings.append(said.text))
    await page.goto(f"{here.url}/about")
    await here.told(2)
    await page.evaluate(
        """() => document.querySelector('main').insertAdjacentHTML('beforeend',
          `<p data-oncue-product='{"id": '></p><p data-oncue-product="k-9"></p>`)"""
    )

    assert [shown(event) for event in await here.told(3)][2:] == ["Product Viewed"]
    assert any(said.startswith("oncue:") for said in warnings)


async def test_what_cannot_be_sent_is_warned_of(here: Shop, page: Page) -> None:
    await page.goto(f"{here.url}/about")
    await page.evaluate("oncue.track('Never', window); oncue.track('Never', {n: 1n})")
    await page.evaluate("oncue.contents('nothing'); oncue.product(); oncue.track('Done')")

    assert [shown(event) for event in await here.told(3)][2:] == ["Done"]


async def test_a_frame_without_an_origin_tells_what_it_shows(here: Shop, page: Page) -> None:
    """Sandboxed: no storage, no locks."""
    await page.goto(f"{here.url}/about")
    await here.told(2)
    await page.evaluate(
        """(source) => document.body.append(Object.assign(document.createElement('iframe'), {
          sandbox: 'allow-scripts',
          srcdoc: `<title>Frame</title><script src="${source}" data-key="write-1"></` + 'script>',
        }))""",
        f"{here.collector}/oncue.js",
    )

    assert [shown(event) for event in await here.told(4)][2:] == ["Session Started", "page Frame"]
