"""Redis' copy of the customers: the highest write wins, and a lost copy is noticed."""

import asyncio
import itertools

import pytest

from engine.customer import Customer
from engine.rows import Row
from tables import connections, rows
from tables.errors import CopyLostError
from tables.profiles import LOWER, SEEN, WRITTEN, Advance, Copy, Profiles
from tests.support.valkey import Valkey


def stored(
    *, at: int = 0, epoch: int = 0, version: int = 1, offset: int = 0, events_count: int = 0
) -> Copy:
    """A write of customer `c1`, at this place in the changelog."""
    row = Row(customer=Customer(id="c1", events_count=events_count))
    return Copy("c1", at, rows.encode(row, epoch=epoch, version=version, offset=offset))


async def events_count(profiles: Profiles) -> int | None:
    customer = await profiles.get("c1")
    return None if customer is None else customer.events_count


async def flush(server: Valkey) -> None:
    redis = connections.connect(server.url)
    await redis.flushall()
    await redis.aclose()


async def test_whoever_was_never_seen_is_nobody(profiles: Profiles) -> None:
    assert await profiles.get("nobody") is None


async def test_a_row_comes_back_as_its_customer(profiles: Profiles) -> None:
    await profiles.write([stored(events_count=7)])

    assert await events_count(profiles) == 7


async def test_several_come_back_in_the_order_asked_for(profiles: Profiles) -> None:
    await profiles.write([stored(events_count=7)])

    found = await profiles.get_many(["x", "c1"])

    assert [customer and customer.events_count for customer in found] == [None, 7]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
async def test_the_highest_write_wins_in_any_order(
    order: tuple[int, ...], profiles: Profiles
) -> None:
    writes = [
        stored(at=0, epoch=1, version=300, offset=9, events_count=1),
        stored(at=1, epoch=256, version=1, offset=5, events_count=2),
        stored(at=2, epoch=256, version=2, offset=5, events_count=3),
        stored(at=3, epoch=256, version=2, offset=2**63, events_count=4),
    ]

    for place in order:
        await profiles.write([writes[place]])

    assert await events_count(profiles) == 4


async def test_a_lower_write_later_in_the_log_is_reported(profiles: Profiles) -> None:
    outcomes = await profiles.write(
        [stored(at=4, epoch=2), stored(at=5, epoch=1), stored(at=6, epoch=3)]
    )

    assert outcomes == [WRITTEN, LOWER, WRITTEN]


async def test_reading_the_log_again_reports_nothing(profiles: Profiles) -> None:
    history = [stored(at=4, version=1), stored(at=5, version=2)]
    await profiles.write(history)

    assert await profiles.write(history) == [SEEN, SEEN]


async def test_a_batch_may_be_longer_than_a_round_trip(profiles: Profiles) -> None:
    history = [stored(at=at, version=at, events_count=at) for at in range(1_700)]

    assert await profiles.write(history) == [WRITTEN] * 1_700
    assert await events_count(profiles) == 1_699


async def test_positions_move(profiles: Profiles) -> None:
    await profiles.begin({0: 0, 1: 5})

    await profiles.advance([Advance(0, 0, 3)])

    assert await profiles.positions() == {0: 3, 1: 5}


async def test_a_copy_begun_twice_goes_on_where_it_was(profiles: Profiles) -> None:
    await profiles.begin({0: 0})
    await profiles.advance([Advance(0, 0, 3)])

    await profiles.begin({0: 0, 1: 0})

    assert await profiles.positions() == {0: 3, 1: 0}


async def test_a_flushed_copy_is_noticed_at_the_next_advance(
    profiles: Profiles, empty: Valkey
) -> None:
    await profiles.begin({0: 0})
    await profiles.advance([Advance(0, 0, 1)])
    await flush(empty)

    with pytest.raises(CopyLostError):
        await profiles.advance([Advance(0, 1, 2)])

    assert await profiles.positions() == {}


async def test_two_writers_cannot_move_one_position_apart(profiles: Profiles) -> None:
    await profiles.begin({0: 0})

    tries = [profiles.advance([Advance(0, 0, 5)]) for _ in range(2)]
    found = await asyncio.gather(*tries, return_exceptions=True)

    assert [type(outcome) for outcome in found].count(CopyLostError) == 1


async def test_a_copy_is_complete_only_once_that_was_said(
    profiles: Profiles, empty: Valkey
) -> None:
    before = await profiles.is_complete()
    await profiles.mark_complete()
    after = await profiles.is_complete()
    await flush(empty)

    assert (before, after, await profiles.is_complete()) == (False, True, False)
    assert await profiles.positions() == {}
