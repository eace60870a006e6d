"""librdkafka's messages as our records."""

from typing import Final, Protocol, cast

from confluent_kafka import Message

from streams.records import Position, Received

END_OF_PARTITION: Final = "_PARTITION_EOF"
"""The error that is none: a message with it says that the log ends here, for now."""


class _Arrived(Protocol):
    """A message that came from a broker: what librdkafka's type leaves open is there."""

    def topic(self) -> str: ...
    def partition(self) -> int: ...
    def offset(self) -> int: ...
    def key(self) -> bytes | None: ...
    def value(self) -> bytes | None: ...
    def headers(self) -> list[tuple[str, bytes]] | None: ...
    def timestamp(self) -> tuple[int, int]: ...


def received(message: Message) -> Received:
    """Copy a record out; of headers with the same name the last one counts."""
    arrived = cast("_Arrived", message)
    headers = arrived.headers()
    return Received(
        topic=arrived.topic(),
        partition=arrived.partition(),
        offset=arrived.offset(),
        key=arrived.key(),
        value=arrived.value(),
        headers=dict(headers) if headers else {},
        logged_at=arrived.timestamp()[1],
    )


def place_of(message: Message) -> Position:
    """Tell where a message is from, or what its error is about."""
    arrived = cast("_Arrived", message)
    return Position(topic=arrived.topic(), partition=arrived.partition(), offset=arrived.offset())
