"""kill -9 in the middle of twenty thousand events: everything counted once, nobody written twice.

The supervisor starts again whoever was killed; nothing else is done about it.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Final

import httpx
import pytest

from tests.acceptance import shop as shops
from tests.acceptance.shop import Shop
from tests.support import stack
from tests.support.stack import Stack
from tests.support.waiting import eventually_now

pytestmark = pytest.mark.timeout(600)

CUSTOMERS: Final = 1_000
EACH: Final = 20
"""Events of a customer: one says yes to mail, one fills the cart, the others look around."""
EVENTS: Final = CUSTOMERS * EACH
BATCH_CUSTOMERS: Final = 10
STREAM_S: Final = 40
RECOVERED_S: Final = 120
WHOLE: Final = {
    "events": EVENTS,
    "events of customers": EVENTS,
    "messages": CUSTOMERS,
    "messages accepted": CUSTOMERS,
}


@pytest.fixture(
    scope="module",
    params=[("worker", "delivery", "sink"), ("clickhouse", "valkey", "mirror", "api")],
    ids="-".join,
)
def victims(request: pytest.FixtureRequest) -> tuple[str, ...]:
    named: tuple[str, ...] = request.param
    return named


@pytest.fixture(scope="module")
def hurt(
    victims: tuple[str, ...],  # noqa: ARG001  a stack for each
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stack]:
    with stack.running(tmp_path_factory.mktemp("hurt")) as up:
        yield up


@pytest.fixture(scope="module")
def shop(hurt: Stack, victims: tuple[str, ...]) -> Iterator[Shop]:
    """The stream has gone through, its messages too."""
    with shops.opened(hurt) as opened:
        opened.publish(shops.campaign(idle="1s"))
        stream(hurt, opened, victims)
        began_s = time.monotonic()
        until_whole(opened)
        print(f"whole {time.monotonic() - began_s:.1f} s after the last restart")  # noqa: T201
        yield opened


def stream(up: Stack, shop: Shop, victims: Sequence[str]) -> None:
    """Send every customer's events, the kills spread over them.

    The next victim lives until the one before is back: else it would be killed while it has
    nothing to do.
    """
    pids: dict[str, int] = {}
    starts = range(0, CUSTOMERS, BATCH_CUSTOMERS)
    kills = {
        starts[len(starts) * place // (len(victims) + 1)]: victim
        for place, victim in enumerate(victims, start=1)
    }
    for first in starts:
        batch = events(range(first, first + BATCH_CUSTOMERS))
        eventually_now(partial(is_taken, shop, batch), within_s=RECOVERED_S)
        if first in kills:
            until_all_back(up, pids)
            pids[kills[first]] = up.kill(kills[first])
        time.sleep(STREAM_S / len(starts))
    until_all_back(up, pids)


def until_all_back(up: Stack, pids: Mapping[str, int]) -> None:
    for name, pid in pids.items():
        up.until_back(name, pid)


def is_taken(shop: Shop, batch: Sequence[Mapping[str, object]]) -> bool:
    """Send as a tracker does, which tries again until it is answered."""
    try:
        return shop.tracker.post("/v1/batch", json={"batch": batch}).is_success
    except httpx.TransportError:
        return False


def events(customers: range) -> list[dict[str, object]]:
    """All that these customers do, each in one go."""
    return [
        {"userId": f"c{number}", "messageId": f"c{number}:{place}", **call(number, place)}
        for number in customers
        for place in range(EACH)
    ]


def call(number: int, place: int) -> dict[str, object]:
    if place == 0:
        traits = {"email": f"c{number}@shop.example", "subscriptions": {"email": True}}
        return {"type": "identify", "traits": traits}
    name = "Product Added" if place == EACH // 2 else "Product Viewed"
    return {"type": "track", "event": name, "properties": {"product_id": f"p{place}"}}


def until_whole(shop: Shop) -> None:
    try:
        eventually_now(lambda: counts(shop) == WHOLE, within_s=RECOVERED_S)
    except AssertionError as error:
        raise AssertionError(f"{counts(shop)} instead of {WHOLE}") from error


def counts(shop: Shop) -> dict[str, int]:
    """What is stored and carried out so far."""
    [found] = shop.rows(
        "SELECT (SELECT count() FROM oncue.tracker), "
        "(SELECT sum(events_count) FROM oncue.customers), "
        "(SELECT count() FROM oncue.messages), "
        "(SELECT countIf(state = 'accepted') FROM oncue.messages)"
    )
    return dict(zip(WHOLE, found, strict=True))


def test_each_victim_was_started_again_and_nobody_else(
    shop: Shop,  # noqa: ARG001  the stream
    hurt: Stack,
    victims: tuple[str, ...],
) -> None:
    starts = {part.name: part.starts_count for part in hurt.state.parts}

    assert starts == {name: 2 if name in victims else 1 for name in starts}


def test_every_event_is_stored_once(shop: Shop) -> None:
    [counts] = shop.rows("SELECT count(), uniqExact(id), uniqExact(customer) FROM oncue.tracker")

    assert counts == (EVENTS, EVENTS, CUSTOMERS)


def test_every_event_changed_its_customer_once(shop: Shop) -> None:
    found = shop.rows(
        "SELECT count(), uniqExact(id), min(events_count), max(events_count) FROM oncue.customers"
    )

    assert found == [(CUSTOMERS, CUSTOMERS, EACH, EACH)]
    assert {
        shop.get(f"/api/customers/c{number}")["events_count"] for number in range(0, CUSTOMERS, 50)
    } == {EACH}


def test_everybody_is_written_to_once_and_nobody_is_forgotten(shop: Shop) -> None:
    decided = shop.rows("SELECT id, customer FROM oncue.messages")
    said = shop.rows("SELECT message_id FROM oncue.facts WHERE kind = 'sent'")

    mails = shop.every("/api/outbox")

    ids = [mail["id"] for mail in mails]
    assert len(ids) == len(set(ids)) == CUSTOMERS
    assert {(mail["id"], mail["customer"]) for mail in mails} == set(decided)
    assert sorted(id_ for (id_,) in said) == sorted(ids)
    assert {mail["customer"] for mail in mails} == {f"c{number}" for number in range(CUSTOMERS)}


def test_every_mail_is_accepted_once_in_the_customers_log(shop: Shop) -> None:
    def responses() -> list[tuple[object, ...]]:
        return shop.rows(
            "SELECT response, count(), uniqExact(message_id) FROM oncue.responses GROUP BY response"
        )

    eventually_now(lambda: responses() == [("accepted", CUSTOMERS, CUSTOMERS)], within_s=30)


def test_nothing_was_refused_on_the_way(shop: Shop) -> None:
    assert shop.every("/api/dead-letters") == []
