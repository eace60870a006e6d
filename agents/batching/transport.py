"""Faust's transport with our consumer and without a producer.

Faust's `ProducerBuffer.flush` gives up after 0.1 s without progress and the offsets are committed
all the same; a record that fails is logged and forgotten. Both could be patched. Nothing of ours
goes through it, so it is taken away instead: what cannot be sent needs no flush, and a mistake is
an error at once rather than a loss some day. The commit needs no barrier for the same reason: a
chunk is done when the agent's function returns, and that awaits its own delivery reports.
"""

from typing import NoReturn

from faust.transport import base
from faust.transport.drivers import aiokafka as driver
from faust.types.tuples import FutureMessage

from agents.batching.consumer import BatchConsumer
from agents.errors import FaustProducerError


class NoProducer(base.Producer):
    """Connects to nothing and refuses everything."""

    async def send(self, topic: str, *_: object, **__: object) -> NoReturn:
        """Refuse."""
        raise FaustProducerError(topic=topic)

    async def send_and_wait(self, topic: str, *_: object, **__: object) -> NoReturn:
        """Refuse."""
        raise FaustProducerError(topic=topic)

    def send_soon(self, fut: FutureMessage) -> NoReturn:
        """Refuse."""
        raise FaustProducerError(topic=str(fut.message.channel))


class BatchTransport(driver.Transport):
    """What `BatchApp` runs on."""

    Consumer = BatchConsumer
    Producer = NoProducer
