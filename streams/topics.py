"""The map of the river: every topic, its key, who writes it, who reads it."""

from typing import Final, Literal

import msgspec

DAY_MS: Final = 24 * 60 * 60 * 1000

Cleanup = Literal["delete", "compact"]


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """Plain data, so that a process without Faust can use it too."""

    name: str
    keyed_by: str
    writers: tuple[str, ...]
    readers: tuple[str, ...]
    single: bool = False
    """One partition whatever the installation's count is: the order of the whole matters."""
    cleanup: Cleanup = "delete"
    retention_ms: int | None = None
    """None keeps for ever."""
    compaction_lag_ms: int = 0


EVENTS: Final = Topic(
    name="events",
    keyed_by="customer",
    writers=(
        "api.collector",
        "agents.doors",
        "agents.delivery",
        "agents.clock",
        "agents.worker",
        "api.admin",
    ),
    readers=("agents.worker", "agents.sink"),
    retention_ms=30 * DAY_MS,
)
TRACKER: Final = Topic(
    name="tracker",
    keyed_by="any",
    writers=("shops' own producers",),
    readers=("agents.doors",),
    retention_ms=7 * DAY_MS,
)
TRANSACTIONS: Final = Topic(
    name="transactions",
    keyed_by="any",
    writers=("shops' own producers",),
    readers=("agents.doors",),
    retention_ms=7 * DAY_MS,
)
RESPONSES: Final = Topic(
    name="responses",
    keyed_by="any",
    writers=("shops' own producers",),
    readers=("agents.doors",),
    retention_ms=7 * DAY_MS,
)
MESSAGES: Final = Topic(
    name="messages",
    keyed_by="customer",
    writers=("agents.worker",),
    readers=("agents.delivery", "agents.sink"),
    retention_ms=14 * DAY_MS,
)
SENDS: Final = Topic(
    name="sends",
    keyed_by="customer",
    writers=("agents.delivery",),
    readers=("agents.delivery", "agents.sink"),
    retention_ms=35 * DAY_MS,
)
FACTS: Final = Topic(
    name="facts",
    keyed_by="customer",
    writers=("agents.worker", "agents.delivery"),
    readers=("agents.sink",),
    retention_ms=14 * DAY_MS,
)
SHARED: Final = Topic(
    name="shared",
    keyed_by="counter",
    writers=("agents.worker", "agents.mirror"),
    readers=("agents.worker", "agents.sink"),
    retention_ms=30 * DAY_MS,
)
CATALOGUE: Final = Topic(
    name="catalogue",
    keyed_by="product",
    writers=("api.collector", "agents.doors"),
    readers=("agents.worker", "agents.sink", "api"),
    single=True,
    cleanup="compact",
    compaction_lag_ms=DAY_MS,
)
DEFINITIONS: Final = Topic(
    name="definitions",
    keyed_by="definition",
    writers=("api.admin",),
    readers=("agents.worker", "agents.delivery", "api.admin"),
    single=True,
)
DEAD_LETTERS: Final = Topic(
    name="dead-letters",
    keyed_by="as was",
    writers=("api.collector", "agents.doors", "agents.worker", "agents.delivery", "agents.sink"),
    readers=("agents.sink",),
    retention_ms=14 * DAY_MS,
)
CUSTOMERS_CHANGELOG: Final = Topic(
    name="customers-changelog",
    keyed_by="customer",
    writers=("agents.worker",),
    readers=("agents.worker", "agents.mirror"),
    cleanup="compact",
    compaction_lag_ms=DAY_MS,
)
SHARED_CHANGELOG: Final = Topic(
    name="shared-changelog",
    keyed_by="counter",
    writers=("agents.worker",),
    readers=("agents.worker", "agents.mirror"),
    cleanup="compact",
    compaction_lag_ms=DAY_MS,
)

ALL: Final = (
    EVENTS,
    TRACKER,
    TRANSACTIONS,
    RESPONSES,
    MESSAGES,
    SENDS,
    FACTS,
    SHARED,
    CATALOGUE,
    DEFINITIONS,
    DEAD_LETTERS,
    CUSTOMERS_CHANGELOG,
    SHARED_CHANGELOG,
)
