"""What becomes of a message whose provider answers, refuses, or says nothing."""

import asyncio
from collections.abc import Iterator

import pytest

from engine.sends import Send
from tests.integration.delivery.post import HASTY, Post, fresh, message
from tests.integration.delivery.smtp_sink import Sink
from tests.support import processes
from tests.support.processes import Part
from tests.support.waiting import eventually


@pytest.fixture
def delivery(post: Post, mail_server: Sink) -> Iterator[Part]:
    with processes.running(post.process(module=HASTY, smtp_url=mail_server.url)) as part:
        yield part


def states(sends: list[Send]) -> list[tuple[int, str, str | None]]:
    return [(send.attempt, send.state, send.code) for send in sends]


@pytest.mark.usefixtures("delivery")
async def test_an_accepted_mail_is_in_the_ledger_without_its_text(
    post: Post, mail_server: Sink
) -> None:
    mail = message(fresh())

    await post.decide(mail)

    assert await post.responses(mail.id) == ["accepted"]
    assert mail_server.received == [mail.id]
    sends = await post.sends(mail.id)
    assert states(sends) == [(1, "reserved", None), (1, "accepted", "250")]
    assert sends[1].rendered is None


@pytest.mark.usefixtures("delivery")
async def test_a_mail_refused_for_now_is_tried_again_while_others_go_on(
    post: Post, mail_server: Sink
) -> None:
    mail, other = message(fresh()), message(fresh())
    mail_server.mode = "refuse now"
    await post.decide(mail)

    async def is_refused() -> bool:
        return len(await post.sends(mail.id)) == 2

    await eventually(is_refused)
    mail_server.mode = "ok"
    await post.decide(other)

    assert await post.responses(mail.id) == ["accepted"]
    assert await post.responses(other.id) == ["accepted"]
    assert sorted(mail_server.received) == sorted([mail.id, other.id])
    assert states(await post.sends(mail.id)) == [
        (1, "reserved", None),
        (1, "failed", "451"),
        (2, "reserved", None),
        (2, "accepted", "250"),
    ]


@pytest.mark.usefixtures("delivery")
async def test_a_mail_refused_for_good_fails_at_once(post: Post, mail_server: Sink) -> None:
    mail_server.mode = "refuse for good"
    mail = message(fresh())

    await post.decide(mail)

    assert await post.responses(mail.id) == ["failed"]
    assert states(await post.sends(mail.id)) == [(1, "reserved", None), (1, "failed", "554")]


@pytest.mark.usefixtures("delivery")
async def test_marketing_without_an_answer_is_never_sent_again(
    post: Post, mail_server: Sink
) -> None:
    mail_server.mode = "drop"
    mail = message(fresh())
    await post.decide(mail)
    await post.responses(mail.id)
    mail_server.mode = "ok"

    await post.decide(mail)

    assert await post.responses(mail.id, 2) == ["in_doubt", "in_doubt"]
    assert mail_server.received == [mail.id]


@pytest.mark.usefixtures("delivery")
async def test_transactional_without_an_answer_is_sent_again_under_the_same_id(
    post: Post, mail_server: Sink
) -> None:
    mail_server.mode = "drop"
    mail = message(fresh(), message_class="transactional")
    await post.decide(mail)
    await eventually(lambda: mail_server.received)

    mail_server.mode = "ok"

    assert await post.responses(mail.id, 2) == ["in_doubt", "accepted"]
    assert mail_server.received == [mail.id, mail.id]


async def test_a_mail_in_the_hands_of_a_killed_process_is_in_doubt(
    post: Post, mail_server: Sink, delivery: Part
) -> None:
    mail_server.mode = "hang"
    mail = message(fresh())
    await post.decide(mail)
    await eventually(lambda: mail_server.received)

    await asyncio.to_thread(delivery.kill)

    mail_server.mode = "ok"
    with processes.running(post.process(module=HASTY, smtp_url=mail_server.url)):
        assert await post.responses(mail.id) == ["in_doubt"]
    assert mail_server.received == [mail.id]
    assert [send.state for send in await post.sends(mail.id)] == ["reserved", "in_doubt"]


async def test_a_mail_in_flight_may_end_before_the_process_does(
    post: Post, mail_server: Sink, delivery: Part
) -> None:
    mail_server.mode = "hang"
    mail = message(fresh())
    await post.decide(mail)
    await eventually(lambda: mail_server.received)

    stopping = asyncio.create_task(asyncio.to_thread(delivery.stop))
    await eventually(lambda: "stopping" in delivery.said)
    mail_server.is_over.set()

    assert await stopping == 0
    assert await post.responses(mail.id) == ["accepted"]
