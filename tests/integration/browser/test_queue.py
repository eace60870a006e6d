"""Nothing is lost, nothing counts twice: offline, on bad days, and when the page is left."""

import time

import msgspec
import pytest
from playwright.async_api import BrowserContext, Page

from engine.events import PageViewed, SourceEvent
from tests.integration.browser.shop import Shop
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

TRACK_TEN = "for (let number = 0; number < 10; number += 1) oncue.track(`Step ${number}`)"
STEPS = [f"Step {number}" for number in range(10)]
WAITING = "Object.keys(localStorage).filter((key) => key.startsWith('oncue.m.')).length"


def steps(events: list[SourceEvent]) -> list[str]:
    return [event.name for event in events if event.name.startswith("Step")]


async def empty(page: Page) -> None:
    """Wait until nothing waits to be sent."""

    async def is_empty() -> bool:
        return bool(await page.evaluate(f"{WAITING} === 0"))

    await eventually(is_empty)


async def test_what_happened_offline_arrives_in_order_when_back_online(
    here: Shop, page: Page, visitor: BrowserContext
) -> None:
    await page.clock.install()
    await page.goto(f"{here.url}/about")
    await page.clock.run_for(1_000)
    await here.told(2)
    await empty(page)
    await visitor.set_offline(offline=True)
    await page.evaluate(TRACK_TEN)
    await page.clock.run_for(60_000)
    await visitor.set_offline(offline=False)

    events = await here.told(12)

    assert steps(events) == STEPS
    assert here.repeated == []
    await empty(page)


async def test_what_was_not_sent_survives_the_tab(
    here: Shop, page: Page, visitor: BrowserContext
) -> None:
    await page.goto(f"{here.url}/about")
    await here.told(2)
    here.moody.refuse(503, times=2)
    await page.evaluate(TRACK_TEN)
    await eventually(lambda: len(here.moody.posted()) >= 2)
    await page.close()
    another = await visitor.new_page()
    await another.goto(f"{here.url}/about")

    events = await here.told(13)

    assert steps(events) == STEPS
    assert isinstance(events[-1], PageViewed)


async def test_a_reload_in_the_middle_of_a_request_loses_and_doubles_nothing(
    here: Shop, page: Page
) -> None:
    """What was sent and not answered goes again, under the same ids."""
    await page.goto(f"{here.url}/about")
    await here.told(2)
    # The answer is on its way too: held up, it would hold up the next request.
    await empty(page)
    here.moody.may_pass.clear()
    await page.evaluate(TRACK_TEN)
    await here.told(12)
    await page.reload()
    here.moody.may_pass.set()

    events = await here.told(13)

    assert steps(events) == STEPS
    assert isinstance(events[-1], PageViewed)
    assert sum(isinstance(event, PageViewed) for event in events) == 2
    assert len(here.repeated) in {0, 10}
    await empty(page)


async def test_what_is_told_last_arrives_although_the_page_is_gone(here: Shop, page: Page) -> None:
    await page.goto(f"{here.url}/about")
    await here.told(2)
    await page.evaluate("oncue.track('Step 0')")
    await page.goto("about:blank")

    assert steps(await here.told(3)) == ["Step 0"]


async def test_a_browser_without_keepalive_sends_a_beacon(here: Shop, page: Page) -> None:
    await page.add_init_script("delete Request.prototype.keepalive")
    await page.goto(f"{here.url}/about")
    await here.told(2)
    await page.evaluate("oncue.track('Step 0')")
    await page.goto("about:blank")

    assert steps(await here.told(3)) == ["Step 0"]


async def test_a_tab_that_is_hidden_sends_at_once(here: Shop, page: Page) -> None:
    await page.clock.install()
    await page.goto(f"{here.url}/about")
    await page.clock.run_for(1_000)
    await here.told(2)
    await page.evaluate(
        """() => {
          oncue.track('Step 0');
          Object.defineProperty(document, 'hidden', {get: () => true});
          document.dispatchEvent(new Event('visibilitychange'));
        }"""
    )

    assert steps(await here.told(3)) == ["Step 0"]


@pytest.mark.parametrize("status", [408, 429, 500, 503])
async def test_a_bad_day_of_the_server_delays_and_repeats_nothing(
    here: Shop, page: Page, status: int
) -> None:
    here.moody.refuse(status)
    await page.goto(f"{here.url}/about")

    events = await here.told(2)

    assert len(here.moody.posted()) == 2
    assert (len(events), here.repeated) == (2, [])
    await empty(page)


async def test_the_server_says_how_long_to_wait(here: Shop, page: Page) -> None:
    """Also to the next page."""
    here.moody.refuse(503, retry_after=2)
    began = time.monotonic()
    await page.goto(f"{here.url}/about")
    # Playwright's own way to wait evaluates a string, which the page's policy forbids.
    await eventually(lambda: page.evaluate("localStorage.getItem('oncue.retry')"))
    await page.reload()

    await here.told(3)

    assert time.monotonic() - began > 2
    assert len(here.moody.posted()) == 2


@pytest.mark.parametrize("status", [400, 401, 413])
async def test_what_the_server_refuses_is_dropped_with_a_warning(
    here: Shop, page: Page, status: int
) -> None:
    warnings: list[str] = []
    page.on("console", lambda told: warnings.append(told.text))
    here.moody.refuse(status)
    await page.goto(f"{here.url}/about")
    await eventually(lambda: any("refused" in told for told in warnings))

    await page.evaluate("oncue.track('Step 0')")

    assert steps(await here.told(1)) == ["Step 0"]
    await empty(page)


async def test_several_tabs_send_each_message_once(
    here: Shop, page: Page, visitor: BrowserContext
) -> None:
    tabs = [page, await visitor.new_page(), await visitor.new_page()]
    for tab in tabs:
        await tab.goto(f"{here.url}/about")
    for number in range(30):
        await tabs[number % 3].evaluate(f"oncue.track('Step {number}')")

    events = await here.told(34)

    assert sorted(steps(events)) == sorted(f"Step {number}" for number in range(30))
    assert here.repeated == []


async def test_the_queue_keeps_the_newest_within_its_bounds(
    here: Shop, page: Page, visitor: BrowserContext
) -> None:
    await page.goto(f"{here.url}/about")
    await here.told(2)
    await visitor.set_offline(offline=True)
    await page.evaluate(
        "for (let number = 0; number < 320; number += 1) oncue.track(`Step ${number}`)"
    )
    kept = await page.evaluate(WAITING)
    await page.evaluate(
        "for (let n = 0; n < 50; n += 1) oncue.track(`Large ${n}`, {text: 'x'.repeat(20_000)})"
    )
    chars = await page.evaluate("Object.values(localStorage).join('').length")
    last = await page.evaluate("Object.values(localStorage).join('').includes('Large 49')")

    assert (kept, last) == (300, True)
    assert chars < 410_000


async def test_a_large_queue_leaves_in_requests_that_outlive_a_page(
    here: Shop, page: Page, visitor: BrowserContext
) -> None:
    await page.goto(f"{here.url}/about")
    await here.told(2)
    await visitor.set_offline(offline=True)
    await page.evaluate(
        "for (let n = 0; n < 10; n += 1) oncue.track(`Step ${n}`, {text: '\\u00fc'.repeat(10_000)})"
    )
    await visitor.set_offline(offline=False)

    events = await here.told(12)

    assert steps(events) == STEPS
    sizes = [int(call.headers["content-length"]) for call in here.moody.posted()]
    assert max(sizes) <= 64_000


async def test_a_message_no_collector_takes_is_not_sent(here: Shop, page: Page) -> None:
    await page.goto(f"{here.url}/about")
    await page.evaluate("oncue.track('Step 0', {text: 'x'.repeat(40_000)}); oncue.track('Step 1')")

    assert steps(await here.told(3)) == ["Step 1"]


async def test_without_storage_everything_is_told_all_the_same(here: Shop, page: Page) -> None:
    """Private mode, or cookies switched off."""
    await page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('forbidden') }})"
    )
    here.moody.refuse(503)
    await page.goto(f"{here.url}/about")
    await page.evaluate(TRACK_TEN)

    events = await here.told(12)

    assert steps(events) == STEPS
    assert len({event.anonymous_id for event in events}) == 1


async def test_a_full_storage_is_no_reason_to_lose_anything(here: Shop, page: Page) -> None:
    await page.add_init_script(
        "Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError') }"
    )
    await page.goto(f"{here.url}/about")
    await page.evaluate(TRACK_TEN)

    assert steps(await here.told(12)) == STEPS


async def test_messages_need_no_preflight_and_carry_no_cookie(here: Shop, page: Page) -> None:
    await page.goto(f"{here.url}/about")
    await here.told(2)

    assert "OPTIONS" not in {call.method for call in here.moody.calls}
    headers = here.moody.posted()[0].headers
    assert headers["content-type"].startswith("text/plain")
    assert "cookie" not in headers


async def test_a_late_repetition_is_not_sent_when_it_could_count_twice(
    here: Shop, page: Page
) -> None:
    """After 15 minutes the worker no longer knows the ids of what came before."""
    await page.goto(f"{here.url}/about")
    await here.told(2)
    message = msgspec.json.encode(
        {"type": "track", "event": "Step 0", "userId": "1", "messageId": "m"}
    ).decode()
    await page.evaluate(
        f"""() => {{
          const before = (ms) => (Date.now() - ms) + {message!r};
          localStorage.setItem('oncue.m.0000000000001old', before(11 * 60_000));
          const recent = before(60_000).replace('Step 0', 'Step 1');
          localStorage.setItem('oncue.m.0000000000002new', recent);
        }}"""
    )
    await page.reload()

    events = await here.told(4)

    assert steps(events) == ["Step 1"]
    await empty(page)
