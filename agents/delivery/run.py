"""The delivery process: `python -m agents.delivery.run`."""

import asyncio
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Coroutine, Iterator
from typing import Final

import structlog

import logs
import settings
from agents.delivery import clearing
from agents.delivery.book import Book
from agents.delivery.courier import Courier
from agents.delivery.delivery import Delivery
from agents.delivery.ledger import DOUBT_AFTER_MS, Ledger
from agents.delivery.tail import Tail
from channels import providers
from channels.errors import ChannelError
from channels.links import Links
from channels.rendering.render import Renderer
from settings import Settings
from streams import topics
from streams.consumer import Reader
from streams.definitions import DefinitionsLog
from streams.errors import StreamError
from streams.positions import Committed
from streams.producer import Producer
from tables import heartbeats
from tables.errors import TablesError

GROUP: Final = "oncue-delivery"

LEAVE_S: Final = 15.0
"""Longer than flushing the producer takes."""

START_AGAIN: Final = 75
"""Exit status, EX_TEMPFAIL: the log has everything, a fresh start goes on from it."""

log = structlog.get_logger(__name__)


def now_ms() -> int:
    """Epoch ms, UTC."""
    return time.time_ns() // 1_000_000


async def work(config: Settings, *, doubt_after_ms: int = DOUBT_AFTER_MS) -> None:
    """Deliver until SIGTERM or SIGINT.

    Raises:
        ChannelError: a setting about mail is wrong.
        StreamError: Kafka is away at the start, or what was done may not be in the log.
    """
    channels = providers.by_channel(smtp_url=config.smtp_url, mail_from=config.mail_from)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    writer = secrets.token_hex(8)
    ledger = Ledger(writer=writer, doubt_after_ms=doubt_after_ms)
    is_ready = False
    async with (
        clearing.asking(config.redis) as clearings,
        heartbeats.beating(config.redis, "delivery", is_ready=lambda: is_ready),
        Producer(brokers=config.broker) as producer,
        DefinitionsLog(brokers=config.broker) as definitions,
        Reader(brokers=config.broker, group=GROUP) as reader,
        Tail(brokers=config.broker, ledger=ledger, now=now_ms()) as tail,
    ):
        await reader.assign_topics([topics.MESSAGES.name], start=Committed())
        courier = Courier(
            book=Book(ledger=ledger, tail=tail, producer=producer, clock=now_ms, writer=writer),
            channels=channels,
            renderer=Renderer(links=links(config)),
            definitions=lambda: definitions.current,
            clearing=clearings,
            clock=now_ms,
            stopping=stopping,
        )
        delivery = Delivery(reader=reader, producer=producer, courier=courier, stopping=stopping)
        is_ready = True
        await _until_done(delivery.run(), tail.follow(), definitions.failed())
    for channel in channels.values():
        await channel.close()


def links(config: Settings) -> Links:
    """Sign with the installation's secrets; without a public address, lead to this machine."""
    public_url = config.public_url or f"http://{config.host}:{config.port}"
    return Links(secrets=config.link_secret.split(","), public_url=public_url)


async def _until_done(
    work: Coroutine[None, None, None], *beside: Coroutine[None, None, None]
) -> None:
    """Run all of them until the first is done; any error ends all."""
    try:
        async with asyncio.TaskGroup() as group:
            others = [group.create_task(other) for other in beside]
            await work
            for other in others:
                other.cancel()
    except BaseException:
        # All that is left is leaving; a client that hangs in it must not keep the next run away.
        leaving = threading.Timer(LEAVE_S, os._exit, (START_AGAIN,))
        leaving.daemon = True
        leaving.start()
        raise


def main() -> None:
    """Deliver with the settings of the environment."""
    config = settings.load()
    logs.configure(config.log_level)
    try:
        run(config)
    except (ChannelError, TablesError) as error:
        sys.exit(f"oncue delivery: {error}")


def run(config: Settings, *, doubt_after_ms: int = DOUBT_AFTER_MS) -> None:
    """Deliver; what Kafka did not acknowledge ends the process with `START_AGAIN`."""
    try:
        asyncio.run(work(config, doubt_after_ms=doubt_after_ms))
    except* StreamError as group:
        for error in _each(group):
            log.critical("stopped", part="delivery", reason=str(error))
        sys.exit(START_AGAIN)


def _each(group: BaseExceptionGroup[StreamError]) -> Iterator[StreamError]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _each(error)
        else:
            yield error


if __name__ == "__main__":
    main()
