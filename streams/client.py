"""What every librdkafka consumer of ours is told, and what its errors mean to us."""

from typing import Final

from confluent_kafka import KafkaError

from streams.errors import (
    BrokerAwayError,
    OffsetGoneError,
    RefusedError,
    StreamError,
    TopicMissingError,
)
from streams.records import Position

NO_GROUP: Final = "oncue-reader"
"""librdkafka wants a group id even from a consumer that never joins or commits."""

AWAY: Final = frozenset(  # Kafka's names; librdkafka's own begin with an underscore
    {
        "_TRANSPORT",
        "_ALL_BROKERS_DOWN",
        "_RESOLVE",
        "_TIMED_OUT",
        "_TIMED_OUT_QUEUE",
        "_WAIT_COORD",
        "REQUEST_TIMED_OUT",
        "BROKER_NOT_AVAILABLE",
        "LEADER_NOT_AVAILABLE",
        "NOT_LEADER_FOR_PARTITION",
        "COORDINATOR_LOAD_IN_PROGRESS",
        "COORDINATOR_NOT_AVAILABLE",
        "NOT_COORDINATOR",
        "NETWORK_EXCEPTION",
    }
)
MISSING: Final = frozenset(
    {
        "UNKNOWN_TOPIC_OR_PART",
        "_UNKNOWN_TOPIC",
        "_UNKNOWN_PARTITION",
    }
)
GONE: Final = frozenset({"OFFSET_OUT_OF_RANGE", "_AUTO_OFFSET_RESET"})


def consumer_settings(
    *,
    brokers: str,
    group: str = NO_GROUP,
    fetch_wait_ms: int = 10,
    max_buffered_bytes: int = 64 * 1024 * 1024,
) -> dict[str, object]:
    """Explicit positions only: nothing is stored, committed or reset behind our back."""
    return {
        "bootstrap.servers": brokers,
        "group.id": group,
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "error",
        # What tells the end of a compacted log, whose last offsets may be gone.
        "enable.partition.eof": True,
        # The embedded broker answers an idle fetch after about half of this.
        "fetch.wait.max.ms": fetch_wait_ms,
        "queued.max.messages.kbytes": max(max_buffered_bytes // 1024, 1),
        # The default pauses a partition for a second once the buffer was full.
        "fetch.queue.backoff.ms": 20,
        "socket.nagle.disable": True,
        "reconnect.backoff.max.ms": 1_000,
        "log_level": 0,
    }


def mapped(error: KafkaError, *, brokers: str, what: str, place: Position | None) -> StreamError:
    """Turn librdkafka's error into ours; `place` is the partition it is about, if one."""
    name = error.name()
    if name in AWAY:
        return BrokerAwayError(brokers=brokers, reason=f"{name}, {error.str()}")
    if name in MISSING:
        return TopicMissingError(topic=what if place is None else place.topic)
    if name in GONE and place is not None:
        return OffsetGoneError(position=place, reason=error.str())
    return RefusedError(what=what, reason=f"{name}, {error.str()}")
