"""The metric of what still waits in the log, for parts that read without a group."""

import time
from typing import Final

from agents import telemetry
from streams.consumer import Reader

EVERY_S: Final = 1.0
"""Between two settings: it is looked at every fifteen seconds or so."""


class Lag:
    """Told after each round, by whoever reads; sets the metric at most once a second."""

    def __init__(self, *, part: str, reader: Reader) -> None:
        self._part = part
        self._reader = reader
        self._told_at_s = -EVERY_S

    async def tell(self) -> None:
        """What was read so far counts as done."""
        now_s = time.monotonic()
        if now_s < self._told_at_s + EVERY_S:
            return
        self._told_at_s = now_s
        for (topic, number), count in (await self._reader.lags()).items():
            telemetry.LAG.labels(self._part, topic, str(number)).set(count)
