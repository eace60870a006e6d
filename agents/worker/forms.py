"""What the worker's tables do not have in common: their rows, and the records of their logs."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Generic, Protocol, TypeVar

from agents.worker.batches import LogRecord, WithOutbox
from engine.emissions import Emission
from engine.rows import Cause, Ignored, Timer
from tables.rows import Header


class Arrived(Protocol):
    """A record, decoded."""

    @property
    def cause(self) -> Cause | None:
        """What made us append it."""


R = TypeVar("R", bound=WithOutbox)
A = TypeVar("A", bound=Arrived)


class Form(ABC, Generic[R, A]):
    """How a table's rows are stored, and what a record does to one."""

    @abstractmethod
    def _blank(self, key: bytes) -> R:
        """The row of a key that was never met.

        Raises:
            RejectedError: the key is none of this table's.
        """

    @abstractmethod
    def _decode(self, value: bytes) -> tuple[Header, R]:
        """Read a stored row; errors as `tables.rows.decode`."""

    @abstractmethod
    def _encode(self, row: R, *, epoch: int, version: int, offset: int) -> bytes:
        """Write a row as it goes to the changelog."""

    @abstractmethod
    def _copied(self, row: R) -> R:
        """A row that can be advanced without the other."""

    @abstractmethod
    def _arrival(self, record: LogRecord) -> A:
        """Decode a record of the table's log.

        Raises:
            RejectedError: it is none.
        """

    @abstractmethod
    def _may_leap(self, row: R, arrival: A) -> bool:
        """Whether the row may grow by more than twice the record."""

    @abstractmethod
    def _advance_row(self, row: R, arrival: A) -> list[Emission] | Ignored:
        """Apply an arrival, in place, but for the outbox; errors as `engine.rows.advance`."""

    @abstractmethod
    def _timers_in(self, row: R) -> Mapping[str, Timer]:
        """By id; empty in a table without."""
