"""The past is told to everybody once, whichever API process tells it, or dies on the way."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Final

import httpx
import msgspec
import pytest_asyncio

from api import app, services
from api.backfill import SAID_MS, SILENT_MS, Backfiller
from api.backtesting.reading import Known
from api.services import Services
from engine.definitions import fanouts
from engine.definitions.fanouts import Fanout
from tests.integration.customers.live import SOON_S, Live
from tests.support.waiting import eventually

PEOPLE: Final = 4
CALLS: Final = 2


@pytest_asyncio.fixture(loop_scope="session")
async def one(opened: Services) -> AsyncIterator[Services]:
    """An API process that fills in the past of what is saved there."""
    settings = msgspec.structs.replace(opened.settings, backfill=True)
    async with services.opened(settings) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def other(one: Services) -> AsyncIterator[Services]:
    """A second process of the same installation."""
    async with services.opened(one.settings) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def shop(one: Services) -> AsyncIterator[Live]:
    transport = httpx.ASGITransport(app.build(one))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as http:
        yield Live(http, one, admin_token=one.settings.admin_token)


def backfiller(
    of: Services, clock: Callable[[], int], *, per_s: int = 0, page: int = 500
) -> Backfiller:
    """Of one process."""
    return Backfiller(
        definitions=of.definitions,
        known=lambda: Known(of.definitions.at, of.catalogue.current),
        reader=of.reader,
        producer=of.producer,
        clock=clock,
        per_s=per_s,
        partitions=of.settings.partitions,
        page=page,
    )


def names(name: str) -> list[str]:
    return [f"{name}-{number}" for number in range(PEOPLE)]


async def saved(shop: Live, name: str) -> None:
    """People who did something, and a metric of it that comes later."""
    for person in names(name):
        call = {"type": "track", "userId": person, "event": name}
        await shop.track(*[call] * CALLS)
    for person in names(name):
        await shop.until(f"customers/{person}", lambda known: known["events_count"] == CALLS)
    body = {"id": name, "of": "event", "event": name, "aggregate": "count"}
    assert "warming" in await shop.put(f"metrics/{name}", body)
    await shop.settled()


def told(of: Services, name: str) -> Fanout:
    """How far its backfill is."""
    known = of.definitions.current
    return known.fanouts[fanouts.backfill_id(known.metrics[name].offset)].fanout


async def until_known(shop: Live, name: str) -> None:
    for person in names(name):
        await shop.until(
            f"customers/{person}",
            lambda known: (
                known["metrics"]["custom"][name]
                == known["metrics"]["custom"][name] | {"value": CALLS, "exact": True}
            ),
        )


async def test_another_process_goes_on_where_one_died(
    one: Services, other: Services, shop: Live, name: str
) -> None:
    """Who was told by both is filled in once."""
    await saved(shop, name)
    at = services.now_ms()

    def hurried() -> int:
        # It tells after each command how far it is.
        nonlocal at
        at += SAID_MS
        return at

    dying = backfiller(one, hurried, per_s=1, page=1)
    await dying.turn()
    running = asyncio.create_task(dying.turn())

    async def has_told_one() -> bool:
        return told(one, name).told_count > 0

    await eventually(has_told_one, within_s=SOON_S)
    running.cancel()
    await asyncio.wait([running])
    begun = told(one, name)
    assert (begun.state, 0 < begun.told_count < PEOPLE) == ("running", True)

    heir = backfiller(other, lambda: at + 2 * SILENT_MS)

    async def is_done() -> bool:
        await heir.turn()
        return told(other, name).state == "done"

    await eventually(is_done, within_s=SOON_S)

    assert told(other, name).told_count == PEOPLE
    await until_known(shop, name)


async def test_two_processes_that_begin_at_once_tell_everybody_once(
    one: Services, other: Services, shop: Live, name: str
) -> None:
    await saved(shop, name)
    both = [backfiller(of, services.now_ms, page=1) for of in (one, other)]

    async def are_done() -> bool:
        await asyncio.gather(*(each.turn() for each in both))
        known = one.definitions.current
        return not known.metrics[name].is_warming

    await eventually(are_done, within_s=SOON_S)

    assert told(one, name).told_count == PEOPLE
    await until_known(shop, name)


async def test_who_is_silent_no_longer_than_a_minute_is_left_alone(
    one: Services, other: Services, shop: Live, name: str
) -> None:
    """And who was taken over stops: the newest word is another's."""
    await saved(shop, name)
    now = services.now_ms()
    first = backfiller(one, lambda: now, per_s=1, page=1)
    await first.turn()
    running = asyncio.create_task(first.turn())
    begun_id = told(one, name).id

    async def has_begun() -> bool:
        return begun_id in other.definitions.current.fanouts and bool(told(other, name).by)

    await eventually(has_begun, within_s=SOON_S)
    begun = told(other, name)
    await backfiller(other, lambda: now + SILENT_MS // 2).turn()
    assert told(other, name).by == begun.by

    await backfiller(other, lambda: now + 2 * SILENT_MS).turn()
    await asyncio.wait_for(running, SOON_S)

    assert told(other, name).by != begun.by
    assert told(other, name).state == "done"
    await until_known(shop, name)
