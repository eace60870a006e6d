"""From a source's word to the profile that anybody reads, through the whole stack, over HTTP.

A probe identifies a customer at the collector and asks the API for the customer until the word is
there. The baseline is the two requests alone, with nothing to wait for, in the same run.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import quantiles
from typing import Final, NamedTuple

import httpx

from benchmarks.report import Figure, Scale
from tests.support import stack

PACE_S: Final = 0.05
"""Between two probes."""

POLL_S: Final = 0.002

ARRIVAL_S: Final = 30
"""A probe that takes longer is lost, and the run with it."""

WARM_UP: Final = 10

CUSTOMERS: Final = 500
"""Who the probes are about, in turns."""

BACKGROUND_PER_S: Final = 2_000

BATCH: Final = 100


class Taken(NamedTuple):
    """Milliseconds of each probe."""

    shown: list[float]
    requests: list[float]


class Run(NamedTuple):
    """One run of the stack."""

    idle: Taken
    beside: Taken
    taken_per_s: float
    """Events of the stream: a busy machine may take fewer than were meant."""


class Doors(NamedTuple):
    """The collector as a tracker has it, the API as an operator does."""

    tracker: httpx.AsyncClient
    admin: httpx.AsyncClient


def run(scale: Scale) -> list[Figure]:
    """Measure at idle, then beside a stream of events, in one run of the stack."""
    count = scale.pick(500, 100)
    runs = [asyncio.run(_measured(count)) for _ in range(scale.runs)]
    beside = f"{BACKGROUND_PER_S:,} events/s beside"
    return [
        *_figures("idle", [one.idle for one in runs]),
        *_figures(beside, [one.beside for one in runs]),
        Figure(
            case=beside,
            measure="events/s taken",
            values=tuple(one.taken_per_s for one in runs),
            against="events/s meant",
            baselines=(float(BACKGROUND_PER_S),) * len(runs),
        ),
    ]


def _figures(case: str, runs: Sequence[Taken]) -> list[Figure]:
    return [
        Figure(
            case=case,
            measure=f"p{percent} ms",
            values=tuple(_percentile(taken.shown, percent) for taken in runs),
            against="the two requests alone",
            baselines=tuple(_percentile(taken.requests, percent) for taken in runs),
        )
        for percent in (50, 99)
    ]


async def _measured(count: int) -> Run:
    with tempfile.TemporaryDirectory() as folder, stack.running(Path(folder)) as up:
        key = {"authorization": f"Bearer {up.key('write_key')}"}
        token = {"authorization": f"Bearer {up.key('admin_token')}"}
        async with (
            httpx.AsyncClient(base_url=up.url, headers=key, timeout=ARRIVAL_S) as tracker,
            httpx.AsyncClient(base_url=up.url, headers=token, timeout=ARRIVAL_S) as admin,
        ):
            doors = Doors(tracker, admin)
            idle = await _taken(doors, "i", count)
            async with _stream(tracker) as sizes:
                began_s = time.perf_counter()
                beside = await _taken(doors, "b", count)
                taken_per_s = sum(sizes) / (time.perf_counter() - began_s)
            return Run(idle, beside, taken_per_s)


async def _taken(doors: Doors, prefix: str, count: int) -> Taken:
    taken = Taken([], [])
    for number in range(WARM_UP + count):
        customer = f"probe-{number % CUSTOMERS}"
        began_s = time.perf_counter()
        await _identify(doors, customer, f"{prefix}{number}")
        await _shown(doors, customer, f"{prefix}{number}")
        taken.shown.append((time.perf_counter() - began_s) * 1000)
        began_s = time.perf_counter()
        await _identify(doors, "nobody", "same")
        await _word(doors, customer)
        taken.requests.append((time.perf_counter() - began_s) * 1000)
        await asyncio.sleep(PACE_S)
    return Taken(taken.shown[WARM_UP:], taken.requests[WARM_UP:])


async def _shown(doors: Doors, customer: str, word: str) -> None:
    deadline_s = time.monotonic() + ARRIVAL_S
    while await _word(doors, customer) != word:
        if time.monotonic() > deadline_s:
            raise TimeoutError(f"{customer} does not show {word} after {ARRIVAL_S} s")
        await asyncio.sleep(POLL_S)


async def _identify(doors: Doors, customer: str, word: str) -> None:
    body = {"userId": customer, "traits": {"word": word}}
    await _taken_in(doors.tracker, "/v1/identify", body)


async def _taken_in(tracker: httpx.AsyncClient, path: str, body: Mapping[str, object]) -> None:
    """Send it, and again while the collector asks for that, as trackers do: it is part of the time.

    Raises:
        httpx.HTTPError: it is refused for another reason.
    """
    while True:
        answer = await tracker.post(path, json=body)
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            answer.raise_for_status()
            return
        await asyncio.sleep(float(answer.headers["retry-after"]))


async def _word(doors: Doors, customer: str) -> object:
    """What the profile says; None before anything is known of the customer."""
    answer = await doors.admin.get(f"/api/customers/{customer}")
    if answer.status_code == httpx.codes.NOT_FOUND:
        return None
    return answer.raise_for_status().json()["attributes"].get("word")


@asynccontextmanager
async def _stream(tracker: httpx.AsyncClient) -> AsyncIterator[list[int]]:
    """Views of products by other customers, at their pace, beside the block; how many were taken.

    Raises:
        httpx.HTTPError: the collector takes them no more; the figures would be of another case.
    """
    sizes: list[int] = []

    async def feed() -> None:
        began_s = time.perf_counter()
        while True:
            due_s = began_s + len(sizes) * BATCH / BACKGROUND_PER_S
            await asyncio.sleep(max(0.0, due_s - time.perf_counter()))
            events = [_viewed(len(sizes) * BATCH + place) for place in range(BATCH)]
            await _taken_in(tracker, "/v1/batch", {"batch": events})
            sizes.append(BATCH)

    feeding = asyncio.create_task(feed())
    try:
        yield sizes
        if feeding.done():
            await feeding
    finally:
        feeding.cancel()
        await asyncio.wait([feeding])


def _viewed(number: int) -> dict[str, object]:
    return {
        "type": "track",
        "event": "Product Viewed",
        "userId": f"other-{number % 5_000}",
        "properties": {"product_id": f"p{number % 1_000}", "price": 39.9},
    }


def _percentile(values: Sequence[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1]
