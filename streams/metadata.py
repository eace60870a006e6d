"""What the broker says it has."""

from collections.abc import Sequence

import confluent_kafka
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from streams import client
from streams.errors import TopicMissingError

Client = confluent_kafka.Consumer | AdminClient


def partition_counts(
    asking: Client, *, brokers: str, topics: Sequence[str], timeout_ms: int
) -> dict[str, int]:
    """Count the partitions of each topic.

    Raises:
        TopicMissingError: the broker does not know one of them.
        BrokerAwayError: no answer in time.
    """
    counts = existing_counts(asking, brokers=brokers, timeout_ms=timeout_ms)
    for topic in topics:
        if topic not in counts:
            raise TopicMissingError(topic=topic)
    return {topic: counts[topic] for topic in topics}


def existing_counts(asking: Client, *, brokers: str, timeout_ms: int) -> dict[str, int]:
    """Count the partitions of every topic there is.

    All at once: asking for one topic by name may create it.

    Raises:
        BrokerAwayError: no answer in time.
    """
    try:
        answer = asking.list_topics(timeout=timeout_ms / 1000)
    except KafkaException as error:
        raise client.mapped(
            error.args[0], brokers=brokers, what="list of topics", place=None
        ) from error
    return {name: len(topic.partitions) for name, topic in answer.topics.items()}
