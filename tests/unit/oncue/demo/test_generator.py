"""Every sentence the generator says of its morning, held against mornings it makes."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import pytest

from engine.events import (
    CartItemAdded,
    CartItemRemoved,
    CartReplaced,
    CategoryViewed,
    Identified,
    OrderCompleted,
    PageViewed,
    ProductViewed,
    Tracked,
    TrackerEvent,
)
from engine.intake import decoding, messages, receipts
from engine.intake.arrivals import Origin
from engine.transactions import ReceiptIssued
from oncue.demo import generator, people
from oncue.demo.generator import CLOSES_AT, HOUR_MS, OPENS_AT, Morning
from oncue.formats import reading
from oncue.formats.entries import Entry

SEEDS: Final = (1, 2)
ORIGIN: Final = Origin(source="demo", received_at=CLOSES_AT, seed="demo")


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """A morning as the collector would take it."""

    made: Morning
    events: list[TrackerEvent]


@pytest.fixture(scope="module", params=SEEDS)
def day(request: pytest.FixtureRequest) -> Day:
    made = generator.morning(request.param)
    return Day(
        made=made, events=[taken(line) for line in generator.lines(made.events).splitlines()]
    )


def taken(line: bytes) -> TrackerEvent:
    event = messages.arrive({**decoding.message(line), "messageId": "m"}, origin=ORIGIN).event
    assert isinstance(event, TrackerEvent)
    return event


def of(day: Day, *kinds: type[TrackerEvent]) -> list[TrackerEvent]:
    return [event for event in day.events if isinstance(event, kinds)]


def visits_by_device(day: Day) -> list[list[TrackerEvent]]:
    """A visit begins with the home page; whoever comes back to a cart goes on with the visit."""
    open_visits: dict[str | None, list[TrackerEvent]] = {}
    visits = []
    for event in day.events:
        if event.name == "Home":
            open_visits[event.anonymous_id] = []
            visits.append(open_visits[event.anonymous_id])
        open_visits[event.anonymous_id].append(event)
    return visits


def test_the_same_seed_gives_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    out, booked = tmp_path / "morning.ndjson", tmp_path / "receipts.ndjson"
    command = [sys.executable, "-m", "oncue.demo.generator", "--seed", "7", "--out", str(out)]
    subprocess.run([*command, "--receipts", str(booked)], check=True, timeout=60)

    made = generator.morning(7)

    assert out.read_bytes() == generator.lines(made.events)
    assert booked.read_bytes() == generator.lines(made.receipts)


def test_another_seed_is_another_morning() -> None:
    one, two = (generator.lines(generator.morning(seed).events) for seed in (1, 2))

    assert one != two


def test_a_run_names_its_orders_and_changes_nothing_else() -> None:
    plain, named = generator.morning(1), generator.morning(1, run="again-")

    assert generator.lines(named.events).replace(b"again-", b"") == generator.lines(plain.events)
    assert b'"order_id":"again-order-' in generator.lines(named.events)


def test_there_are_at_least_20_000_events_between_8_and_12_in_the_order_of_time(day: Day) -> None:
    times = [event.occurred_at for event in day.events]

    assert len(times) >= 20_000
    assert times[0] >= OPENS_AT
    assert times[-1] < CLOSES_AT
    assert times == sorted(times)


def test_the_file_is_read_by_the_segment_format_without_a_complaint(
    day: Day, tmp_path: Path
) -> None:
    path = tmp_path / "morning.ndjson"
    path.write_bytes(generator.lines(day.made.events))

    entries = list(reading.read(path, reading.known("segment")))

    assert all(isinstance(entry, Entry) for entry in entries)
    assert len(entries) == len(day.events)


def test_every_shape_of_event_passes_the_collectors_checks(day: Day) -> None:
    shapes = {type(event) for event in day.events}

    assert shapes == {
        CartItemAdded,
        CartItemRemoved,
        CartReplaced,
        CategoryViewed,
        Identified,
        OrderCompleted,
        PageViewed,
        ProductViewed,
        Tracked,
    }


def test_every_receipt_passes_the_collectors_checks(day: Day) -> None:
    for line in generator.lines(day.made.receipts).splitlines():
        event = receipts.arrive(decoding.message(line), origin=ORIGIN).event

        assert isinstance(event, ReceiptIssued)
        assert event.total > 0


def test_the_most_wanted_tenth_of_240_products_gets_over_a_third_of_the_views(day: Day) -> None:
    views = Counter(
        event.product.id for event in of(day, ProductViewed) if isinstance(event, ProductViewed)
    )
    categories = {
        event.product.category
        for event in of(day, ProductViewed)
        if isinstance(event, ProductViewed)
    }

    assert len(views) <= 240
    assert len(categories) == 8
    assert sum(count for _, count in views.most_common(24)) > views.total() / 3


def test_traffic_rises_towards_noon(day: Day) -> None:
    hours = Counter(
        (event.occurred_at - OPENS_AT) // HOUR_MS for event in day.events if event.name == "Home"
    )

    assert hours[3] > 1.5 * hours[0]
    assert hours[0] < hours[1] < hours[2] < hours[3]


def test_visits_are_heavy_tailed(day: Day) -> None:
    lengths = sorted(len(visit) for visit in visits_by_device(day))

    median = lengths[len(lengths) // 2]
    assert median <= 7
    assert lengths[int(len(lengths) * 0.99)] > 10 * median


def test_more_than_half_of_the_visits_are_by_customers_few_of_whom_come_often(day: Day) -> None:
    visitors = Counter(visit[0].user_id for visit in visits_by_device(day))
    strangers = visitors.pop(None)

    assert visitors.total() > strangers
    assert sum(count == 1 for count in visitors.values()) > len(visitors) / 3
    assert sum(count > 4 for count in visitors.values()) < len(visitors) / 10


def test_a_customer_is_identified_before_anything_but_the_landing(day: Day) -> None:
    identified: set[str] = set()
    for event in day.events:
        if isinstance(event, Identified):
            assert event.user_id is not None
            assert event.user_id not in identified
            identified.add(event.user_id)
        elif event.user_id is not None and event.name != "Home":
            assert event.user_id in identified


def test_a_few_strangers_register(day: Day) -> None:
    known = {f"c{number:04d}" for number in range(1, people.KNOWN_COUNT + 1)}
    registered = [event for event in of(day, Identified) if event.user_id not in known]

    assert 20 <= len(registered) <= 100


def is_whole(said: object) -> bool:
    return said == {"email": True}


def is_partial(said: object) -> bool:
    return isinstance(said, dict) and isinstance(said.get("email"), dict)


def is_no(said: object) -> bool:
    return said == {"email": False}


def is_silent(said: object) -> bool:
    return said == {}


@pytest.mark.parametrize(
    ("is_said", "share"), [(is_whole, 0.45), (is_partial, 0.15), (is_no, 0.15), (is_silent, 0.25)]
)
def test_consent_is_shared_out_as_described(
    day: Day, is_said: Callable[[object], bool], share: float
) -> None:
    said = [event.subscriptions for event in of(day, Identified) if isinstance(event, Identified)]

    assert abs(sum(is_said(answer) for answer in said) / len(said) - share) < 0.06


def test_one_customer_in_seventeen_has_no_email_and_no_address_is_a_real_one(day: Day) -> None:
    traits = [event.traits for event in of(day, Identified) if isinstance(event, Identified)]
    addresses = [str(trait["email"]) for trait in traits if "email" in trait]

    assert 0.02 < 1 - len(addresses) / len(traits) < 0.11
    assert all(address.split("@")[1].startswith("example.") for address in addresses)


def test_about_one_visit_in_seven_fills_a_cart(day: Day) -> None:
    visits = visits_by_device(day)
    filling = [visit for visit in visits if any(isinstance(e, CartItemAdded) for e in visit)]

    assert 0.11 < len(filling) / len(visits) < 0.18


def test_seven_carts_in_ten_are_left_by_the_visit_that_filled_them(day: Day) -> None:
    filling = [
        visit
        for visit in visits_by_device(day)
        if any(isinstance(event, CartItemAdded) for event in visit)
    ]
    bought = [visit for visit in filling if any(isinstance(e, OrderCompleted) for e in visit)]

    # Some of those who left come back to buy within the same reading of a visit.
    assert 0.27 < len(bought) / len(filling) < 0.45


def test_some_come_back_to_a_cart_they_left(day: Day) -> None:
    last_at: dict[str | None, int] = {}
    returned_count = 0
    for event in day.events:
        away_ms = event.occurred_at - last_at.get(event.anonymous_id, event.occurred_at)
        returned_count += event.name == "Cart" and away_ms > 5 * 60 * 1000
        last_at[event.anonymous_id] = event.occurred_at

    assert 8 <= returned_count <= 60


def test_every_web_order_of_a_customer_is_booked_within_minutes(day: Day) -> None:
    ordered_at = {
        event.order_id: (event.user_id, event.occurred_at, event.total)
        for event in of(day, OrderCompleted)
        if isinstance(event, OrderCompleted) and event.user_id is not None
    }
    booked = [
        receipts.arrive(decoding.message(line), origin=ORIGIN)
        for line in generator.lines(day.made.receipts).splitlines()
    ]
    web = [
        arrival
        for arrival in booked
        if isinstance(arrival.event, ReceiptIssued) and arrival.event.receipt_id.startswith("web-")
    ]
    late = [at for _, at, _ in ordered_at.values() if at >= CLOSES_AT - 181_000]

    assert len(ordered_at) - len(late) <= len(web) <= len(ordered_at)
    for arrival in web:
        assert isinstance(arrival.event, ReceiptIssued)
        waited = [
            arrival.event.occurred_at - at
            for customer, at, total in ordered_at.values()
            if f"u:{customer}" == arrival.key and total == arrival.event.total
        ]
        assert any(60_000 <= wait_ms <= 181_000 for wait_ms in waited)


def test_the_store_sells_from_nine_on(day: Day) -> None:
    receipts_made = [json.loads(line) for line in generator.lines(day.made.receipts).splitlines()]
    over_the_counter = [made for made in receipts_made if made["storeName"] != "Web"]

    assert len(over_the_counter) == generator.STORE_RECEIPTS_COUNT
    assert min(made["occurredAt"] for made in over_the_counter) >= "2026-03-02T09:00:00"
