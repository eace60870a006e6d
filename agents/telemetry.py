"""What the agents count, with kind, unit and meaning: `telemetry.EVENTS.labels(kind).inc(count)`.

Several processes share these names: under a supervisor each writes files into the directory of
`PROMETHEUS_MULTIPROC_DIR`, and the API adds them up at `/metrics`. Labels are words of ours from
closed lists, never an id, an address or a name of anybody.
"""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

EVENTS: Final = Counter(
    "oncue_events",
    "Events the worker applied to a customer, by kind; a replayed event counts again.",
    ["kind"],
)
EVENTS_SKIPPED: Final = Counter(
    "oncue_events_skipped",
    "Events the worker had applied before; reason: duplicate, cause, timer, erased.",
    ["reason"],
)
DEAD_LETTERS: Final = Counter(
    "oncue_dead_letters",
    "Records refused and kept as dead letters, by place (worker, tracker, ...) and code.",
    ["place", "code"],
)
DECISIONS: Final = Counter(
    "oncue_decisions",
    "Facts decided, by kind (fired, entered, sent, not_sent, ...) and reason, empty if none.",
    ["kind", "reason"],
)
SUPPRESSIONS: Final = Counter(
    "oncue_suppressions",
    "Changes of what is not sent to an address: suppressed, otherwise suppressed, or not any more.",
)
SUPPRESSIONS_TOLD: Final = Counter(
    "oncue_suppressions_told", "Customers' rows told of a change at one of their addresses."
)
CLAIMS: Final = Counter(
    "oncue_claims",
    "Claims on what is counted across customers, by outcome (granted, refused).",
    ["outcome"],
)
CAMPAIGNS_HALTED: Final = Counter(
    "oncue_campaigns_halted",
    "Campaigns switched off because they failed, or paused by a volume guard.",
)
MESSAGES: Final = Counter(
    "oncue_messages_decided",
    "Messages handed to delivery, by channel.",
    ["channel"],
)
SENDS: Final = Counter(
    "oncue_sends",
    "Entries of the ledger of delivery, by provider and state (reserved, accepted, ...).",
    ["provider", "state"],
)
ROWS: Final = Counter(
    "oncue_clickhouse_rows",
    "Rows inserted into ClickHouse, by table.",
    ["table"],
)
ROWS_OF_ERASED: Final = Counter(
    "oncue_rows_of_erased",
    "Rows kept out of ClickHouse because their customer was erased.",
)
LAG: Final = Gauge(
    "oncue_consumer_lag_records",
    "Records of a partition not yet processed, by part (worker, doors, sink, mirror, ...).",
    ["part", "topic", "partition"],
    # A partition changes hands: the one who wrote last owns it.
    multiprocess_mode="mostrecent",
)
BATCH_SECONDS: Final = Histogram(
    "oncue_batch_seconds",
    "From a batch fetched to its offsets committed, by part; seconds.",
    ["part"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
DECISION_SECONDS: Final = Histogram(
    "oncue_decision_seconds",
    "From the cause of a message (event or recheck logged, timer due) to its hand-over; seconds.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
TIMERS_DUE: Final = Gauge(
    "oncue_timers_overdue",
    "Timers past their time that the clock has not appended yet, by partition.",
    ["partition"],
    multiprocess_mode="mostrecent",
)
