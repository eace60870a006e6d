"""What a machine is: how one type of trigger follows a customer's events and timers.

A machine looks and answers; it changes nothing. Whether a campaign lets the customer in, and
whether an event is too late to matter, is decided for all types alike by `engine.journeys`.
"""

from collections.abc import Callable, Iterable
from typing import Final, Generic, NamedTuple, TypeAlias, TypeVar

from engine.conditions.evaluation import Document
from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.definitions.triggers.base import BaseTrigger
from engine.events import Event
from engine.facts import Reason

DAY_MS: Final = 24 * 60 * 60 * 1000

T = TypeVar("T", bound=BaseTrigger)


class Seen(NamedTuple, Generic[T]):
    """An event, with the customer before and after it was applied."""

    trigger: T
    before: Customer
    customer: Customer
    event: Event
    definitions: Definitions
    now: int


class Rung(NamedTuple, Generic[T]):
    """A timer of the trigger that came due."""

    trigger: T
    customer: Customer
    name: str
    """Which of its timers; the machine named it."""
    due_at: int
    definitions: Definitions


class Fire(NamedTuple):
    """It fires, by this event."""


class Arm(NamedTuple):
    """Look again at `due_at`; the same name again replaces it."""

    due_at: int
    name: str = ""
    is_latest: bool = False
    """Only ever move it further away."""


class Disarm(NamedTuple):
    """There is nothing to look at any more."""

    name: str = ""


Outcome: TypeAlias = Fire | Arm | Disarm


def _never(_rung: Rung[T]) -> Document | None:
    """Of a machine that sets no timer."""
    return None


def _stands(_trigger: T, _customer: Customer, _caused_at: int) -> Reason | None:
    """Of a machine whose reason stays: what happened has happened."""
    return None


class Machine(NamedTuple, Generic[T]):
    """One type of trigger."""

    follow: Callable[[Seen[T]], Iterable[Outcome]]
    """What an event of those it watches leads to."""
    rings: Callable[[Rung[T]], Document | None] = _never
    """Now that its timer came due: what it fires with, as an event's fields; None: it does not."""
    refusal: Callable[[T, Customer, int], Reason | None] = _stands
    """Asked before each message: why what let the customer in, at `caused_at`, is no reason to
    send any more."""
