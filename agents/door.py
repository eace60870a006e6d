"""A door for shops that speak Kafka: a topic of theirs into `events`, checked like HTTP.

A record of the door becomes one record: an event whose cause says where it came from, or a dead
letter. After a crash the same records are appended again with the same causes, and the rows
ignore them.
"""

from collections import Counter
from collections.abc import Callable

import msgspec

from agents import deadletters, telemetry
from agents.batching.chunks import Chunk, LogRecord
from engine.errors import RejectedError
from engine.intake import decoding, limits
from engine.intake.arrivals import Origin
from engine.intake.backoffice import Take
from engine.rows import Cause
from streams import wire
from streams.producer import Producer
from streams.records import Record
from streams.topics import Topic


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """A topic and what its records are; its name is what dead letters and events call it."""

    topic: Topic
    take: Take
    max_bytes: int = limits.MESSAGE_MAX_BYTES
    """Of one record; a larger one is refused."""

    @property
    def name(self) -> str:
        """The topic's."""
        return self.topic.name


class Keeper:
    """Appends in the order of the door, one chunk at a time."""

    def __init__(
        self, door: Door, *, producer: Producer, region: Callable[[int], str | None]
    ) -> None:
        """`region` gives the country of phones without one as of an instant, epoch ms."""
        self._door = door
        self._producer = producer
        self._region = region

    async def handle(self, chunk: Chunk) -> None:
        """Append what the chunk holds, and return once Kafka has all of it.

        Raises:
            StreamError: not all of it stands in `events`: crash, the chunk is read again.
        """
        source = f"{chunk.topic}/{chunk.partition}"
        codes: Counter[str] = Counter()
        records = [
            appended(
                record,
                door=self._door,
                source=source,
                region=self._region(record.timestamp),
                codes=codes,
            )
            for record in chunk.records
        ]
        await self._producer.deliver(records)
        for code, count in codes.items():
            telemetry.DEAD_LETTERS.labels(self._door.name, code).inc(count)


def appended(
    record: LogRecord, *, door: Door, source: str, region: str | None, codes: Counter[str]
) -> Record:
    """What becomes of a record; `source` is `topic/partition`, a refusal is counted in `codes`."""
    place = f"{source}/{record.offset}"
    payload = record.value or b""
    # The record's own time, so that a replay decides the same; old writers stamped -1 for none.
    received_at = max(record.timestamp, 0)
    origin = Origin(
        source=door.name, is_trusted=True, received_at=received_at, seed=place, region=region
    )
    try:
        arrival = door.take(decoding.message(payload, max_bytes=door.max_bytes), origin=origin)
    except RejectedError as error:
        codes[error.code] += 1
        return deadletters.refused(
            door.name, error, key=record.key, payload=payload, source=place, at=received_at
        )
    cause = Cause(source=source, offset=record.offset, n=0)
    return wire.record_of(arrival.key, arrival.event, cause=cause)
