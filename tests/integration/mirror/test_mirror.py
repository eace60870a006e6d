"""What stands in the changelog is found in Redis and in ClickHouse, the highest write of it."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal

import msgspec
import pytest

from agents.mirror import run
from engine.claims import CounterRewriteRequested
from engine.customer import Cart, CartItem, Customer, Purchases
from engine.events import RewriteRequested
from engine.products import Product
from settings import Settings
from streams import wire
from streams.consumer import Reader
from streams.positions import Beginning
from streams.records import Received
from tables import connections, heartbeats
from tables.errors import ForeignCopyError, NewerFormatError
from tables.heartbeats import Heartbeats
from tables.profiles import COPY, CUSTOMER, Profiles
from tests.support import changelog
from tests.support.storage import PARTITIONS, Storage
from tests.support.valkey import Valkey
from tests.support.waiting import eventually

Check = Callable[[], bool | Awaitable[bool]]


def redis_shows(profiles: Profiles, customer_id: str, events_count: int) -> Check:
    async def check() -> bool:
        customer = await profiles.get(customer_id)
        return customer is not None and customer.events_count == events_count

    return check


def clickhouse_shows(store: Storage, events_count: int) -> Check:
    async def check() -> bool:
        found = await store.rows("SELECT events_count AS n FROM oncue.customers")
        return found == [{"n": events_count}]

    return check


def is_complete(profiles: Profiles) -> Check:
    async def check() -> bool:
        return await profiles.is_complete()

    return check


async def requests(store: Storage, topic: str = "events") -> list[Received]:
    """What stands in `events`, or `shared`."""
    async with Reader(brokers=store.broker) as reader:
        await reader.assign_topics([topic], start=Beginning())
        return [record async for some in reader.read_to_end() for record in some]


def requested(store: Storage, count: int, *, topic: str = "events") -> Check:
    async def check() -> bool:
        return len(await requests(store, topic)) >= count

    return check


@pytest.mark.usefixtures("mirror")
async def test_a_row_is_found_in_both_stores(store: Storage, profiles: Profiles) -> None:
    await store.append([changelog.written(events_count=7)])

    await eventually(redis_shows(profiles, "c1", 7))
    await eventually(clickhouse_shows(store, 7))


@pytest.mark.usefixtures("mirror")
async def test_reports_see_what_a_customer_has_bought_and_has_in_the_cart(store: Storage) -> None:
    shoes = Product(id="shoes", price=Decimal("19.99"), quantity=2)
    customer = Customer(
        id="c1",
        email="c1@example.com",
        attributes={"age": 33},
        subscriptions={"email": True},
        containers={"cart": Cart(items=(CartItem(product=shoes, added_at=1),))},
        orders=Purchases(count=1, total=Decimal("5.50"), currency="EUR"),
    )

    await store.append([changelog.written(customer=customer)])

    await eventually(clickhouse_shows(store, 0))
    found = await store.rows(
        "SELECT id, customer, email, attributes, subscriptions, cart_items, cart_value,"
        " orders_count, orders_total, currency, first_seen_at FROM oncue.customers"
    )
    assert found == [
        {
            "id": "c1",
            "customer": "c1",
            "email": "c1@example.com",
            "attributes": '{"age":33}',
            "subscriptions": '{"email":true}',
            "cart_items": 2,
            "cart_value": Decimal("39.98"),
            "orders_count": 1,
            "orders_total": Decimal("5.50"),
            "currency": "EUR",
            "first_seen_at": None,
        }
    ]


@pytest.mark.usefixtures("mirror")
async def test_a_zombies_late_write_loses_and_is_reported(
    store: Storage, profiles: Profiles
) -> None:
    await store.append([changelog.written(epoch=2, events_count=2)])
    await eventually(redis_shows(profiles, "c1", 2))
    await store.append([changelog.written(epoch=1, version=9, events_count=1)])

    await eventually(requested(store, 1))

    (record,) = await requests(store)
    assert (record.key, record.headers["kind"]) == (b"u:c1", b"command")
    msgspec.json.decode(record.value or b"", type=RewriteRequested)
    await eventually(clickhouse_shows(store, 2))
    await eventually(redis_shows(profiles, "c1", 2))


@pytest.mark.usefixtures("mirror")
async def test_a_zombies_late_write_of_a_counter_is_reported_to_its_owner(store: Storage) -> None:
    await store.append([changelog.counted("x", epoch=2), changelog.counted(epoch=1, version=9)])

    await eventually(requested(store, 1, topic="shared"))

    (record,) = await requests(store, "shared")
    event, cause = wire.decode_shared(record.value, record.headers["cause"])
    assert record.key == b"campaign:c:limit"
    assert isinstance(event, CounterRewriteRequested)
    assert cause is not None
    assert cause.source.startswith("shared-changelog/")


@pytest.mark.usefixtures("mirror")
async def test_a_row_written_again_after_a_zombie_is_copied(
    store: Storage, profiles: Profiles
) -> None:
    await store.append([changelog.written(epoch=2, events_count=2)])
    await store.append([changelog.written(epoch=1, events_count=1)])
    await eventually(requested(store, 1))

    await store.append([changelog.written(epoch=2, version=2, events_count=2)])
    await store.append([changelog.written(epoch=2, version=3, events_count=3)])

    await eventually(redis_shows(profiles, "c1", 3))
    await eventually(clickhouse_shows(store, 3))
    assert len(await requests(store)) == 1


@pytest.mark.usefixtures("mirror")
async def test_marks_of_the_owners_are_no_customers(store: Storage, profiles: Profiles) -> None:
    await store.append([changelog.marker(number) for number in range(PARTITIONS)])
    await store.append([changelog.written(events_count=7)])

    await eventually(redis_shows(profiles, "c1", 7))
    await eventually(clickhouse_shows(store, 7))
    assert await profiles.get("=owner") is None


async def test_a_restart_asks_for_nothing_again(
    store: Storage, profiles: Profiles, config: Settings
) -> None:
    for version in range(1, 6):
        await store.append([changelog.written(version=version, events_count=version)])

    for _ in range(2):
        working = asyncio.create_task(run.work(config))
        await eventually(redis_shows(profiles, "c1", 5))
        await eventually(is_complete(profiles))
        working.cancel()
        await asyncio.wait([working])

    assert await requests(store) == []


@pytest.mark.usefixtures("mirror")
async def test_an_emptied_redis_is_filled_again(
    store: Storage, profiles: Profiles, own_valkey: Valkey
) -> None:
    keys = [f"u:c{number}" for number in range(50)]
    await store.append([changelog.written(key, events_count=7) for key in keys])
    await eventually(is_complete(profiles))
    redis = connections.connect(own_valkey.url)

    await redis.flushall()

    await eventually(is_complete(profiles))
    found = await profiles.get_many([f"c{number}" for number in range(50)])
    assert [customer.events_count for customer in found if customer] == [7] * 50
    await redis.aclose()


@pytest.mark.usefixtures("mirror")
async def test_a_redis_that_went_back_in_time_is_brought_up_to_date(
    store: Storage, profiles: Profiles, own_valkey: Valkey
) -> None:
    """As after a failover to a replica that was behind."""
    await store.append([changelog.written(events_count=7)])
    await eventually(redis_shows(profiles, "c1", 7))
    redis = connections.connect(own_valkey.url)

    async with redis.pipeline(transaction=True) as pipe:
        pipe.delete(f"{CUSTOMER}c1")
        for number in range(PARTITIONS):
            pipe.hset(COPY, str(number), "0")
        await pipe.execute()

    await eventually(redis_shows(profiles, "c1", 7))
    await redis.aclose()


@pytest.mark.usefixtures("mirror")
async def test_a_redis_that_was_away_is_brought_up_to_date(
    store: Storage, profiles: Profiles, own_valkey: Valkey
) -> None:
    await eventually(is_complete(profiles))
    own_valkey.stop()
    await store.append([changelog.written(events_count=7)])
    await eventually(clickhouse_shows(store, 7))

    own_valkey.start()

    await eventually(redis_shows(profiles, "c1", 7))


async def test_a_copy_of_another_log_is_not_written_over(
    store: Storage, profiles: Profiles, config: Settings
) -> None:
    del store
    await profiles.begin(dict.fromkeys(range(PARTITIONS), 900))

    with pytest.raises(ForeignCopyError, match="Empty this Redis"):
        await run.work(config)


async def test_a_row_of_a_newer_version_stops_it(store: Storage, config: Settings) -> None:
    record = changelog.written()
    newer = msgspec.structs.replace(record, value=b"\xfe" + (record.value or b"")[1:])
    await store.append([newer])

    with pytest.raises(NewerFormatError):
        await run.work(config)


@pytest.mark.usefixtures("mirror")
async def test_it_is_ready_once_the_copy_is_complete(
    store: Storage, profiles: Profiles, own_valkey: Valkey
) -> None:
    del store
    hearts = Heartbeats(url=own_valkey.url)

    async def is_ready() -> bool:
        return [part.state for part in await hearts.parts()] == ["ready"]

    check: Check = is_ready
    await eventually(check, within_s=2 * heartbeats.EVERY_S + 8)

    assert await profiles.is_complete()
    await hearts.close()


async def stored_customers(store: Storage) -> list[dict[str, object]]:
    """The table itself, whatever the view shows."""
    return await store.rows("SELECT id, is_erased, email FROM oncue.customers_log ORDER BY id")


@pytest.mark.usefixtures("mirror")
async def test_of_an_erased_customer_only_the_stub_is_left(
    store: Storage, profiles: Profiles
) -> None:
    """Promise 10."""
    known = Customer(id="c1", email="ada@example.com", events_count=3)
    await store.append([changelog.written(customer=known)])
    await eventually(redis_shows(profiles, "c1", 3))
    await eventually(clickhouse_shows(store, 3))

    await store.append([changelog.erased()])

    async def is_erased() -> bool:
        found = await store.rows("SELECT store FROM oncue.erasures_log FINAL WHERE store != ''")
        [row] = await profiles.get_rows(["c1"])
        return found == [{"store": "customers_log"}] and row is not None and bool(row.erasure)

    await eventually(is_erased)
    assert await profiles.get("c1") is None
    assert await stored_customers(store) == [{"id": "c1", "is_erased": True, "email": ""}]
    assert await store.count("customers") == 0


@pytest.mark.usefixtures("mirror")
async def test_a_zombies_row_does_not_bring_an_erased_customer_back(
    store: Storage, profiles: Profiles
) -> None:
    await store.append([changelog.erased()])
    zombie = Customer(id="c1", email="ada@example.com")
    await store.append([changelog.written(customer=zombie), changelog.written("u:c2")])

    async def is_through() -> bool:
        return {row["id"] for row in await stored_customers(store)} == {"c1", "c2"}

    await eventually(is_through)
    assert await profiles.get("c1") is None
    assert (await stored_customers(store))[0] == {"id": "c1", "is_erased": True, "email": ""}


@pytest.mark.usefixtures("mirror")
async def test_of_an_erased_address_not_even_the_stub_is_copied(
    store: Storage, profiles: Profiles
) -> None:
    """It would be the key itself that tells who it was."""
    key = "e:ada@example.com"
    await store.append([changelog.written(key, events_count=3)])
    await eventually(clickhouse_shows(store, 3))

    await store.append([changelog.erased(key), changelog.written("u:c2")])

    async def is_gone() -> bool:
        copies = await profiles.get_rows(["email:ada@example.com", "c2"])
        stored = {row["id"] for row in await stored_customers(store)}
        return copies[0] is None and copies[1] is not None and stored == {"c2"}

    await eventually(is_gone)
