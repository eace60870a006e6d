"""Identities become one person, exactly, whatever crashes or lingers (M129, X26, design promise 2).

The devices, the address and the user of one person lie in three partitions, each with a worker of
its own that crashes, or is taken for dead and goes on. A mechanism taken away must show.
"""

import os
from collections.abc import Callable

import pytest

from engine import rows as engine_rows
from engine.emissions import Emission
from engine.events import Event
from engine.mergers import MergeEvent
from engine.merges import releasing
from engine.rows import Row
from tests.support.simulation.merging import MergeSimulation

SEEDS = int(os.environ.get("SIMULATION_SEEDS", "500")) // 2
BLOCKS = 10
MUTATION_SEEDS = 100


def violations(seed: int) -> list[str]:
    simulation = MergeSimulation(seed)
    simulation.run()
    return simulation.violations()


@pytest.mark.parametrize("block", range(BLOCKS))
def test_a_person_has_everything_once(block: int) -> None:
    size = SEEDS // BLOCKS
    seeds = range(block * size, (block + 1) * size)

    assert {seed: found for seed in seeds if (found := violations(seed))} == {}


def without_cause_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    reason = engine_rows._reason

    def mutated(row: Row, arrival: engine_rows.Arrival) -> engine_rows.Ignored | None:
        found = reason(row, arrival)
        is_merge = isinstance(arrival.event, MergeEvent)
        return None if found == "cause" and is_merge else found

    monkeypatch.setattr(engine_rows, "_reason", mutated)


def without_forward(monkeypatch: pytest.MonkeyPatch) -> None:
    """The weaker row answers, and goes on living as well."""
    monkeypatch.setattr(releasing, "_become_forward", lambda _row, _survivor: None)


def without_passing_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def mutated(_row: Row, _event: Event, *, now: int, origin: str) -> list[Emission]:
        del now, origin
        return []

    monkeypatch.setattr(releasing, "pass_on", mutated)


@pytest.mark.parametrize("mutation", [without_cause_rule, without_forward, without_passing_on])
def test_the_simulation_fails_without(
    mutation: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    mutation(monkeypatch)

    assert any(violations(seed) for seed in range(MUTATION_SEEDS))
