"""Slices of long work, and those who are served in between."""

import asyncio

from api.refilling.pacing import SLICE_S, Pace


async def test_others_are_served_after_each_slice() -> None:
    now, served = 0.0, 0
    pace = Pace(lambda: now)

    async def serve() -> None:
        nonlocal served
        while True:
            served += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(serve())
    for _ in range(10):
        now += SLICE_S
        if pace.is_over:
            await pace.rest()
    other.cancel()

    assert served >= 10


async def test_a_slice_that_is_not_used_up_goes_on() -> None:
    now = 0.0
    pace = Pace(lambda: now)
    now += SLICE_S / 2

    assert not pace.is_over
    now += SLICE_S / 2
    assert pace.is_over
    await pace.rest()
    assert not pace.is_over
