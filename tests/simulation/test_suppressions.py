"""X47: whoever has an address knows what stands against it, whatever crashes, merges or is erased.

Customers and addresses lie in partitions of their own, each with a worker that crashes, or is taken
for dead and goes on. A mechanism taken away must show.
"""

import os
from collections.abc import Callable

import msgspec
import pytest

from agents.worker import batches
from engine import registering, suppressing
from engine import rows as engine_rows
from engine.customer import Customer, Suppression
from engine.emissions import Emission
from engine.rows import Ignored, Row
from engine.shared import answering, standings
from engine.shared.answering import SharedArrival
from engine.shared.counters import CounterRow
from engine.shared.standings import AddressState
from engine.suppressions import AddressRecord, AddressTaken, SuppressionChanged
from tests.support.simulation import inboxes
from tests.support.simulation.inboxes import SuppressionSimulation

SEEDS = int(os.environ.get("SIMULATION_SEEDS", "500")) // 4
BLOCKS = 5
MUTATION_SEEDS = 100


@pytest.fixture(autouse=True)
def _inboxes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_rows, "step", inboxes.step)


def simulated(seed: int) -> SuppressionSimulation:
    simulation = SuppressionSimulation(seed)
    simulation.run()
    return simulation


def violations(seed: int) -> list[str]:
    return simulated(seed).violations()


@pytest.mark.parametrize("block", range(BLOCKS))
def test_x47_whoever_has_an_address_knows_what_stands_against_it(block: int) -> None:
    size = SEEDS // BLOCKS
    seeds = range(block * size, (block + 1) * size)

    assert {seed: found for seed in seeds if (found := violations(seed))} == {}


def test_there_is_something_to_know() -> None:
    assert sum(simulated(seed).changes_count for seed in range(5)) > 20


def without_outbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "again", lambda _record, _row: [])


def without_cause_rule_of_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    advance = answering.advance

    def mutated(row: CounterRow, arrival: SharedArrival) -> list[Emission] | Ignored:
        return advance(row, msgspec.structs.replace(arrival, cause=None))

    monkeypatch.setattr(answering, "advance", mutated)


def without_answering_who_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    advance = standings.advance

    def mutated(
        state: AddressState, counter: str, record: AddressRecord, *, now: int
    ) -> tuple[AddressState, list[Emission]]:
        after, found = advance(state, counter, record, now=now)
        return after, [] if isinstance(record, AddressTaken) else found

    monkeypatch.setattr(standings, "advance", mutated)


def without_giving_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has an address no more stays among those who are told."""
    told = registering.told

    def mutated(row: Row, because: str) -> list[Emission]:
        return [one for one in told(row, because) if b"address_left" not in one.value]

    monkeypatch.setattr(registering, "told", mutated)


def without_registering_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stood against the former address is taken for that of the next."""

    def mutated(customer: Customer, event: SuppressionChanged) -> Customer:
        known = Suppression(revision=event.revision, scope=event.scope, reason=event.reason)
        return msgspec.structs.replace(customer, suppressions={"email": known})

    monkeypatch.setattr(suppressing, "change", mutated)


@pytest.mark.parametrize(
    "mutation",
    [
        without_outbox,
        without_cause_rule_of_addresses,
        without_answering_who_comes,
        without_giving_up,
        without_registering_anew,
    ],
)
def test_the_simulation_fails_without(
    mutation: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    mutation(monkeypatch)

    assert any(violations(seed) for seed in range(MUTATION_SEEDS))
