"""What goes wrong in an agent. All of it is fate *crash*: die, Kafka replays.

AgentError
├── UnsupportedVersionError   a library was upgraded under the patches
├── FaustProducerError        somebody appends through Faust instead of `streams.producer`
├── OutOfOrderError           Faust dropped a chunk between the fetch and the agent
├── DrainTimeoutError         a chunk outlived the rebalance that takes its partition away
├── WatermarkError            the end of a partition could not be read
├── PartitionCountError       a topic has not the partitions the application counts on
└── StalledError              the watchdog saw work without progress
"""

from collections.abc import Sequence


class AgentError(Exception):
    """Base of every error an agent raises on purpose; `code` is stable."""

    code: str


class UnsupportedVersionError(AgentError):
    """The extension overrides internals, so it knows one version of each library."""

    code = "unsupported_version"

    def __init__(self, *, library: str, installed: str, supported: str) -> None:
        super().__init__(
            f"{library} {installed} is installed; agents.batching was proven with {supported} only:"
            " run tests/unit/agents/batching against the new version before raising the pin"
        )
        self.library = library
        self.installed = installed
        self.supported = supported


class FaustProducerError(AgentError):
    """Faust's producer may lose records in silence, so nothing goes through it."""

    code = "faust_producer"

    def __init__(self, *, topic: str) -> None:
        super().__init__(f"a record for {topic!r} went to Faust's producer: use streams.producer")
        self.topic = topic


class OutOfOrderError(AgentError):
    """A chunk arrived while an earlier one of its partition was dropped."""

    code = "out_of_order"

    def __init__(self, *, topic: str, partition: int, expected: int | None, got: int) -> None:
        super().__init__(f"{topic}/{partition}: expected the chunk at {expected}, got {got}")
        self.topic = topic
        self.partition = partition
        self.expected = expected
        self.got = got


class DrainTimeoutError(AgentError):
    """A running chunk did not finish in time; its writes would be a zombie's."""

    code = "drain_timeout"

    def __init__(self, *, waited_s: float, running: str) -> None:
        super().__init__(f"still running after {waited_s:g} s: {running}")
        self.waited_s = waited_s


class WatermarkError(AgentError):
    """No fetch response told the high watermark of a partition."""

    code = "watermark"

    def __init__(self, *, missing: str, waited_s: float) -> None:
        super().__init__(f"no high watermark within {waited_s:g} s: {missing}")
        self.missing = missing


class PartitionCountError(AgentError):
    """Keys live in the partition their hash gives, so the count is part of the state."""

    code = "partition_count"

    def __init__(self, *, topic: str, expected: int, got: int) -> None:
        super().__init__(f"topic {topic!r} has {got} partitions, expected {expected}")
        self.topic = topic
        self.expected = expected
        self.got = got


class NotOwnerError(AgentError):
    """We stood still while the group went on: whatever we wrote now would be a zombie's."""

    code = "not_owner"

    def __init__(self, *, partitions: Sequence[tuple[str, int]]) -> None:
        named = ", ".join(f"{topic}/{number}" for topic, number in partitions)
        super().__init__(f"the group gave {named} to somebody else")
        self.partitions = tuple(partitions)


class TopicMadeAnewError(AgentError):
    """A row holds an offset the log has not reached: it is another log under the same name."""

    code = "topic_made_anew"

    def __init__(self, *, topic: str, partition: int, applied: int, end: int) -> None:
        super().__init__(
            f"{topic}/{partition} ends at {end}, but a row was made at {applied}: the "
            "topic was made anew; delete the changelog too, or restore the topic"
        )
        self.topic = topic
        self.partition = partition
        self.applied = applied
        self.end = end


class StalledError(AgentError):
    """See `agents.batching.watchdog` for what counts as a stall."""

    code = "stalled"

    def __init__(self, *, what: str, stalled_s: float) -> None:
        super().__init__(f"{what} for {stalled_s:.0f} s")
        self.what = what
        self.stalled_s = stalled_s
