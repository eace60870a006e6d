"""Why there is no Apache Kafka; each message is one line for a person.

KafkaError
├── UnavailableError     this machine cannot run it: no Java, no Maven, no way to fetch
└── NodeError            it could run, but did not start or ended by itself
"""


class KafkaError(Exception):
    """Base of every error of this folder; all end the command."""

    code: str


class UnavailableError(KafkaError):
    """Something is missing here that we do not bring along."""

    code = "kafka_unavailable"


class NodeError(KafkaError):
    """The broker is not up."""

    code = "kafka_node"
