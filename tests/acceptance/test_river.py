"""The whole loop through the printed addresses: events in, a reminder out, its clicks back in."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

import httpx
import pytest
from segment.analytics.client import Client

from tests.acceptance import shop as shops
from tests.acceptance.shop import SOON_S, Shop
from tests.support.stack import Stack
from tests.support.waiting import eventually_now

VIEWS: Final = (
    *("tracker", "transactions", "responses", "messages", "facts", "customers", "products"),
)


@pytest.fixture(scope="module")
def shop(up: Stack) -> Iterator[Shop]:
    with shops.opened(up) as shop:
        shop.publish(shops.campaign(idle="2s"))
        yield shop


@pytest.fixture(scope="module")
def mail(shop: Shop) -> dict[str, Any]:
    """What Ada, who said yes, got for a cart that she left."""
    shop.identify("ada", email=True)
    shop.add("ada", name="Red socks", price=2.50, currency="EUR", quantity=2)
    return shop.mail_to("ada")


def test_a_cart_left_alone_becomes_a_reminder(mail: dict[str, Any]) -> None:
    shown = {name: mail[name] for name in mail if name not in {"id", "text", "html", "at"}}

    assert list(mail) == [
        *("id", "customer", "channel", "to", "campaign", "version", "step", "template"),
        *("subject", "text", "html", "headers", "at"),
    ]
    assert shown == {
        "customer": "ada",
        "channel": "email",
        "to": "ada@shop.example",
        "campaign": "cart-reminder",
        "version": 1,
        "step": "s1",
        "template": "cart-mail",
        "subject": "Ada, your cart waits",
        "headers": shown["headers"],
    }
    assert "<p>Red socks</p>" in mail["html"]
    assert datetime.fromisoformat(mail["at"]).tzinfo is not None


def test_without_consent_there_is_a_reason_instead(shop: Shop) -> None:
    shop.identify("ben")
    shop.add("ben")

    facts = eventually_now(
        lambda: [fact for fact in shop.of("ben", "explain") if fact["kind"] == "not_sent"],
        within_s=SOON_S,
    )

    assert [(fact["campaign"], fact["reason"]) for fact in facts] == [
        ("cart-reminder", "no_consent")
    ]
    assert [fact["kind"] for fact in shop.of("ben", "explain")] == [
        *("exited", "not_sent", "entered", "fired"),
    ]
    assert shop.every("/api/outbox", customer="ben") == []


def test_what_becomes_of_a_mail_comes_back(shop: Shop, mail: dict[str, Any], up: Stack) -> None:
    [pixel] = re.findall(r'<img src="([^"]+)"', mail["html"])
    [link] = re.findall(r'<a href="([^"]+)"', mail["html"])

    seen = httpx.get(pixel)
    followed = httpx.get(link)

    assert pixel.startswith(f"{up.url}/o/")
    assert (seen.status_code, seen.headers["content-type"]) == (200, "image/gif")
    assert followed.is_redirect
    assert followed.headers["location"] == "https://shop.example/cart?from=mail&x=1"
    eventually_now(lambda: responses(shop, mail["id"]) >= {"opened", "clicked"}, within_s=SOON_S)
    [message] = shop.of("ada", "messages")
    assert (message["id"], message["state"]) == (mail["id"], "accepted")
    shown = {response["response"]: response for response in message["responses"]}
    assert set(shown) == {"accepted", "opened", "clicked"}
    assert shown["clicked"]["url"] == "https://shop.example/cart?from=mail&x=1"


def responses(shop: Shop, message_id: str) -> set[str]:
    sql = f"SELECT response FROM oncue.responses WHERE message_id = '{message_id}'"  # noqa: S608
    return {row[0] for row in shop.rows(sql)}


def test_a_customer_is_shown_as_clients_rely_on(shop: Shop) -> None:
    shop.identify("eve", email=True)
    shop.send(
        {
            "type": "track",
            "userId": "eve",
            "event": "Order Completed",
            "properties": {
                "order_id": "o1",
                "total": 19.95,
                "currency": "EUR",
                "products": [{"product_id": "socks", "price": 19.95}],
            },
        }
    )

    shown = eventually_now(lambda: as_known(shop, "eve", events_count=2), within_s=SOON_S)

    assert {"attributes", "contacts", "timezone", "metrics", "subscriptions", "tags"} <= set(shown)
    assert {"segments", "merged", "as_of"} <= set(shown)
    assert (shown["id"], shown["merged"]) == ("eve", [])
    assert shown["attributes"]["firstName"] == "Ada"
    assert shown["contacts"]["email"] == {
        "value": "eve@shop.example",
        "state": "valid",
        "provider": None,
    }
    assert shown["subscriptions"] == {"email": True}
    metrics = {name: shown["metrics"][name] for name in ("orders_count", "orders_total")}
    assert metrics == {"orders_count": 1, "orders_total": "19.95"}
    assert datetime.fromisoformat(shown["as_of"]).tzinfo is not None


def as_known(shop: Shop, customer: str, *, events_count: int) -> dict[str, Any]:
    answer = shop.admin.get(f"/api/customers/{customer}")
    if not answer.is_success or answer.json()["events_count"] != events_count:
        return {}
    shown: dict[str, Any] = answer.json()
    return shown


def test_a_visitor_and_the_customer_they_turn_out_to_be_are_one(shop: Shop) -> None:
    """M129, X26: by both ids, in the API and in ClickHouse, late events of the old one too."""
    visitor, page = {"anonymousId": "dev-joan"}, {"type": "page", "anonymousId": "dev-joan"}
    cart = {"event": "Product Added", "properties": {"product_id": "socks"}}
    shop.send(page, {"type": "track", **visitor, **cart})
    shop.send({"type": "identify", "userId": "joan", **visitor, "traits": {"firstName": "Joan"}})
    eventually_now(lambda: as_known(shop, "joan", events_count=3), within_s=SOON_S)

    shop.send(page)

    shown = eventually_now(lambda: as_known(shop, "joan", events_count=4), within_s=SOON_S)
    assert shown["merged"] == ["anonymous:dev-joan"]
    assert as_known(shop, "anonymous:dev-joan", events_count=4)["id"] == "joan"
    assert len(shop.admin.get("/api/customers/joan/cart").json()["items"]) == 1
    eventually_now(lambda: stored(shop, "joan") == [("joan", 4)], within_s=SOON_S)
    feeds = [shop.of(name, "activity") for name in ("joan", "anonymous:dev-joan")]
    # The reminder of the cart may come between the two answers.
    own, theirs = (without_campaigns(feed) for feed in feeds)
    assert len(own) == 4
    assert own == theirs
    listed = eventually_now(lambda: shop.every("/api/customers", q="joan"), within_s=SOON_S)
    assert [item["id"] for item in listed] == ["joan"]


def without_campaigns(feed: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [entry for entry in feed if entry["category"] != "campaigns"]


def stored(shop: Shop, customer: str) -> list[tuple[Any, ...]]:
    """Of the events of an identity or its customer: whose they are, and how many."""
    sql = f"""
        SELECT customer, uniqExact(id) FROM oncue.tracker
        WHERE identity IN ('{customer}', 'anonymous:dev-{customer}') GROUP BY customer
        """  # noqa: S608
    return [tuple(row) for row in shop.rows(sql)]


def test_an_identity_is_split_off_and_both_are_who_they_are(shop: Shop) -> None:
    """An operator's unmerge through every running part (e.5, M129)."""
    path, wanted = "/api/customers/gil/unmerge", {"identity": "anonymous:dev-gil"}
    shown = {"type": "identify", "userId": "gil", "anonymousId": "dev-gil"}
    shop.add("gil", "hat")
    cart = {"event": "Product Added", "properties": {"product_id": "lamp"}}
    shop.send({"type": "track", "anonymousId": "dev-gil", **cart})
    shop.send({**shown, "traits": {"firstName": "Gil"}})
    eventually_now(lambda: as_known(shop, "gil", events_count=3), within_s=SOON_S)

    answer = shop.admin.post(path, json=wanted)

    assert (answer.status_code, answer.json().get("status")) == (200, "done"), answer.text
    assert answer.json()["identities"] == ["anonymous:dev-gil"]
    shop.send({**shown, "traits": {"firstName": "Gilbert"}})
    shop.send({"type": "page", "anonymousId": "dev-gil"})
    known = eventually_now(lambda: as_known(shop, "gil", events_count=3), within_s=SOON_S)
    assert (known["merged"], in_cart(shop, "gil")) == ([], ["hat"])
    eventually_now(lambda: as_known(shop, "anonymous:dev-gil", events_count=2), within_s=SOON_S)
    assert in_cart(shop, "anonymous:dev-gil") == ["lamp"]
    mine = [("anonymous:dev-gil", 2), ("gil", 3)]
    eventually_now(lambda: sorted(stored(shop, "gil")) == mine, within_s=SOON_S)
    again = shop.admin.post(path, json=wanted)
    assert (again.status_code, again.json()["code"]) == (409, "already_unmerged")


def in_cart(shop: Shop, customer: str) -> list[str]:
    items = shop.get(f"/api/customers/{quote(customer, safe='')}/cart")["items"]
    return [item["id"] for item in items]


def test_a_bad_message_is_kept_with_the_reason_and_spoils_nothing(shop: Shop) -> None:
    good = {"type": "track", "userId": "fay", "event": "Song Played"}

    answer = shop.send(good, {"type": "track", "event": "nobody's"}, good | {"messageId": "m2"})

    assert answer == {"success": True, "rejected": 1}
    [rejection] = eventually_now(lambda: shop.every("/api/rejections"), within_s=SOON_S)
    assert rejection["path"].startswith("batch[1]")
    assert rejection["message"]
    assert "nobody's" in rejection["payload"]
    eventually_now(lambda: as_known(shop, "fay", events_count=2), within_s=SOON_S)


def test_metrics_count_the_events(shop: Shop) -> None:
    before = shop.metric("oncue_events_total", kind="tracker")
    collected_before = shop.metric("oncue_collected_messages_total", outcome="accepted")

    for number in range(7):
        shop.send({"type": "track", "userId": "gus", "event": f"Song {number}"})

    eventually_now(lambda: as_known(shop, "gus", events_count=7), within_s=SOON_S)
    assert shop.metric("oncue_events_total", kind="tracker") - before == 7
    accepted = shop.metric("oncue_collected_messages_total", outcome="accepted")
    assert accepted - collected_before == 7


@pytest.mark.usefixtures("mail")
def test_the_page_shows_who_was_written_to_and_why(up: Stack) -> None:
    expected = ("Ready", "ada", "cart-reminder", "a message was handed to delivery")

    def page_shows() -> bool:
        text = httpx.get(up.url).text
        return all(words in text for words in expected)

    eventually_now(page_shows, within_s=SOON_S)


def test_two_editors_do_not_overwrite_each_other(shop: Shop) -> None:
    path = "/api/templates/welcome"
    body = dict(shops.TEMPLATE) | {"id": "welcome"}
    created = shop.admin.put(path, json=body)
    changed = shop.admin.put(path, json=body, headers={"if-match": created.headers["etag"]})

    stale = shop.admin.put(path, json=body, headers={"if-match": created.headers["etag"]})
    unseen = shop.admin.put(path, json=body)

    assert (created.status_code, changed.status_code) == (200, 200)
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_revision")
    assert (unseen.status_code, unseen.json()["code"]) == (409, "exists")
    assert shop.admin.get(path).headers["etag"] == changed.headers["etag"]


@pytest.mark.usefixtures("mail")
@pytest.mark.parametrize("view", VIEWS)
def test_a_view_has_one_row_for_each_id(shop: Shop, view: str) -> None:
    columns = "count(), uniqExact(id), countIf(at > logged_at + 60), any(customer)"

    [row] = shop.rows(f"SELECT {columns} FROM oncue.{view}")  # noqa: S608

    assert row[0] == row[1]
    assert row[2] == 0


def test_the_segment_library_needs_only_the_address(shop: Shop, up: Stack) -> None:
    failures: list[Exception] = []
    client = Client(
        up.key("write_key"), host=up.url, on_error=lambda error, _: failures.append(error)
    )

    client.identify("hal", {"email": "hal@shop.example", "firstName": "Hal"})
    for number in range(150):
        client.track("hal", "Song Played", {"title": f"Song {number}"})
    client.page("hal", "Docs", "Home", {"url": "https://shop.example/"})
    client.flush()
    client.join()

    assert failures == []
    shown = eventually_now(lambda: as_known(shop, "hal", events_count=152), within_s=SOON_S)
    assert shown["attributes"]["firstName"] == "Hal"
    eventually_now(lambda: len(shop.of("hal", "activity")) == 152, within_s=SOON_S)
    names = {item["name"] for item in shop.of("hal", "activity")}
    assert "Song Played" in names
