"""The owner of one partition of `shared`, and with it of its counters.

They have no timers, and need no definitions: what is decided stands in the record. So the log has
no switches, and the partition's own row never says anything but that.
"""

from collections.abc import Mapping

from agents.worker.batches import LogRecord
from agents.worker.owned import Owned
from engine.emissions import Emission
from engine.rows import Ignored, Timer
from engine.shared import answering
from engine.shared import counters as engine_counters
from engine.shared.answering import SharedArrival
from engine.shared.counters import CounterRow
from streams import wire
from tables import counters
from tables.rows import Header


class Counters(Owned[CounterRow, SharedArrival]):
    """The counters' rows of one partition."""

    def _blank(self, key: bytes) -> CounterRow:
        engine_counters.key_of(key)
        return CounterRow()

    def _decode(self, value: bytes) -> tuple[Header, CounterRow]:
        return counters.decode(value)

    def _encode(self, row: CounterRow, *, epoch: int, version: int, offset: int) -> bytes:
        return counters.encode(row, epoch=epoch, version=version, offset=offset)

    def _copied(self, row: CounterRow) -> CounterRow:
        return engine_counters.copied(row)

    def _arrival(self, record: LogRecord) -> SharedArrival:
        event, cause = wire.decode_shared(record.value, record.cause)
        counter = engine_counters.key_of(record.key or b"")
        return SharedArrival(counter=counter, event=event, logged_at=record.logged_at, cause=cause)

    def _may_leap(self, row: CounterRow, arrival: SharedArrival) -> bool:
        del row, arrival
        return False

    def _advance_row(self, row: CounterRow, arrival: SharedArrival) -> list[Emission] | Ignored:
        return answering.advance(row, arrival)

    def _timers_in(self, row: CounterRow) -> Mapping[str, Timer]:
        del row
        return {}
