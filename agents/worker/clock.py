"""Tasks of the worker that look at the clock: due timers, and the switch to newer definitions.

Both only append to `events`. What comes of it is decided when the record is met in the log.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, Protocol

from agents import telemetry
from agents.worker.counting import PLACE
from agents.worker.partition import Partition
from agents.worker.timers import Due
from engine import ids
from engine.events import Switched, TimerFired
from streams import topics, wire
from streams.records import Record
from tables.rows import Switch

TICK_S: Final = 0.1
"""How late a timer may be appended on an idle worker."""

SWITCH_S: Final = 1.0
"""At most one switch a second and partition: a burst of changes is one."""

LAG_MAX_COUNT: Final = 10_000
"""Above it the clock waits: what happened before the timer was due is still to be applied."""

APPENDED_MAX_COUNT: Final = 2_000
"""Timers of one partition in one tick: a chunk, so that live events come in between."""


class Inputs(Protocol):
    """What the application knows of its inputs (`agents.batching.app.BatchApp`)."""

    def owned(self, topic: str) -> frozenset[int]:
        """Partitions whose chunks we are given now."""

    def lag(self, topic: str) -> Mapping[int, int | None]:
        """Records behind the end, by owned partition; None while nobody knows."""


Deliver = Callable[[Sequence[Record]], Awaitable[object]]
"""`Producer.deliver`."""


class Clock:
    """Appends due timers of the owned partitions, each once per ownership and generation."""

    def __init__(
        self,
        *,
        inputs: Inputs,
        partitions: Mapping[int, Partition],
        deliver: Deliver,
        clock: Callable[[], int],
    ) -> None:
        self._inputs = inputs
        self._partitions = partitions
        self._deliver = deliver
        self._clock = clock

    async def run(self) -> None:
        """Tick until cancelled."""
        while True:
            await self.tick()
            await asyncio.sleep(TICK_S)

    async def tick(self) -> None:
        """Append what is due now, of partitions that are not behind."""
        for number, behind in self._inputs.lag(topics.SHARED.name).items():
            telemetry.LAG.labels(PLACE, topics.SHARED.name, str(number)).set(behind or 0)
        lags = self._inputs.lag(topics.EVENTS.name)
        for number in sorted(self._inputs.owned(topics.EVENTS.name)):
            partition, lag = self._partitions.get(number), lags.get(number)
            telemetry.LAG.labels(PLACE, topics.EVENTS.name, str(number)).set(lag or 0)
            if partition is None or lag is None or lag > LAG_MAX_COUNT:
                continue
            now = self._clock()
            due = partition.due(now, at_most=APPENDED_MAX_COUNT)
            await self._deliver([_fired(number, timer, now=now) for timer in due])


class Switcher:
    """Appends a `switch` where definitions or catalogue are ahead of a partition's."""

    def __init__(
        self,
        *,
        inputs: Inputs,
        partitions: Mapping[int, Partition],
        deliver: Deliver,
        newest: Callable[[], Switch],
        clock: Callable[[], int],
    ) -> None:
        self._inputs = inputs
        self._partitions = partitions
        self._deliver = deliver
        self._newest = newest
        self._clock = clock
        self._appended: dict[tuple[int, int], Switch] = {}

    async def run(self) -> None:
        """Look once a second until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(SWITCH_S)

    async def look(self) -> None:
        """Append one switch to each partition that decides by older ones."""
        newest = self._newest()
        records = []
        for number in sorted(self._inputs.owned(topics.EVENTS.name)):
            partition = self._partitions.get(number)
            if partition is None:
                continue
            ownership = (number, partition.epoch)
            appended = self._appended.get(ownership, partition.switched_to)
            if is_ahead(newest, appended) and is_ahead(newest, partition.switched_to):
                self._appended[ownership] = newest
                records.append(self._switch(number, newest))
        await self._deliver(records)

    def _switch(self, number: int, newest: Switch) -> Record:
        now = self._clock()
        switched = Switched(
            id=ids.derived("switch", number, newest.definitions, newest.catalogue),
            occurred_at=now,
            definitions_offset=newest.definitions,
            catalogue_offset=newest.catalogue,
        )
        return wire.switch_of(switched, partition=number, logged_at=now)


def is_ahead(newest: Switch, known: Switch) -> bool:
    """Whether the fold knows more, of definitions or of the catalogue."""
    return newest.definitions > known.definitions or newest.catalogue > known.catalogue


def _fired(number: int, due: Due, *, now: int) -> Record:
    event = TimerFired(
        id=ids.derived("timer", due.key.decode(), due.timer_id, due.timer.generation),
        occurred_at=due.timer.due_at,
        timer_id=due.timer_id,
        generation=due.timer.generation,
    )
    return wire.record_of(due.key.decode(), event, logged_at=now, partition=number)
