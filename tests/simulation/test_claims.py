"""What is counted across customers stays within its limit, and no place is lost, under crashes.

Customers and counters lie in partitions of their own, each with a worker that crashes, or is taken
for dead and goes on. A mechanism taken away must show.
"""

import os
from collections.abc import Callable

import msgspec
import pytest

from agents.worker import batches
from engine import claiming
from engine import rows as engine_rows
from engine.claims import ClaimAnswer, ClaimGranted
from engine.emissions import Emission
from engine.rows import Arrival, Ignored, Row
from engine.shared import answering, counters
from engine.shared.answering import SharedArrival
from engine.shared.counters import CounterRow, Grant
from tests.support.simulation import claimants
from tests.support.simulation.counting import ClaimSimulation

SEEDS = int(os.environ.get("SIMULATION_SEEDS", "500")) // 2
BLOCKS = 10
MUTATION_SEEDS = 100


@pytest.fixture(autouse=True)
def _claimants(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_rows, "step", claimants.step)


def simulated(seed: int) -> ClaimSimulation:
    simulation = ClaimSimulation(seed)
    simulation.run()
    return simulation


def violations(seed: int) -> list[str]:
    return simulated(seed).violations()


@pytest.mark.parametrize("block", range(BLOCKS))
def test_no_limit_is_exceeded_and_no_place_is_lost(block: int) -> None:
    size = SEEDS // BLOCKS
    seeds = range(block * size, (block + 1) * size)

    assert {seed: found for seed in seeds if (found := violations(seed))} == {}


def test_places_that_were_given_back_are_granted_again() -> None:
    assert sum(simulated(seed).granted_again for seed in range(10)) > 10


def without_outbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "again", lambda _record, _row: [])


def without_cause_rule_of_counters(monkeypatch: pytest.MonkeyPatch) -> None:
    advance = answering.advance

    def mutated(row: CounterRow, arrival: SharedArrival) -> list[Emission] | Ignored:
        return advance(row, msgspec.structs.replace(arrival, cause=None))

    monkeypatch.setattr(answering, "advance", mutated)


def without_cause_rule_of_customers(monkeypatch: pytest.MonkeyPatch) -> None:
    reason = engine_rows._reason

    def mutated(row: Row, arrival: Arrival) -> Ignored | None:
        found = reason(row, arrival)
        is_answer = isinstance(arrival.event, ClaimAnswer)
        return None if found == "cause" and is_answer else found

    monkeypatch.setattr(engine_rows, "_reason", mutated)


def without_giving_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody waits for any more is forgotten."""

    def mutated(_customer: str, _answer: ClaimAnswer, *, now: int) -> list[Emission]:
        del now
        return []

    monkeypatch.setattr(claiming, "given_back", mutated)


def without_remembering_which_places_are_free(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as there are taken is the next place: right until one is given back."""
    grant = counters.grant

    def mutated(row: CounterRow, number: int, *, limit: int, is_numbered: bool) -> Grant | None:
        found = grant(row, number, limit=limit, is_numbered=False)
        if found is None or not is_numbered:
            return found
        return Grant(number, found.at, row.taken_count)

    monkeypatch.setattr(counters, "grant", mutated)


def without_telling_repeated_grants_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """A repeated grant that nobody waits for is given back, too."""
    monkeypatch.setattr(ClaimGranted, "is_fresh", property(lambda _answer: True))


@pytest.mark.parametrize(
    "mutation",
    [
        without_outbox,
        without_cause_rule_of_counters,
        without_cause_rule_of_customers,
        without_giving_back,
        without_telling_repeated_grants_apart,
        without_remembering_which_places_are_free,
    ],
)
def test_the_simulation_fails_without(
    mutation: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    mutation(monkeypatch)

    assert any(violations(seed) for seed in range(MUTATION_SEEDS))
