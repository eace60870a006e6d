"""Standing still ends the process; working and waiting do not."""

from collections.abc import Callable, Hashable

import pytest
from faust.types import TP

from agents.batching.watchdog import Reading, Watchdog
from agents.errors import StalledError

P0 = TP("events", 0)


def reading(
    *,
    positions: dict[TP, int] | None = None,
    committed: dict[TP, int | None] | None = None,
    behind: dict[TP, int] | None = None,
    running: dict[TP, float] | None = None,
    starting: Hashable | None = None,
) -> Reading:
    return Reading(
        positions=positions or {},
        committed=committed or {},
        behind=behind or {},
        running=running or {},
        starting=starting,
    )


def watch(*readings: Reading, every_s: float = 1.0) -> None:
    watchdog = Watchdog(starting_stall_s=76)
    for number, each in enumerate(readings):
        watchdog.check(each, now_s=1000 + number * every_s)


@pytest.mark.parametrize(
    ("stalled", "limit_s"),
    [
        pytest.param(reading(positions={P0: 9}, committed={P0: 4}), 30, id="commit"),
        pytest.param(reading(positions={P0: 9}, committed={P0: None}), 30, id="first commit"),
        pytest.param(reading(running={P0: 990.0}), 60, id="chunk"),
        pytest.param(reading(behind={P0: 9}), 60, id="fetch"),
        pytest.param(reading(starting=(1, ())), 76, id="joining or recovery"),
    ],
)
def test_what_stands_still_too_long_is_a_stall(stalled: Reading, limit_s: int) -> None:
    watch(*[stalled] * limit_s)

    with pytest.raises(StalledError) as caught:
        watch(*[stalled] * (limit_s + 1))

    assert caught.value.stalled_s == limit_s


@pytest.mark.parametrize(
    "moving",
    [
        lambda n: reading(positions={P0: 9 + n}, committed={P0: 4 + n}),
        lambda _: reading(positions={P0: 9}, committed={P0: 9}),
        lambda n: reading(running={P0: float(n)}),
        lambda n: reading(behind={P0: n}),
        lambda n: reading(starting=(n // 50, ())),
        lambda n: reading(behind={P0: 5} if n % 50 else {}),
    ],
    ids=["committing", "idle", "chunks", "fetching", "rebalances", "caught up in between"],
)
def test_what_moves_is_no_stall(moving: Callable[[int], Reading]) -> None:
    watch(*[moving(n) for n in range(500)])


def test_a_stall_is_over_when_it_moved_once() -> None:
    def stalled(value: Hashable) -> Reading:
        return reading(starting=value)

    watch(*[stalled(1)] * 70, stalled(2), *[stalled(2)] * 70)
