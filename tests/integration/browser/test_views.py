"""What a visitor does in the shop is what the log says, in order."""

import time
from typing import Any

import msgspec
import pytest
from playwright.async_api import Page

from engine.events import CartItemAdded, CartItemRemoved, PageViewed, ProductViewed, SourceEvent
from tests.integration.browser.shop import Shop
from tests.support.collecting import shown
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

ARRIVAL = ["Session Started", "page Kettles", "Product List Viewed"]


def names(events: list[SourceEvent]) -> list[str]:
    return [shown(event) for event in events]


def context(event: SourceEvent) -> Any:  # noqa: ANN401  JSON of no certain shape
    return msgspec.json.decode(event.context)


async def test_a_visit_of_a_single_page_shop_is_told_in_order(here: Shop, page: Page) -> None:
    """M115: page views on load and on navigation, views from attributes."""
    await page.goto(here.url)
    await page.click("text=Blue kettle")
    await here.told(5)
    await page.go_back()
    await here.told(7)
    await page.click("text=About")

    events = await here.told(8)

    assert names(events) == [
        *ARRIVAL,
        *("page Blue kettle", "Product Viewed"),
        *("page Kettles", "Product List Viewed"),
        "page About",
    ]
    viewed = events[4]
    assert isinstance(viewed, ProductViewed)
    assert (viewed.product.id, str(viewed.product.price)) == ("k-1", "39.90")


async def test_clicks_fill_and_empty_containers(here: Shop, page: Page) -> None:
    await page.goto(here.url)
    await page.click("#add-cart-k-2")
    await page.click("#add-wishlist-k-1")
    await page.click("text=Blue kettle")
    await page.click("#remove-cart-k-1")

    events = await here.told(8)

    told = [event for event in events if isinstance(event, CartItemAdded | CartItemRemoved)]
    assert [(event.name, event.container, event.product.id) for event in told] == [
        ("Product Added", "cart", "k-2"),
        ("Product Added to Wishlist", "wishlist", "k-1"),
        ("Product Removed", "cart", "k-1"),
    ]


async def test_everything_of_one_visit_has_one_visitor_and_one_session(
    here: Shop, page: Page
) -> None:
    await page.goto(f"{here.url}/?utm_source=mail&utm_campaign=autumn")
    await page.click("text=About")

    events = await here.told(4)

    assert len({event.anonymous_id for event in events}) == 1
    assert len({context(event)["session"]["id"] for event in events}) == 1
    assert context(events[0])["campaign"] == {"source": "mail", "name": "autumn"}
    assert context(events[0])["library"]["name"] == "oncue.js"
    assert context(events[3])["page"]["referrer"].startswith(f"{here.url}/?utm_source")


async def test_half_an_hour_of_silence_ends_the_session(here: Shop, page: Page) -> None:
    await page.clock.install()
    await page.goto(here.url)
    await page.clock.run_for(1_000)
    await here.told(3)
    await page.clock.run_for(29 * 60_000)
    await page.evaluate("oncue.track('Soon')")
    await page.clock.run_for(1_000)
    await here.told(4)
    await page.clock.run_for(30 * 60_000)
    await page.evaluate("oncue.track('Late')")
    await page.clock.run_for(1_000)

    events = await here.told(6)

    assert names(events) == [*ARRIVAL, "Soon", "Session Started", "Late"]
    sessions = [context(event)["session"]["id"] for event in events]
    assert sessions[0] == sessions[3] != sessions[4] == sessions[5]


async def test_a_login_names_the_visitor_and_a_logout_makes_another(here: Shop, page: Page) -> None:
    await page.goto(f"{here.url}/about")
    before = await page.evaluate("oncue.anonymousId()")
    await page.evaluate("oncue.identify('ada', {firstName: 'Ada'})")
    await page.evaluate("oncue.track('Paid')")
    await page.evaluate("oncue.reset()")
    await page.evaluate("oncue.track('Left')")

    events = {shown(event): event for event in await here.told(6)}

    who = {name: (event.user_id, event.anonymous_id == before) for name, event in events.items()}
    assert who["page About"] == (None, True)
    assert who["identify"] == ("ada", True)
    assert who["Paid"] == ("ada", True)
    assert who["Left"] == (None, False)


async def test_somebody_else_who_logs_in_is_no_longer_the_same_visitor(
    here: Shop, page: Page
) -> None:
    """e.5: the second user of a shared browser does not inherit the first one's history."""
    await page.goto(f"{here.url}/about")
    await page.evaluate("oncue.identify('ada'); oncue.identify('ben'); oncue.track('Paid')")

    events = await here.told(6)

    assert len({event.anonymous_id for event in events if event.user_id == "ben"}) == 1
    assert not (
        {event.anonymous_id for event in events if event.user_id == "ada"}
        & {event.anonymous_id for event in events if event.user_id == "ben"}
    )


async def test_calls_made_before_the_script_was_there_are_made_up_for(
    here: Shop, page: Page
) -> None:
    await page.add_init_script(
        "window.oncue = window.oncue || []; oncue.push(['identify', 'ada'], ['track', 'Early'])"
    )
    await page.goto(f"{here.url}/about")

    events = await here.told(4)

    assert {shown(event): event.user_id for event in events} == {
        "Session Started": None,
        "page Kettles": None,
        "identify": "ada",
        "Early": "ada",
    }


async def test_a_page_names_itself_once(here: Shop, page: Page) -> None:
    await page.add_init_script("(window.oncue = []).push(['page', 'Start'])")
    await page.goto(f"{here.url}/about")

    events = await here.told(2)

    assert [event.name for event in events if isinstance(event, PageViewed)] == ["Start"]


async def test_a_clock_that_is_wrong_by_a_year_is_corrected(here: Shop, page: Page) -> None:
    """e.4."""
    await page.clock.install(time="2031-01-01T00:00:00Z")
    await page.goto(f"{here.url}/about")
    await page.clock.run_for(1_000)

    events = await here.told(2)

    ages_ms = [abs(event.occurred_at - time.time() * 1_000) for event in events]
    assert max(ages_ms) < 60_000


async def test_a_signed_identity_goes_with_every_message_of_the_user(
    here: Shop, page: Page
) -> None:
    """The collector takes it off before anything is stored."""
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or ""))
    await page.goto(f"{here.url}/about")
    await page.evaluate("oncue.identify('ada', {}, {signature: 'proof'}); oncue.track('Paid')")
    await page.evaluate("oncue.reset(); oncue.track('Left')")
    events = await here.told(6)
    await eventually(lambda: "Left" in "".join(sent))

    messages = [message for body in sent if body for message in msgspec.json.decode(body)["batch"]]
    signed = {message.get("event", message["type"]): message["context"] for message in messages}
    assert signed["identify"]["signature"] == signed["Paid"]["signature"] == "proof"
    assert "signature" not in signed["Left"]
    assert not any("signature" in context(event) for event in events)
