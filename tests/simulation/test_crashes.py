"""Promises 2, 3, 4, 6 and 7 under crashes at every step, zombies and lost suffixes.

500 seeds run our own worker, door and ledger over logs in memory. A mechanism taken away must
show: a simulation that still passes would prove nothing.
"""

import os
from collections.abc import Callable

import pytest

from agents.delivery import ledger
from agents.delivery.decisions import Decision, Dispatch, Reserve
from agents.worker import batches
from engine import rows as engine_rows
from engine.messages import Message
from tables import rows
from tests.support.simulation import shop
from tests.support.simulation.running import Simulation
from tests.support.simulation.working import Worker

SEEDS = int(os.environ.get("SIMULATION_SEEDS", "500"))
"""`make check` takes fewer, to stay below a minute."""

BLOCKS = 10
MUTATION_SEEDS = 400


@pytest.fixture(autouse=True)
def _little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in shop.shrink_memory().items():
        monkeypatch.setattr(engine_rows, name, value)


def violations(seed: int) -> list[str]:
    simulation = Simulation(seed)
    simulation.run()
    return simulation.violations()


@pytest.mark.parametrize("block", range(BLOCKS))
def test_nothing_is_lost_doubled_or_changed(block: int) -> None:
    size = SEEDS // BLOCKS
    seeds = range(block * size, (block + 1) * size)

    assert {seed: found for seed in seeds if (found := violations(seed))} == {}


def without_outbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "again", lambda _record, _row: [])


def without_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    order = property(lambda header: (0, header.version, header.offset))
    monkeypatch.setattr(rows.Header, "order", order)


def without_cause_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    ignored = engine_rows.ignored

    def mutated(row: engine_rows.Row, arrival: engine_rows.Arrival) -> engine_rows.Ignored | None:
        reason = ignored(row, arrival)
        return None if reason == "cause" and not is_seen(row, arrival) else reason

    def is_seen(row: engine_rows.Row, arrival: engine_rows.Arrival) -> bool:
        return engine_rows.hashed(arrival.event.id) in row.seen

    monkeypatch.setattr(engine_rows, "ignored", mutated)


def without_reservation(monkeypatch: pytest.MonkeyPatch) -> None:
    decide = ledger.Ledger.decide

    def mutated(
        self: ledger.Ledger, message: Message, *, logged_at: int, now: int, is_certain: bool
    ) -> Decision:
        decision = decide(self, message, logged_at=logged_at, now=now, is_certain=is_certain)
        if isinstance(decision, Reserve):
            return Dispatch(attempt=decision.attempt)
        return decision

    monkeypatch.setattr(ledger.Ledger, "decide", mutated)


def without_fence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Worker, "_may_own", lambda _worker: True)


@pytest.mark.parametrize(
    "mutation",
    [without_outbox, without_epoch, without_fence, without_cause_rule, without_reservation],
)
def test_the_simulation_fails_without(
    mutation: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    mutation(monkeypatch)
    assert any(violations(seed) for seed in range(MUTATION_SEEDS))
