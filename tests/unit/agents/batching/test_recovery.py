"""From the changelogs to the inputs, in the right order."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest
from faust.tables.recovery import Recovery
from faust.types import TP

from agents.batching.app import BatchApp
from agents.batching.chunks import LogRecord
from agents.batching.recovery import BatchRecovery
from tests.unit.agents.batching.cluster import (
    CHANGELOG,
    EVENTS,
    Client,
    connected,
    ignore,
)

if TYPE_CHECKING:
    from agents.batching.consumer import BatchConsumer


class Story:
    """A keeper that notes what it is told, and whether inputs were open at that moment."""

    def __init__(self) -> None:
        self.told: list[tuple[str, object, bool]] = []
        self.consumer: BatchConsumer | None = None

    def note(self, what: str, fact: object) -> None:
        """With what is fetched now."""
        assert self.consumer is not None
        active = EVENTS in self.consumer._get_active_partitions() and self.consumer.flow_active
        self.told.append((what, fact, active))

    async def on_partition_taken(self, partition: int) -> None:
        """Note."""
        self.note("taken", partition)

    def on_changelog(self, partition: int, records: Sequence[LogRecord]) -> None:
        """Note."""
        self.note("changelog", (partition, len(records)))

    async def on_recovered(self, partitions: frozenset[int]) -> None:
        """Note."""
        self.note("recovered", partitions)

    def on_partition_lost(self, partition: int) -> None:
        """Note."""
        self.note("lost", partition)


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
async def app(story: Story, client: Client, monkeypatch: pytest.MonkeyPatch) -> BatchApp:
    app = BatchApp("group", brokers="127.0.0.1:1")
    app.chunks_of("events", partitions=1)(ignore)
    app.table("rows", partitions=1, changelog="changelog", keeper=story)
    story.consumer = connected(app, client)
    story.consumer._set_active_tps({EVENTS, CHANGELOG})
    story.consumer.pause_partitions({EVENTS, CHANGELOG})
    app.consumer_generation_id = 1
    client.on_seek = lambda: story.note("seek", None)

    async def fetching() -> None:
        story.note("fetching", None)

    monkeypatch.setattr(app, "start_fetching", fetching)
    monkeypatch.setattr(app._fetcher, "maybe_start", fetching)
    return app


async def completed(recovery: Recovery) -> None:
    [table] = recovery.tables.values()
    recovery.actives_for_table[table].add(CHANGELOG)
    await recovery.on_recovery_completed(1)


async def test_faust_opens_the_inputs_before_it_seeks_them(app: BatchApp, story: Story) -> None:
    assert story.consumer is not None
    monkeyed = story.consumer
    monkeyed.perform_seek = monkeyed.seek_inputs  # type: ignore[method-assign] # ours does nothing

    await completed(Recovery(app, app.tables))

    assert story.told[0] == ("seek", None, True)


async def test_inputs_are_placed_and_the_keeper_ready_before_they_open(
    app: BatchApp, story: Story
) -> None:
    await completed(BatchRecovery(app, app.tables))

    assert story.told == [
        ("seek", None, False),
        ("recovered", frozenset({0}), False),
        ("fetching", None, True),
    ]
    assert app.owned("events") == {0}


async def test_nothing_is_fetched_while_inputs_are_placed(
    app: BatchApp, story: Story, client: Client
) -> None:
    assert story.consumer is not None
    consumer = story.consumer
    consumer.resume_flow()
    flowing: list[bool] = []
    client.on_seek = lambda: flowing.append(consumer.flow_active)

    await completed(BatchRecovery(app, app.tables))

    assert flowing == [False]
    assert consumer.flow_active


async def test_inputs_stay_closed_when_another_rebalance_began(app: BatchApp, story: Story) -> None:
    app.consumer_generation_id = 2

    await completed(BatchRecovery(app, app.tables))

    assert story.told == []
    assert app.owned("events") == set()


async def test_the_keeper_takes_a_partition_before_the_end_of_its_changelog_is_read(
    app: BatchApp, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    recovery = BatchRecovery(app, app.tables)
    [table] = app.tables.values()
    recovery.actives_for_table[table].add(CHANGELOG)

    async def highwaters(*tps: TP) -> dict[TP, int]:
        story.note("ends", tps)
        return dict.fromkeys(tps, 8)

    monkeypatch.setattr(story.consumer, "highwaters", highwaters)
    await recovery._build_highwaters(
        app.consumer, {CHANGELOG}, recovery.active_highwaters, "active"
    )

    assert [what for what, _, _ in story.told] == ["taken", "ends"]
    assert recovery.active_highwaters == {CHANGELOG: 7}


async def test_the_keepers_time_does_not_look_like_standing_still(
    app: BatchApp, story: Story
) -> None:
    recovery = BatchRecovery(app, app.tables)
    [table] = app.tables.values()
    recovery.actives_for_table[table].add(CHANGELOG)
    seen: set[object] = set()

    async def slow(partitions: frozenset[int]) -> None:  # noqa: ARG001 - Keeper's signature
        seen.update([recovery.progress, recovery.progress])

    story.on_recovered = slow  # type: ignore[method-assign] # the one hook this test is about
    await recovery.on_recovery_completed(1)

    assert len(seen) == 2
    assert recovery.progress == recovery.progress
