"""Events of a file to a collector, each when its time has come, in batches."""

from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from oncue.formats import instants
from oncue.formats.entries import Entry
from oncue.replay.collector import Collector
from oncue.replay.schedule import Pace
from oncue.replay.tally import Tally

BATCH_MAX_MESSAGES: Final = 500
BATCH_MAX_BYTES: Final = 450_000
"""A collector takes 500 KiB; the largest message and the envelope still fit."""

LINGER_S: Final = 0.05
"""How long the first message of a batch waits for company."""

_encode: Final = msgspec.json.Encoder(decimal_format="number").encode


def dated(entry: Entry, at: int) -> dict[str, object]:
    """The message of an event, moved to another instant."""
    return {**entry.message, "timestamp": instants.rfc3339(at)}


class Sender:
    """Collects what is due and hands it over; nothing is sent before its time."""

    def __init__(
        self,
        collector: Collector,
        *,
        pace: Pace,
        tally: Tally,
        redate: Callable[[Entry, int], dict[str, object]] = dated,
    ) -> None:
        self._collector = collector
        self._pace = pace
        self._tally = tally
        self._redate = redate
        self._batch: list[bytes] = []
        self._size_bytes = 0
        self._closes_s = 0.0

    async def send(self, entries: Iterable[Entry]) -> None:
        """Send events that come by time; returns when the last one is answered.

        Raises:
            ReplayError: the collector cannot be had; the tally tells how far it came.
        """
        for entry in entries:
            due_s = self._pace.due_s(entry.occurred_at)
            if self._batch and self._is_closed(due_s):
                await self._flush()
            await self._pace.until(due_s)
            self._add(entry, due_s)
        if self._batch:
            await self._flush()

    def _is_closed(self, next_due_s: float) -> bool:
        return (
            len(self._batch) >= BATCH_MAX_MESSAGES
            or self._size_bytes >= BATCH_MAX_BYTES
            or max(next_due_s, self._pace.elapsed_s()) > self._closes_s
        )

    def _add(self, entry: Entry, due_s: float) -> None:
        payload = _encode(self._redate(entry, self._pace.schedule.moved(entry.occurred_at)))
        if not self._batch:
            self._closes_s = self._pace.elapsed_s() + LINGER_S
            self._tally.waiting_due_s = due_s
        self._batch.append(payload)
        self._size_bytes += len(payload)

    async def _flush(self) -> None:
        await self._collector.post(self._batch, self._tally)
        self._batch, self._size_bytes = [], 0
        self._tally.waiting_due_s = None
