"""Years of real shops through the collector: sums to the cent, customers field by field.

Receipts of two weeks of a wholesaler with its returns (UCI), of 18 months of a music shop (CDNOW)
and of a grocery's households (Complete Journey), visits of a marketplace (Taobao); every number
was computed from the files by others. Everything is sent twice, which must change nothing.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import islice
from typing import Any, Final

import msgspec
import pytest

from tests.acceptance import datasets
from tests.acceptance import shop as shops
from tests.acceptance.datasets import DATA, Body
from tests.acceptance.shop import SOON_S, Shop
from tests.support import stack
from tests.support.waiting import eventually_now

pytestmark = [
    pytest.mark.shared,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not DATA.exists(), reason=f"{DATA} is absent"),
]

BATCH: Final = 500
FENCES: Final = 64
"""Customers spread over all partitions: when each is there, so is all that was sent before."""


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    answers: dict[str, Any] = msgspec.json.decode((DATA / "expected.json").read_bytes())
    return answers


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with stack.running(tmp_path_factory.mktemp("datasets")) as up, shops.opened(up) as opened:
        for name in ("first", "second"):
            for read in (datasets.uci, datasets.cdnow, datasets.households):
                delivered(opened, "/v1/receipts", read(), key=up.key("secret_key"))
            refused(opened, datasets.nameless(), key=up.key("secret_key"))
            delivered(opened, "/v1/batch", datasets.taobao(), key=up.key("write_key"))
            fenced(opened, name)
        yield opened


def delivered(shop: Shop, path: str, bodies: Iterable[Body], *, key: str) -> None:
    """Send all of it in batches, and have nothing refused."""
    left = iter(bodies)
    while batch := list(islice(left, BATCH)):
        answer = shop.tracker.post(
            path, json={"batch": batch}, headers={"authorization": f"Bearer {key}"}
        )
        assert (answer.status_code, answer.json()) == (200, {"success": True})


def refused(shop: Shop, bodies: Iterable[Body], *, key: str) -> None:
    """Send receipts of which each is refused, and kept with its reason."""
    batch = list(bodies)
    answer = shop.tracker.post(
        "/v1/receipts", json={"batch": batch}, headers={"authorization": f"Bearer {key}"}
    )
    assert (answer.status_code, answer.json()) == (200, {"success": True, "rejected": len(batch)})


def fenced(shop: Shop, name: str) -> None:
    """Wait until everything sent so far is in the rows and in ClickHouse."""
    shop.send(
        *(
            {"type": "identify", "userId": f"fence-{number}", "traits": {"round": name}}
            for number in range(FENCES)
        )
    )
    sql = f"SELECT count() FROM oncue.customers WHERE attributes LIKE '%{name}%'"  # noqa: S608
    eventually_now(lambda: shop.value(sql) == FENCES, within_s=2 * SOON_S)


def metrics(shop: Shop, source: str, customer: str) -> dict[str, Any]:
    """What the API says of one customer."""
    found: dict[str, Any] = shop.get(f"/api/customers/{source}-{customer}")["metrics"]
    return found


def total(shop: Shop, source: str) -> tuple[Any, ...]:
    """Customers, receipts and their sum, as ClickHouse has the customers."""
    sql = (
        "SELECT count(), sum(receipts_count), sum(receipts_total) FROM oncue.customers"  # noqa: S608
        f" WHERE startsWith(id, '{source}-')"
    )
    return shop.rows(sql)[0]


def test_the_wholesaler_is_net_of_its_returns(shop: Shop, expected: dict[str, Any]) -> None:
    answer = expected["uci"]

    customers, receipts, net = total(shop, "uci")

    assert (customers, receipts) == (answer["customers"], answer["receipts"])
    assert net == Decimal(answer["net_total"])


def test_an_invoice_that_takes_goods_back_is_a_return_and_no_other(
    shop: Shop, expected: dict[str, Any]
) -> None:
    """By the file's definition their numbers, and theirs alone, begin with C."""
    found = shop.rows(
        "SELECT startsWith(number, 'C') AS is_named, total < 0 AS is_back, count()"
        " FROM oncue.receipts WHERE startsWith(customer, 'uci-')"
        " GROUP BY is_named, is_back ORDER BY is_back"
    )

    answer = expected["uci"]
    assert found == [(False, False, answer["receipts"]), (True, True, answer["returns"])]


def test_lines_of_nobody_known_are_refused_and_can_be_read_back(
    shop: Shop, expected: dict[str, Any]
) -> None:
    kept = shop.value(
        "SELECT sum(length(lines)) FROM oncue.receipts WHERE startsWith(customer, 'uci-')"
    )
    [(codes, left)] = shop.rows(
        "SELECT groupUniqArray(toString(code)), sum(JSONLength(payload, 'lines')) FROM ("
        "SELECT any(code) AS code, payload FROM oncue.rejections GROUP BY payload)"
    )

    answer = expected["uci"]
    assert codes == ["missing_identifier"]
    assert left == answer["lines_without_customer"]
    assert kept + left == answer["lines"]


def test_customers_of_the_wholesaler_are_right_field_by_field(
    shop: Shop, expected: dict[str, Any]
) -> None:
    for customer, answer in expected["uci"]["customers_sample"].items():
        found = metrics(shop, "uci", customer)
        receipts = shop.of(f"uci-{customer}", "receipts")
        backs = [receipt for receipt in receipts if Decimal(receipt["total"]) < 0]
        assert len(backs) == answer["returns"]
        names = ("receipts_count", "receipts_total", "receipts_average", "receipts_last_amount")
        assert {name: found[name] for name in names} == {name: answer[name] for name in names}
        assert found["receipts_first_at"].startswith(answer["first"])
        assert found["receipts_last_at"].startswith(answer["last"])


def test_eighteen_months_of_the_music_shop_add_up(shop: Shop, expected: dict[str, Any]) -> None:
    answer = expected["cdnow"]

    assert total(shop, "cdnow") == (
        answer["customers"],
        answer["purchases"],
        Decimal(answer["total"]),
    )
    once = "SELECT countIf(receipts_count = 1) FROM oncue.customers WHERE startsWith(id, 'cdnow-')"
    assert shop.value(once) == answer["one_time_buyers"]


def test_customers_with_hundreds_of_receipts_are_right_field_by_field(
    shop: Shop, expected: dict[str, Any]
) -> None:
    for customer, answer in expected["cdnow"]["customers_sample"].items():
        found = metrics(shop, "cdnow", customer)
        names = ("receipts_count", "receipts_total")
        assert {name: found[name] for name in names} == {name: answer[name] for name in names}
        for name, day in (("first", answer["first"]), ("last", answer["last"])):
            assert found[f"receipts_{name}_at"][:10].replace("-", "") == day


def test_the_households_baskets_add_up(shop: Shop, expected: dict[str, Any]) -> None:
    answer = expected["completejourney"]

    assert total(shop, "home") == (
        answer["households"],
        answer["baskets"],
        Decimal(str(answer["sales_value"])),
    )
    often = "SELECT countIf(receipts_count >= 3) FROM oncue.customers WHERE startsWith(id, 'home-')"
    assert shop.value(often) == answer["households_with_3_or_more_baskets"]


def test_every_line_of_every_basket_is_there(shop: Shop, expected: dict[str, Any]) -> None:
    lines = shop.value(
        "SELECT sum(length(lines)) FROM oncue.receipts WHERE startsWith(customer, 'home-')"
    )

    assert lines == expected["completejourney"]["lines"]


def test_who_bought_in_a_department_is_found_by_the_lines(
    shop: Shop, expected: dict[str, Any]
) -> None:
    bought = shop.value(
        "SELECT uniqExact(customer) FROM oncue.transactions"
        " WHERE startsWith(customer, 'home-') AND arrayExists(x -> x.category = 'PRODUCE', lines)"
    )

    answer = expected["completejourney"]["households_that_bought_department_PRODUCE"]
    assert bought == answer


def test_every_visit_of_the_marketplace_is_stored_once_by_kind(
    shop: Shop, expected: dict[str, Any]
) -> None:
    answer = expected["taobao"]
    names = {
        "pv": "Product Viewed",
        "cart": "Product Added",
        "fav": "Product Added to Wishlist",
        "buy": "Order Completed",
    }

    found = dict(
        shop.rows(
            "SELECT toString(name), count() FROM oncue.tracker"
            " WHERE type != 'identified' GROUP BY name"
        )
    )

    assert found == {names[kind]: count for kind, count in answer["by_type"].items()}
    visitors = "SELECT uniqExact(customer) FROM oncue.tracker WHERE type != 'identified'"
    assert shop.value(visitors) == answer["users"]


def test_visits_keep_the_minute_they_happened(shop: Shop, expected: dict[str, Any]) -> None:
    found = shop.rows(
        "SELECT toInt64(toStartOfInterval(at, INTERVAL 5 MINUTE)) AS start, count()"
        " FROM oncue.tracker WHERE type != 'identified' GROUP BY start ORDER BY start"
    )

    answer = expected["taobao"]["tumbling_5min_event_counts(window start = multiple of 300)"]
    assert [list(row) for row in found] == answer


def test_the_product_most_looked_at_is_the_right_one(shop: Shop, expected: dict[str, Any]) -> None:
    found = shop.rows(
        "SELECT product_id, count() AS views FROM oncue.tracker WHERE type = 'product_viewed'"
        " GROUP BY product_id ORDER BY views DESC, product_id LIMIT 1"
    )

    product, views = expected["taobao"]["top_item_by_pv"]
    assert found == [(str(product), views)]
