"""What a machine is: how one type of trigger follows a customer's events and timers.

A machine looks and answers; it changes nothing. Whether a campaign lets the customer in, and
whether an event is too late to matter, is decided for all types alike by `engine.journeys`.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, Generic, NamedTuple, TypeAlias, TypeVar

from engine.conditions.evaluation import Document
from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.definitions.triggers.base import BaseTrigger
from engine.events import Event
from engine.notes import Note
from engine.reasons import Reason
from engine.segments.crossings import Crossing

DAY_MS: Final = 24 * 60 * 60 * 1000

NOTED: Final = "\n"
"""Between a trigger's key and the name its machine gave to a timer or a note."""

NO_NOTE: Final = Note(0)

T = TypeVar("T", bound=BaseTrigger)


def named(key: str, name: str) -> str:
    """What a timer or a note of a trigger is kept under."""
    return f"{key}{NOTED}{name}" if name else key


class Seen(NamedTuple, Generic[T]):
    """An event, with the customer before and after it was applied."""

    trigger: T
    before: Customer
    customer: Customer
    event: Event
    definitions: Definitions
    now: int
    key: str
    """What the trigger's timers and notes are kept under."""

    def note(self, name: str = "") -> Note:
        """What the trigger remembers by that name."""
        return self.customer.notes.get(named(self.key, name), NO_NOTE)


class Rung(NamedTuple, Generic[T]):
    """A timer of the trigger that came due."""

    trigger: T
    customer: Customer
    name: str
    """Which of its timers; the machine named it."""
    due_at: int
    definitions: Definitions
    key: str
    """As of `Seen`."""
    now: int
    """Log time: later than `due_at` after an outage."""

    def note(self, name: str = "") -> Note:
        """As of `Seen`."""
        return self.customer.notes.get(named(self.key, name), NO_NOTE)


class Began(NamedTuple):
    """What let a customer in."""

    at: int
    """Epoch ms, by the source or when the timer was due."""
    event: Mapping[str, object]


class Crossed(NamedTuple, Generic[T]):
    """Something that the trigger waits for became true, or ceased to be."""

    trigger: T
    customer: Customer
    crossing: Crossing
    now: int


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


class Keep(NamedTuple):
    """Remember this; nothing of it: forget."""

    times: tuple[int, ...] = ()
    text: str = ""
    name: str = ""


Outcome: TypeAlias = Fire | Arm | Disarm | Keep


def _never(_rung: Rung[T]) -> Document | None:
    """Of a machine that sets no timer."""
    return None


def _nothing(_seen: Seen[T]) -> Iterable[Outcome]:
    """Of a machine that goes by no event."""
    return ()


def _uncrossed(_crossed: Crossed[T]) -> Iterable[Outcome]:
    """Of a machine that goes by events."""
    return ()


def _stands(_trigger: T, _customer: Customer, _began: Began) -> Reason | None:
    """Of a machine whose reason stays: what happened has happened."""
    return None


def _no_more(_rung: Rung[T]) -> Iterable[Arm | Keep]:
    """Of a machine whose timer was set for one thing."""
    return ()


def _as_told(_trigger: T, _customer: Customer, event: dict[str, object]) -> dict[str, object]:
    """Of a machine whose news stays as it was."""
    return event


class Machine(NamedTuple, Generic[T]):
    """One type of trigger."""

    follow: Callable[[Seen[T]], Iterable[Outcome]] = _nothing
    """What an event of those it watches leads to."""
    rings: Callable[[Rung[T]], Document | None] = _never
    """Now that its timer came due: what it fires with, as an event's fields; None: it does not."""
    refusal: Callable[[T, Customer, Began], Reason | None] = _stands
    """Asked before each message: why what let the customer in is no reason to send any more."""
    again: Callable[[Rung[T]], Iterable[Arm | Keep]] = _no_more
    """Asked after `rings`, whatever it said: what to look at next, and what to remember."""
    told: Callable[[T, Customer, dict[str, object]], dict[str, object]] = _as_told
    """What templates see of the event, as it stands when a message is made."""
    crosses: Callable[[Crossed[T]], Iterable[Outcome]] = _uncrossed
    """What a crossing of the watch it waits for leads to."""
