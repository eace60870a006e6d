"""What pages call themselves."""

import pytest
from playwright.async_api import Page

from engine.events import CartItemAdded, CartReplaced, CategoryViewed, Identified, ProductViewed
from tests.integration.browser.shop import Shop
from tests.support.collecting import shown

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_calls_are_the_events_the_collector_knows(here: Shop, page: Page) -> None:
    await page.goto(f"{here.url}/about")
    await page.evaluate(
        """() => {
          oncue.category({id: 'kettles', name: 'Kettles'});
          oncue.product({id: 'k-1', price: '39.90'});
          oncue.add('k-1', 'compare');
          oncue.contents([{id: 'k-1', quantity: 2}], 'wishlist');
          oncue.identify({firstName: 'Ada'});
        }"""
    )

    category, product, added, contents, traits = (await here.told(7))[2:]

    assert isinstance(category, CategoryViewed)
    assert category.category == "kettles"
    assert isinstance(product, ProductViewed)
    assert str(product.product.price) == "39.90"
    assert isinstance(added, CartItemAdded)
    assert (added.container, added.product.id) == ("compare", "k-1")
    assert isinstance(contents, CartReplaced)
    assert (contents.container, contents.products[0].quantity) == ("wishlist", 2)
    assert isinstance(traits, Identified)
    assert (traits.user_id, traits.traits) == (None, {"firstName": "Ada"})


async def test_a_shop_that_bundles_the_script_loads_it_by_a_call(here: Shop, page: Page) -> None:
    """No attribute says the key: calls wait for `load`."""
    await page.goto(f"{here.url}/shop.js")
    await page.add_script_tag(url=f"{here.collector}/oncue.js")
    await page.evaluate("oncue.track('Early'); oncue.load({host: 'https://nobody.example'})")
    await page.evaluate(
        "(host) => oncue.load({key: 'write-1', host: host + '/', auto: false})", here.collector
    )

    assert [shown(event) for event in await here.told(2)] == ["Session Started", "Early"]
