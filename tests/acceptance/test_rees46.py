"""Three hours of a real shop, replayed into `oncue up`: every number as computed from the file.

At 200 times its speed: fast enough for a suite that runs on every change, slow enough that the
delays of a busy machine stay small beside the shorter idle time, 3 s. `REPLAY_SPEED=60` in the
environment is the speed that the README shows, and takes three minutes on each broker.
"""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Final

import msgspec
import pytest

from tests.acceptance import abandoned
from tests.acceptance import shop as shops
from tests.acceptance.abandoned import Left, Line
from tests.acceptance.shop import SOON_S, Shop
from tests.support import stack, whole
from tests.support.stack import Stack
from tests.support.waiting import eventually_now

DATA: Final = Path(__file__).parents[3] / "shared" / "data"
FILE: Final = DATA / "rees46_2019-10-01_0000-0250.csv.gz"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not FILE.exists(), reason=f"{FILE} is absent"),
]

SPEED: Final = 200
NAMES: Final = {"view": "Product Viewed", "cart": "Product Added", "purchase": "Order Completed"}
IDLE_MINUTES: Final = {"ten": 10, "thirty": 30}
"""Campaigns, and what a cart waits for in the file's time."""
TOLERANCE_S: Final = 1.0
"""Of our time: what the way through the collector may take."""


class Expected(msgspec.Struct, frozen=True):
    """What of `expected.json` is looked at; computed in SQL, by others."""

    events: int
    users: int
    sessions: int
    products: int
    by_type: dict[str, int]
    revenue_sum_of_purchase_prices: Decimal
    users_with_cart_and_no_later_purchase_of_that_product: int


class Morning(msgspec.Struct, frozen=True, kw_only=True):
    """A replay that is over, all its timers too."""

    shop: Shop
    speed: int
    lines: Sequence[Line]
    consenting: frozenset[str]
    said: str
    """By `oncue replay`."""

    def left(self, campaign: str) -> Left:
        """Whose carts this campaign must find."""
        return abandoned.left(
            self.lines,
            idle_s=IDLE_MINUTES[campaign] * 60,
            tolerance_s=TOLERANCE_S * self.speed,
        )


@pytest.fixture(scope="module")
def expected() -> Expected:
    text = (DATA / "expected.json").read_bytes()
    answers = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    return msgspec.json.decode(answers["rees46"], type=Expected, strict=False)


@pytest.fixture(scope="module", params=["embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
def morning(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Morning]:
    speed = int(os.environ.get("REPLAY_SPEED", SPEED))
    required = bool(request.config.getoption("--require-kafka"))
    folder = tmp_path_factory.mktemp(request.param)
    with (
        running(request.param, folder, require_kafka=required) as up,
        shops.opened(up) as shop,
    ):
        yield replayed(up, shop, speed=speed)


@contextmanager
def running(broker: str, folder: Path, *, require_kafka: bool) -> Iterator[Stack]:
    if broker == "embedded":
        with stack.running(folder) as up:
            yield up
        return
    with (
        whole.own_broker(broker, require_kafka=require_kafka) as own,
        stack.running(folder, broker=own.address) as up,
    ):
        yield up


def replayed(up: Stack, shop: Shop, *, speed: int) -> Morning:
    read = abandoned.lines(FILE)
    consenting = frozenset(abandoned.with_cart(read)[::2])
    shop.publish(
        *(
            shops.campaign(name, idle=f"{minutes * 60 // speed}s")
            for name, minutes in IDLE_MINUTES.items()
        )
    )
    for user in sorted(consenting):
        shop.identify(user, email=True)
    file_s = read[-1].at_s - read[0].at_s
    ended = stack.oncue(
        *("replay", str(FILE), "--format", "rees46", "--speed", str(speed), "--url", up.url),
        within_s=file_s / speed + 120,
    )
    assert ended.returncode == 0, ended.stdout
    morning = Morning(shop=shop, speed=speed, lines=read, consenting=consenting, said=ended.stdout)
    idle_s = max(IDLE_MINUTES.values()) * 60 / speed
    eventually_now(lambda: is_settled(morning), within_s=idle_s + SOON_S)
    print(f"{ended.stdout.splitlines()[-1]}; {latencies(shop)}")  # noqa: T201  a measurement
    return morning


def is_settled(morning: Morning) -> bool:
    """All events stored, everything expected decided, and every decision carried out."""
    shop = morning.shop
    stored = shop.value("SELECT count() FROM oncue.tracker")
    if stored < len(morning.lines) + len(morning.consenting):
        return False
    if any(fired(shop, name) < sum(sure(morning, name).values()) for name in IDLE_MINUTES):
        return False
    decided = shop.value("SELECT countIf(kind = 'sent') FROM oncue.facts")
    accepted = shop.value("SELECT countIf(state = 'accepted') FROM oncue.messages")
    return bool(decided == accepted)


def latencies(shop: Shop) -> str:
    [[p50, p99]] = shop.rows(
        "WITH toUnixTimestamp64Milli(logged_at) - toUnixTimestamp64Milli(caused_at) AS waited "
        "SELECT quantileExact(0.5)(waited), quantileExact(0.99)(waited) FROM oncue.messages"
    )
    return f"reminders decided after they were due: p50 {p50} ms, p99 {p99} ms"


def fired(shop: Shop, campaign: str) -> int:
    sql = f"SELECT count() FROM oncue.facts WHERE kind = 'fired' AND campaign = '{campaign}'"  # noqa: S608
    return int(shop.value(sql))


def sure(morning: Morning, campaign: str) -> Counter[str]:
    """Carts that must be found, by user, without the users of whom nobody can tell."""
    found = morning.left(campaign)
    return Counter({user: n for user, n in found.carts.items() if user not in found.unsure})


def test_the_replay_says_that_everything_was_stored(morning: Morning, expected: Expected) -> None:
    assert f"{expected.events:,} of {expected.events:,} events stored" in morning.said
    assert ", 0 rejected, 0 not sent" in morning.said


def test_every_event_is_stored_once(morning: Morning, expected: Expected) -> None:
    [[rows, ids]] = morning.shop.rows(
        "SELECT count(), uniqExact(id) FROM oncue.tracker WHERE type != 'identified'"
    )

    assert (rows, ids) == (expected.events, expected.events)


def test_views_and_reports_count_the_same_by_type(morning: Morning, expected: Expected) -> None:
    wanted = {NAMES[kind]: count for kind, count in expected.by_type.items()}
    customers = {
        name: len({line.user for line in morning.lines if line.kind == kind})
        for kind, name in NAMES.items()
    }

    viewed = morning.shop.rows(
        "SELECT name, count(), uniqExact(customer) FROM oncue.tracker "
        "WHERE type != 'identified' GROUP BY name"
    )
    reported = [
        item
        for item in morning.shop.get("/api/reports/events")["items"]
        if item["type"] != "identified"
    ]

    assert {name: count for name, count, _ in viewed} == wanted
    assert {name: count for name, _, count in viewed} == customers
    assert {item["name"]: item["count"] for item in reported} == wanted
    assert {item["name"]: item["customers"] for item in reported} == customers


def test_every_visitor_is_a_customer(morning: Morning, expected: Expected) -> None:
    own = Counter(line.user for line in morning.lines) + Counter(morning.consenting)

    viewed = morning.shop.rows("SELECT id, events_count FROM oncue.customers")
    listed = morning.shop.every("/api/customers")

    assert len(own) == expected.users
    assert dict(viewed) == own
    assert [item["id"] for item in listed] == sorted(own)
    assert {item["id"]: item["events_count"] for item in listed} == own


def test_orders_are_counted_for_who_made_them(morning: Morning) -> None:
    own = Counter(line.user for line in morning.lines if line.kind == "purchase")

    viewed = morning.shop.rows(
        "SELECT id, orders_count FROM oncue.customers WHERE orders_count > 0"
    )

    assert dict(viewed) == own


def test_what_was_paid_adds_up_to_the_cent(morning: Morning, expected: Expected) -> None:
    viewed = morning.shop.value("SELECT sum(orders_total) FROM oncue.customers")
    listed = morning.shop.every("/api/customers")

    assert viewed == expected.revenue_sum_of_purchase_prices
    assert sum(Decimal(item["metrics"]["orders_total"]) for item in listed) == viewed


def test_sessions_and_products_are_those_of_the_file(morning: Morning, expected: Expected) -> None:
    [[sessions, events]] = morning.shop.rows(
        "SELECT uniqExact(JSONExtractString(context, 'sessionId')), count() FROM oncue.tracker"
        " WHERE type != 'identified' AND JSONHas(context, 'sessionId')"
    )
    products = morning.shop.value("SELECT uniqExact(id) FROM oncue.products")

    assert (sessions, events) == (expected.sessions, expected.events)
    assert products == expected.products


def test_who_put_a_product_into_the_cart_and_did_not_buy_it_is_found(
    morning: Morning, expected: Expected
) -> None:
    """By an analyst's question, whose last word is the order in which it happened."""
    found = morning.shop.value(
        """
        SELECT uniqExact(customer) FROM
        (
            SELECT customer, product,
                maxIf(at, type = 'cart_item_added') AS added_at,
                maxIf(at, type = 'order_completed') AS bought_at
            FROM oncue.tracker
            ARRAY JOIN if(notEmpty(lines), lines.product_id, [product_id]) AS product
            WHERE type IN ('cart_item_added', 'order_completed')
            GROUP BY customer, product
        )
        WHERE added_at > 0 AND bought_at < added_at
        """
    )

    assert found == expected.users_with_cart_and_no_later_purchase_of_that_product


@pytest.mark.parametrize("campaign", IDLE_MINUTES)
def test_who_said_yes_is_reminded_of_each_cart_left_alone(morning: Morning, campaign: str) -> None:
    unsure = morning.left(campaign).unsure
    wanted = Counter(
        {user: n for user, n in sure(morning, campaign).items() if user in morning.consenting}
    )

    mails = [mail for mail in morning.shop.every("/api/outbox") if mail["campaign"] == campaign]

    assert len({mail["id"] for mail in mails}) == len(mails)
    assert Counter(mail["customer"] for mail in mails if mail["customer"] not in unsure) == wanted
    assert {mail["to"] for mail in mails} == {f"{mail['customer']}@shop.example" for mail in mails}


@pytest.mark.parametrize("campaign", IDLE_MINUTES)
def test_who_said_nothing_is_not_written_to_and_there_is_a_reason(
    morning: Morning, campaign: str
) -> None:
    unsure = morning.left(campaign).unsure
    wanted = Counter(
        {user: n for user, n in sure(morning, campaign).items() if user not in morning.consenting}
    )

    facts = morning.shop.rows(
        "SELECT customer, reason FROM oncue.facts "  # noqa: S608
        f"WHERE kind = 'not_sent' AND campaign = '{campaign}'"
    )

    assert Counter(customer for customer, _ in facts if customer not in unsure) == wanted
    assert {reason for _, reason in facts} == {"no_consent"}
