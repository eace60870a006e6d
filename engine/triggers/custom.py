"""T31, an event of the shop's own: each one fires."""

from collections.abc import Iterator
from typing import Final

from engine.aggregates import documents
from engine.conditions.evaluation import Document
from engine.customer import Customer
from engine.definitions.triggers import CustomEvent
from engine.events import SourceEvent
from engine.facts import Reason
from engine.triggers.machines import Fire, Machine, Outcome, Rung, Seen


def _follow(seen: Seen[CustomEvent]) -> Iterator[Outcome]:
    event, asked = seen.event, seen.trigger.params.event.strip().casefold()
    if isinstance(event, SourceEvent) and asked in documents.names(event):
        yield Fire()


def _rings(_rung: Rung[CustomEvent]) -> Document | None:
    """It sets no timer."""
    return None


def _refusal(_trigger: CustomEvent, _customer: Customer, _caused_at: int) -> Reason | None:
    """What happened has happened."""
    return None


MACHINE: Final = Machine(_follow, _rings, _refusal)
