"""Faust's producer is gone, and why."""

import asyncio
import time
from typing import TYPE_CHECKING, cast

import pytest
from faust.transport.producer import ProducerBuffer

from agents.batching.app import BatchApp
from agents.errors import FaustProducerError

if TYPE_CHECKING:
    from faust.types.tuples import FutureMessage


async def test_faust_ends_a_flush_with_records_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    app = BatchApp("group", brokers="127.0.0.1:1")
    buffer = ProducerBuffer()
    buffer.app = app

    async def never(_: object) -> None:
        """A broker that does not answer."""
        await asyncio.Event().wait()

    monkeypatch.setattr(buffer, "_send_pending", never)
    await buffer.start()
    for _ in range(500):
        buffer.put(cast("FutureMessage", object()))
    await asyncio.sleep(0)
    began = time.monotonic()

    await buffer.flush()

    assert time.monotonic() - began < 1
    assert buffer.size > 400
    buffer.pending = asyncio.Queue()
    await buffer.stop()


async def test_a_record_sent_through_faust_is_an_error_at_once() -> None:
    app = BatchApp("group", brokers="127.0.0.1:1")
    topic = app.topic("facts", value_serializer="raw")

    with pytest.raises(FaustProducerError, match="facts"):
        await topic.send(value=b"v")
    with pytest.raises(FaustProducerError, match="facts"):
        topic.send_soon(value=b"v")
