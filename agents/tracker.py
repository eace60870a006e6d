"""The door for shops that speak Kafka: topic `tracker` into `events`, checked like HTTP.

A record of `tracker` becomes one record: an event whose cause says where it came from, or a dead
letter. After a crash the same records are appended again with the same causes, and the rows
ignore them.
"""

from collections import Counter
from typing import Final

from agents import deadletters, telemetry
from agents.batching.chunks import Chunk, LogRecord
from engine.errors import RejectedError
from engine.intake import decoding, messages
from engine.intake.arrivals import Origin
from engine.rows import Cause
from streams import wire
from streams.producer import Producer
from streams.records import Record

PLACE: Final = "tracker"
"""What dead letters call this door, and events their source."""


class TrackerDoor:
    """Appends in the order of the door, one chunk at a time."""

    def __init__(self, *, producer: Producer) -> None:
        self._producer = producer

    async def handle(self, chunk: Chunk) -> None:
        """Append what the chunk holds, and return once Kafka has all of it.

        Raises:
            StreamError: not all of it stands in `events`: crash, the chunk is read again.
        """
        source = f"{chunk.topic}/{chunk.partition}"
        codes: Counter[str] = Counter()
        records = [_appended(record, source=source, codes=codes) for record in chunk.records]
        await self._producer.deliver(records)
        for code, count in codes.items():
            telemetry.DEAD_LETTERS.labels(PLACE, code).inc(count)


def _appended(record: LogRecord, *, source: str, codes: Counter[str]) -> Record:
    place = f"{source}/{record.offset}"
    payload = record.value or b""
    # The record's own time, so that a replay decides the same; old writers stamped -1 for none.
    received_at = max(record.timestamp, 0)
    origin = Origin(source=PLACE, received_at=received_at, seed=place)
    try:
        arrival = messages.arrive(decoding.message(payload), origin=origin)
    except RejectedError as error:
        codes[error.code] += 1
        return deadletters.refused(
            PLACE, error, key=record.key, payload=payload, source=place, at=received_at
        )
    cause = Cause(source=source, offset=record.offset, n=0)
    return wire.record_of(arrival.key, arrival.event, cause=cause)
