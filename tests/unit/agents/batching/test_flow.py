"""Queues around a rebalance: Faust's ways, so that we notice when they change, and ours."""

import asyncio
from typing import Any, cast

from faust.types import EventT
from mode.utils.queues import FlowControlEvent, ThrowableQueue

from agents.batching.flow import FreshQueue, SafeFlowControl


def event(name: str) -> EventT[Any]:
    """A queue does not look into it."""
    return cast("EventT[Any]", name)


def queue(flow: FlowControlEvent, *, stale: str = "") -> FreshQueue:
    return FreshQueue(
        maxsize=1,
        flow_control=flow,
        clear_on_resume=True,
        is_fresh=lambda value: cast("str", value) != stale,
    )


async def test_faust_drops_what_is_queued_when_it_resumes_what_was_not_suspended() -> None:
    flow = FlowControlEvent(initially_suspended=False)
    queued: ThrowableQueue[str] = ThrowableQueue(flow_control=flow, clear_on_resume=True)
    await queued.put("chunk")

    flow.resume()

    assert queued.empty()


async def test_resuming_what_is_not_suspended_keeps_what_is_queued() -> None:
    flow = SafeFlowControl(initially_suspended=False)
    queued = queue(flow)
    await queued.put(event("chunk"))

    flow.resume()

    assert queued.get_nowait() == event("chunk")


async def test_resuming_after_a_suspension_drops_what_is_queued() -> None:
    flow = SafeFlowControl(initially_suspended=False)
    queued = queue(flow)
    await queued.put(event("chunk"))

    flow.suspend()
    flow.resume()

    assert queued.empty()


async def test_faust_queues_what_a_rebalance_made_stale() -> None:
    flow = FlowControlEvent(initially_suspended=True)
    queued: ThrowableQueue[str] = ThrowableQueue(flow_control=flow, clear_on_resume=True)
    putting = asyncio.ensure_future(queued.put("stale"))
    await asyncio.sleep(0)

    flow.resume()
    await putting

    assert queued.get_nowait() == "stale"


async def test_what_became_stale_while_it_waited_is_not_queued() -> None:
    flow = SafeFlowControl(initially_suspended=True)
    queued = queue(flow, stale="stale")
    putting = asyncio.ensure_future(queued.put(event("stale")))
    await asyncio.sleep(0)

    flow.resume()
    await putting
    await queued.put(event("fresh"))

    assert queued.get_nowait() == event("fresh")
