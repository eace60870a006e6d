"""The owner of one partition of `events`, and with it of its customers."""

from collections.abc import Mapping

from agents.worker.batches import LogRecord
from agents.worker.owned import Owned
from engine import erasing, keys, people
from engine import rows as engine_rows
from engine.emissions import Emission
from engine.events import RewriteRequested
from engine.rows import Arrival, Ignored, Row, Timer
from streams import wire
from tables import rows
from tables.rows import Header


class Partition(Owned[Row, Arrival]):
    """The customers' rows of one partition."""

    def _blank(self, key: bytes) -> Row:
        return engine_rows.blank(keys.row_key(key))

    def _decode(self, value: bytes) -> tuple[Header, Row]:
        return rows.decode(value)

    def _encode(self, row: Row, *, epoch: int, version: int, offset: int) -> bytes:
        return rows.encode(row, epoch=epoch, version=version, offset=offset)

    def _copied(self, row: Row) -> Row:
        return engine_rows.copied(row)

    def _arrival(self, record: LogRecord) -> Arrival:
        event, cause = wire.decode_event(record.value, record.cause)
        return Arrival(
            event=event,
            logged_at=record.logged_at,
            cause=cause,
            origin=record.origin.decode(errors="replace"),
        )

    def _may_leap(self, row: Row, arrival: Arrival) -> bool:
        """A merge brings another row along, whatever the record's size."""
        return people.is_about_merges(row, arrival.event)

    def _advance_row(self, row: Row, arrival: Arrival) -> list[Emission] | Ignored:
        if isinstance(arrival.event, RewriteRequested):
            return []
        return erasing.advance(row, arrival, self.definitions)

    def _timers_in(self, row: Row) -> Mapping[str, Timer]:
        return row.timers
