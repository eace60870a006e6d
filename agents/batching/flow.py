"""Two ways in which Faust drops or keeps the wrong chunks around a rebalance.

`FlowControlEvent.resume` empties every stream's queue even when the flow was never suspended,
and recovery resumes twice: chunks delivered in between vanish, and the commit stalls behind them.

A put that waits for room survives the rebalance that emptied the queue, and then adds a chunk of
the previous generation behind the new ones.
"""

from collections.abc import Callable
from typing import Any

from faust.types import EventT
from mode.utils.queues import FlowControlEvent, ThrowableQueue


class SafeFlowControl(FlowControlEvent):
    """Resuming what is not suspended changes nothing."""

    def resume(self) -> None:
        """Let records through again, and drop what was queued before the suspension."""
        if not self.is_active():
            super().resume()


class FreshQueue(ThrowableQueue[EventT[Any]]):
    """A queue that takes no chunk of an earlier generation of the consumer group."""

    def __init__(
        self,
        *,
        maxsize: int,
        flow_control: FlowControlEvent,
        clear_on_resume: bool,
        is_fresh: Callable[[EventT[Any]], bool],
    ) -> None:
        super().__init__(
            maxsize=maxsize, flow_control=flow_control, clear_on_resume=clear_on_resume
        )
        self._is_fresh = is_fresh

    async def put(self, value: EventT[Any]) -> None:
        """Wait for flow and room; what became stale meanwhile is dropped: it is read again."""
        await self._flow_control.acquire()
        if self._is_fresh(value):
            await super().put(value)
