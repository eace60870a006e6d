"""What the API counts, with kind, unit and meaning, and the text that `/metrics` answers with.

Labels are words of ours from closed lists: a route's pattern, never a path that holds an id.
"""

from typing import Final

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

REQUESTS: Final = Counter(
    "oncue_http_requests",
    "Requests answered, by route, method and status.",
    ["route", "method", "status"],
)
REQUEST_SECONDS: Final = Histogram(
    "oncue_http_request_seconds",
    "From the request's head to the answer's last byte, by route; seconds.",
    ["route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
COLLECTED: Final = Counter(
    "oncue_collected_messages",
    "Messages the collector answered for, by outcome: accepted, rejected, unavailable.",
    ["outcome"],
)
REJECTIONS: Final = Counter(
    "oncue_rejections",
    "Messages the collector refused and kept as dead letters, by code.",
    ["code"],
)
IMPORTED: Final = Counter(
    "oncue_imported_rows",
    "Rows of imported files, by outcome: accepted, refused.",
    ["outcome"],
)
DEFINITIONS_OFFSET: Final = Gauge(
    "oncue_definitions_offset",
    "Offset up to which the API has folded the definitions; -1 before the first change.",
    multiprocess_mode="mostrecent",
)
DEFINITIONS_UNREADABLE: Final = Gauge(
    "oncue_definitions_unreadable_records",
    "Records of the definitions that nobody can read; each is void.",
    multiprocess_mode="mostrecent",
)

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST


def exposition() -> bytes:
    """Write the metrics of every process of ours, or of this one where no supervisor is.

    Blocks on files: call it in a thread.
    """
    registry = CollectorRegistry()
    try:
        # It reads the directory that the supervisor named in the environment, and has no types.
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    except ValueError:
        return generate_latest(REGISTRY)
    return generate_latest(registry)
