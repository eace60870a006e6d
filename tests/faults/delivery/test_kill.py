"""Killed in the middle of its work, delivery sends nothing twice and forgets nothing."""

import asyncio
import os
import signal
from collections import Counter

from agents.delivery.run import START_AGAIN
from channels.email import SLOTS
from engine.sends import Send
from tests.integration.delivery.post import HASTY, Post, message
from tests.integration.delivery.smtp_sink import Sink
from tests.support import processes
from tests.support.waiting import eventually

COUNT = 500
KILLS_AFTER = (120, 300)
"""Messages that came through when the process is killed."""

IDS = [f"m{number}" for number in range(COUNT)]


async def accepted(post: Post) -> Counter[str]:
    return Counter(send.id for send in await post.sends(*IDS) if send.state == "accepted")


async def ended(post: Post) -> dict[str, list[Send]]:
    """Wait until every message was answered, and give the ledger by message."""

    async def all_answered() -> bool:
        records = await post.records("events")
        return len({record.key for record in records}) == COUNT

    await eventually(all_answered, within_s=90)
    found: dict[str, list[Send]] = {message_id: [] for message_id in IDS}
    for send in await post.sends(*IDS):
        found[send.id].append(send)
    return found


async def test_the_sandbox_holds_every_message_once_after_two_kills(post: Post) -> None:
    delivery = post.process(module=HASTY)
    with processes.running(delivery):
        await post.decide(*(message(message_id) for message_id in IDS))
        for count in KILLS_AFTER:

            async def is_on_the_way(count: int = count) -> bool:
                return len(await accepted(post)) >= count

            await eventually(is_on_the_way, within_s=60)
            delivery.kill()
            delivery.start()

        ledger = await ended(post)

    visible = {send.id for sends in ledger.values() for send in sends if send.state == "accepted"}
    assert visible == set(IDS)
    assert not [send for sends in ledger.values() for send in sends if send.state == "in_doubt"]
    assert max((await accepted(post)).values()) == 1


async def test_mail_goes_out_once_or_is_listed_in_doubt_after_two_kills(
    post: Post, mail_server: Sink
) -> None:
    delivery = post.process(module=HASTY, smtp_url=mail_server.url)
    with processes.running(delivery):
        await post.decide(*(message(message_id) for message_id in IDS))
        for count in KILLS_AFTER:

            def is_on_the_way(count: int = count) -> bool:
                return len(mail_server.received) >= count

            await eventually(is_on_the_way, within_s=60)
            delivery.kill()
            delivery.start()

        ledger = await ended(post)

    in_doubt = {name for name, sends in ledger.items() if sends[-1].state == "in_doubt"}
    assert max(Counter(mail_server.received).values()) == 1
    assert set(mail_server.received) | in_doubt == set(IDS)
    assert len(in_doubt) <= len(KILLS_AFTER) * SLOTS


async def test_a_process_that_cannot_write_down_what_it_did_ends_to_start_again(
    post: Post, mail_server: Sink
) -> None:
    delivery = post.process(smtp_url=mail_server.url)
    mail_server.mode = "hang"
    with processes.running(delivery):
        await post.decide(message("m0"))
        await eventually(lambda: mail_server.received)

        os.kill(post.broker.pid, signal.SIGKILL)
        mail_server.is_over.set()

        assert await asyncio.to_thread(delivery.wait) == START_AGAIN
