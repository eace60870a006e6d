"""What can go wrong between us and Kafka. The base class is the fate; `code` is stable.

StreamError
├── RejectError                  bad input: 4xx or a dead letter
│   └── RecordTooLargeError
├── RetryError                   later it may work: `retry_after_ms`
│   ├── ProduceError             not every record was acknowledged
│   ├── QueueFullError           the local queue has no room, nothing was handed over
│   └── BrokerAwayError          nobody answers at the address
└── CrashError                   a bug or a lost store: die, Kafka replays
    ├── FatalProduceError        the order of a partition cannot be kept any more
    ├── OffsetGoneError          the log does not hold the offset that was asked for
    ├── TopicMissingError
    ├── PartitionCountError      topics of one key differ in their partition count
    └── RefusedError             the broker said no for a reason none of the above covers
"""

from collections.abc import Mapping, Sequence

from streams.records import Position


class StreamError(Exception):
    """Base of every error that `streams` raises on purpose."""

    code: str


class RejectError(StreamError):
    """The input will never pass."""


class RetryError(StreamError):
    """The same call may succeed after `retry_after_ms`."""

    retry_after_ms: int = 1_000


class CrashError(StreamError):
    """Going on would lose or reorder records."""


class RecordTooLargeError(RejectError):
    """A record is above what the brokers take; none of its batch was handed over."""

    code = "record_too_large"

    def __init__(self, *, topic: str, size_bytes: int, limit_bytes: int) -> None:
        super().__init__(f"a record for {topic} has {size_bytes} bytes; the limit is {limit_bytes}")
        self.topic = topic
        self.size_bytes = size_bytes
        self.limit_bytes = limit_bytes


class ProduceError(RetryError):
    """Some records of a batch have no acknowledgement.

    A record that timed out may nevertheless stand in the log: only its acknowledgement is
    missing. `positions` has None for each record that failed, `failures` says why, by index.
    """

    code = "not_acknowledged"

    def __init__(
        self, *, positions: Sequence[Position | None], failures: Mapping[int, str], trouble: str
    ) -> None:
        reason = next(iter(failures.values()))
        because = f" ({trouble})" if trouble else ""
        super().__init__(
            f"{len(failures)} of {len(positions)} records not acknowledged: {reason}{because}"
        )
        self.positions = positions
        self.failures = failures


class QueueFullError(RetryError):
    """The producer already holds as much as it may; nothing of the batch was handed over."""

    code = "queue_full"

    def __init__(self, *, waiting_count: int, waiting_bytes: int) -> None:
        super().__init__(
            f"{waiting_count} records of {waiting_bytes} bytes wait for acknowledgement"
        )
        self.waiting_count = waiting_count
        self.waiting_bytes = waiting_bytes


class BrokerAwayError(RetryError):
    """No broker answers."""

    code = "broker_away"

    def __init__(self, *, brokers: str, reason: str) -> None:
        super().__init__(
            f"no Kafka broker answers at {brokers}: {reason}; is it running, and is ONCUE_BROKER "
            "(or --broker) its address?"
        )
        self.brokers = brokers
        self.reason = reason


class FatalProduceError(CrashError):
    """The producer stopped for good: going on would leave a gap or break the order."""

    code = "produce_fatal"

    def __init__(self, *, reason: str) -> None:
        super().__init__(f"the producer stopped: {reason}")
        self.reason = reason


class OffsetGoneError(CrashError):
    """The position lies outside the log: deleted by retention, or the topic was made anew."""

    code = "offset_gone"

    def __init__(self, *, position: Position, reason: str) -> None:
        super().__init__(
            f"offset {position.offset} of {position.topic}/{position.partition} "
            f"is not in the log: {reason}"
        )
        self.position = position


class TopicMissingError(CrashError):
    """The broker does not know the topic."""

    code = "topic_missing"

    def __init__(self, *, topic: str) -> None:
        super().__init__(f"the broker has no topic {topic!r}")
        self.topic = topic


class PartitionCountError(CrashError):
    """Topics keyed alike must have the same number of partitions, or keys part ways."""

    code = "partition_count"

    def __init__(self, *, expected: int, found: Mapping[str, int]) -> None:
        topics = ", ".join(f"{topic} has {count}" for topic, count in sorted(found.items()))
        super().__init__(
            f"{expected} partitions expected, but {topics}: the count is chosen at creation and "
            "cannot be changed in place"
        )
        self.expected = expected
        self.found = found


class RefusedError(CrashError):
    """Kafka answered with an error; `reason` is its own name for it."""

    code = "refused"

    def __init__(self, *, what: str, reason: str) -> None:
        super().__init__(f"{what}: {reason}")
        self.reason = reason
