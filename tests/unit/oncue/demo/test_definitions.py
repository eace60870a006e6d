"""The demo's campaigns and templates are whole, and what they send can be read and clicked."""

from pathlib import Path

import pytest

from channels.links import Links, Origin
from channels.rendering.render import Renderer
from engine.definitions.folded import Definitions
from engine.definitions.triggers.carts import CartAbandoned
from oncue import definitions, demo

FOLDER = Path(demo.__file__).parent / "definitions"


@pytest.fixture(scope="module")
def shop() -> Definitions:
    loaded = definitions.load(FOLDER, at=0)
    assert loaded.warnings == []
    return loaded.definitions


def test_two_campaigns_of_different_categories_watch_carts(shop: Definitions) -> None:
    assert [
        (live.campaign.id, live.campaign.category, live.timer_id, live.trigger.params.idle)
        for live in shop.triggers
        if isinstance(live.trigger, CartAbandoned)
    ] == [
        ("cart-reminder", "cart", "T01:cart-reminder:idle-cart", "30m"),
        ("last-chance", "last-chance", "T01:last-chance:idle-cart", "2h"),
    ]


@pytest.mark.parametrize("template_id", ["cart-reminder", "last-chance"])
@pytest.mark.parametrize("traits", [{}, {"firstName": "Ada"}])
def test_a_mail_shows_the_cart_and_leads_back_to_it(
    shop: Definitions, template_id: str, traits: dict[str, object]
) -> None:
    renderer = Renderer(links=Links(secrets=["s"], public_url="http://here"))
    tea = {"id": "tea", "name": "Harbour Tea", "price": "8.90", "quantity": 2}

    mail = renderer.render(
        shop.templates[template_id].latest,
        to="ada@example.com",
        context={
            "customer": {"id": "c1", **traits},
            "cart": {"items": [tea, {"id": "cup"}], "count": 3, "value": "17.80", "currency": None},
        },
        origin=Origin(
            message_id="m",
            customer_key="u:c1",
            campaign=template_id,
            channel="email",
            template=template_id,
            template_version=1,
        ),
    )

    for part in (mail.html, mail.text):
        assert "Harbour Tea" in part
        assert "17.80 EUR" in part
        assert "http://here/c/" in part
    assert 'src="http://here/o/' in mail.html
