"""Ends come from a fetch response."""

from collections.abc import Iterable

import pytest
from aiokafka import TopicPartition
from faust.types import TP

from agents.batching import watermarks
from agents.errors import WatermarkError

P0 = TP("changelog", 0)
P1 = TP("changelog", 1)


class Probe:
    """A client whose broker tells the first offset of the last batch plus one as LATEST."""

    def __init__(self, *, latest: dict[TP, int], highwaters: dict[TP, int]) -> None:
        self._latest = latest
        self._highwaters = highwaters
        self.sought: dict[TP, int] = {}
        self.is_stopped = False

    async def start(self) -> None:
        """Connected already."""

    async def stop(self) -> None:
        """Note it."""
        self.is_stopped = True

    async def end_offsets(self, tps: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """LATEST."""
        return {tp: self._latest[TP(*tp)] for tp in tps}

    def assign(self, tps: Iterable[TopicPartition]) -> None:
        """Whatever is sought."""

    def seek(self, tp: TopicPartition, offset: int) -> None:
        """Note it."""
        self.sought[TP(*tp)] = offset

    async def getmany(self, *, timeout_ms: int) -> None:
        """The response is there already, or never."""

    def highwater(self, tp: TopicPartition) -> int | None:
        """As the response said."""
        return self._highwaters.get(TP(*tp))

    def pause(self, tp: TopicPartition) -> None:
        """Nothing is read."""


async def test_the_end_is_what_a_fetch_says_and_not_latest() -> None:
    probe = Probe(latest={P0: 2, P1: 0}, highwaters={P0: 501})

    ends = await watermarks.ends([P0, P1], new_client=lambda: probe, timeout_s=1)

    assert ends == {P0: 501, P1: 0}
    assert probe.sought == {P0: 1}
    assert probe.is_stopped


async def test_no_answer_is_an_error_and_not_an_end() -> None:
    probe = Probe(latest={P0: 2}, highwaters={})

    with pytest.raises(WatermarkError):
        await watermarks.ends([P0], new_client=lambda: probe, timeout_s=0)

    assert probe.is_stopped


async def test_nothing_is_asked_about_no_partition() -> None:
    def connect() -> Probe:
        raise AssertionError("connected")

    assert await watermarks.ends([], new_client=connect, timeout_s=1) == {}
