"""The profile's lists over HTTP: containers, interests, loyalty, promo codes, tags, surveys."""

from collections.abc import AsyncIterator
from decimal import Decimal
from uuid import uuid4

import httpx
import msgspec
import pytest
import pytest_asyncio

from api.services import Services, now_ms
from engine import keys
from engine.customer import Cart, CartItem, Customer
from engine.events import ProductListed, TagsChanged
from engine.holdings import Expiring, Interest, Loyalty, PromoCode, Survey, Tag
from engine.products import Product
from engine.rows import Row
from streams import wire
from streams.consumer import Reader
from streams.positions import Beginning
from tables import rows as stored
from tables.profiles import Copy
from tests.support.log_rows import MONDAY
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

DAY_MS = 24 * 60 * 60 * 1000
SWITCHED_ON = {"features": {"category_interest": True}, "interest_days": 30}


@pytest.fixture
def name() -> str:
    """A customer that no other test uses."""
    return f"h-{uuid4().hex[:12]}"


@pytest_asyncio.fixture(loop_scope="session")
async def known(opened: Services, name: str) -> str:
    """A customer who holds something of everything."""
    now = now_ms()
    customer = Customer(
        id=name,
        containers={
            "cart": Cart(
                items=(CartItem(product=Product(id="lamp"), added_at=MONDAY),), changed_at=now
            ),
            "wishlist": Cart(items=(CartItem(product=Product(id="rug"), added_at=MONDAY),)),
        },
        loyalty=Loyalty(
            active=Decimal("120.50"),
            pending=Decimal(10),
            expiring=(Expiring(MONDAY, Decimal(5)), Expiring(now + DAY_MS, Decimal("30.50"))),
            updated_at=MONDAY,
        ),
        promo_codes=(
            PromoCode(code="OLD", issued_at=MONDAY, updated_at=MONDAY),
            PromoCode(
                code="TEN",
                issued_at=MONDAY + 1,
                updated_at=MONDAY + 1,
                group="ten-percent",
                campaign="welcome back",
                is_reissued=True,
            ),
        ),
        tags={"vip": Tag(MONDAY, is_assigned=True), "gone": Tag(MONDAY, is_assigned=False)},
        surveys=(Survey(survey_id="nps", completed_at=MONDAY, name="How likely?"),),
        interests={"lamps": Interest(2.0, now - 2, now - 1, 2)},
    )
    value = stored.encode(Row(customer=customer, now_at=now), epoch=1, version=1, offset=1)
    await opened.profiles.write([Copy(name, 0, value)])
    return name


@pytest_asyncio.fixture(loop_scope="session")
async def switched_on(editor: httpx.AsyncClient) -> AsyncIterator[None]:
    """Category interest is on while the test runs."""
    seen = (await editor.get("/api/settings")).headers["etag"]
    put = await editor.put("/api/settings", json=SWITCHED_ON, headers={"if-match": seen})
    yield
    await editor.put("/api/settings", json={}, headers={"if-match": put.headers["etag"]})


async def read(editor: httpx.AsyncClient, path: str) -> dict[str, object]:
    answer = await editor.get(f"/api/customers/{path}")
    assert answer.status_code == 200, answer.text
    return msgspec.convert(answer.json(), dict[str, object])


async def items(editor: httpx.AsyncClient, path: str) -> list[dict[str, object]]:
    return msgspec.convert((await read(editor, path))["items"], list[dict[str, object]])


async def test_the_balance_is_that_of_this_moment(editor: httpx.AsyncClient, known: str) -> None:
    """M152, M153, M154, M155, M156: what has expired is gone, without any event."""
    loyalty = msgspec.convert((await read(editor, known))["loyalty"], dict[str, str])

    assert loyalty.pop("next_expiry_at") is not None
    assert loyalty == {
        "active": "120.50",
        "pending": "10.00",
        "expiring_total": "30.50",
        "next_expiry_amount": "30.50",
    }


async def test_containers_are_listed_by_name(editor: httpx.AsyncClient, known: str) -> None:
    """X21."""
    found = await items(editor, f"{known}/containers")

    assert [one["container"] for one in found] == ["cart", "wishlist"]


async def test_the_catalogue_says_what_the_cart_does_not(
    editor: httpx.AsyncClient, known: str, opened: Services
) -> None:
    """M202: product name, price, time added."""
    listed = ProductListed(
        id=uuid4().hex,
        occurred_at=now_ms(),
        product_id="lamp",
        updated_at=now_ms(),
        title="Desk lamp",
        price=Decimal("9.90"),
    )
    [position] = await opened.producer.deliver([wire.record_of("product/lamp", listed)])
    await eventually(lambda: opened.catalogue.current.offset >= position.offset)

    cart = await read(editor, f"{known}/cart?container=cart")

    [item] = msgspec.convert(cart["items"], list[dict[str, object]])
    assert (item["name"], item["price"]) == ("Desk lamp", "9.90")
    assert item["added_at"] == "2025-12-01T00:00:00.000Z"


async def test_interests_are_hidden_while_the_feature_is_off(
    editor: httpx.AsyncClient, known: str
) -> None:
    """M208, M222."""
    answer = await editor.get(f"/api/customers/{known}/interests")

    assert (answer.status_code, answer.json()["code"]) == (404, "feature_off")
    assert "features.category_interest" in answer.json()["message"]


@pytest.mark.usefixtures("switched_on")
async def test_interests_say_how_strong_they_are_and_when_they_end(
    editor: httpx.AsyncClient, known: str
) -> None:
    """M203-M207."""
    [found] = await items(editor, f"{known}/interests")

    assert found["category"] == {"id": "lamps", "name": "lamps", "path": ["lamps"]}
    assert (found["strength"], found["views_count"]) == (2.0, 2)
    assert str(found["ends_at"]) > str(found["last_viewed_at"])


async def test_promo_codes_lead_to_who_issued_them(editor: httpx.AsyncClient, known: str) -> None:
    """M190-M192."""
    newest, oldest = await items(editor, f"{known}/promo-codes")

    assert newest | {"issued_at": None} == {
        "code": "TEN",
        "group": "ten-percent",
        "campaign": {"id": "welcome back", "href": "/api/campaigns/welcome%20back"},
        "issued_at": None,
        "expires_at": None,
        "used_at": None,
        "reissued": True,
    }
    assert (oldest["code"], oldest["campaign"]) == ("OLD", None)


async def test_a_page_ends_where_the_next_begins(editor: httpx.AsyncClient, known: str) -> None:
    first = await read(editor, f"{known}/promo-codes?limit=1")
    second = await read(editor, f"{known}/promo-codes?limit=1&cursor={first['cursor']}")

    pages = [
        [item["code"] for item in msgspec.convert(page["items"], list[dict[str, object]])]
        for page in (first, second)
    ]
    assert pages == [["TEN"], ["OLD"]]
    assert second["cursor"] is None


@pytest.mark.parametrize(("tab", "field"), [("tags", "tag"), ("audiences", "tag")])
async def test_only_tags_that_stand_are_shown(
    editor: httpx.AsyncClient, known: str, tab: str, field: str
) -> None:
    """M193, M194."""
    [found] = await items(editor, f"{known}/{tab}")

    assert (found[field], found["customers"]) == ("vip", "/api/customers?tag=vip")
    assert (await read(editor, known))["tags"] == ["vip"]


async def test_surveys_are_listed(editor: httpx.AsyncClient, known: str) -> None:
    """M199."""
    [found] = await items(editor, f"{known}/surveys")

    assert (found["id"], found["name"], found["results"]) == ("nps", "How likely?", None)


async def test_tags_go_through_the_customers_log(
    editor: httpx.AsyncClient, name: str, opened: Services
) -> None:
    """M170: an operator assigns and takes away."""
    answer = await editor.put(
        f"/api/customers/{name}/tags", json={"add": [" vip "], "remove": ["old"]}
    )

    assert answer.json() == {"add": ["vip"], "remove": ["old"]}
    async with Reader(brokers=opened.settings.broker) as reader:
        await reader.assign_topics(["events"], start=Beginning())
        records = [record async for batch in reader.read_to_end() for record in batch]
    [record] = [record for record in records if record.key == keys.user(name).encode()]
    event = msgspec.json.decode(record.value or b"", type=TagsChanged)
    assert (event.added, event.removed, event.origin) == (("vip",), ("old",), "operator")


@pytest.mark.parametrize(
    "body",
    [{}, {"add": [""]}, {"add": ["a"], "remove": ["a"]}, {"add": "vip"}, {"assign": ["vip"]}],
)
async def test_a_change_of_tags_that_says_nothing_clear_is_refused(
    editor: httpx.AsyncClient, name: str, body: object
) -> None:
    answer = await editor.put(f"/api/customers/{name}/tags", json=body)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_body")


@pytest.mark.parametrize(
    "tab", ["containers", "views", "promo-codes", "tags", "audiences", "surveys"]
)
async def test_nobody_has_no_tab(editor: httpx.AsyncClient, name: str, tab: str) -> None:
    answer = await editor.get(f"/api/customers/{name}/{tab}")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
