"""What SMTP servers do, and what we make of it; against a real one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from channels import addresses
from channels.email import SLOTS, Email, Timeouts
from channels.outcomes import Accepted, InDoubt, Outcome, Refused
from engine.sends import Rendered
from tests.integration.delivery import smtp_sink
from tests.integration.delivery.smtp_sink import Mode, Sink
from tests.support import ports

HASTY = Timeouts(open_s=0.5, answer_s=0.5)
MAIL = Rendered(to="ann@mail.example", subject="Hello", text="...\n.\nx", html="<p>x</p>")


@asynccontextmanager
async def channel(url: str, timeouts: Timeouts | None = None) -> AsyncIterator[Email]:
    email = Email(
        server=addresses.server(url),
        sender=addresses.sender("Shop <news@shop.example>"),
        timeouts=timeouts,
    )
    try:
        yield email
    finally:
        await email.close()


@asynccontextmanager
async def sink_and_channel(
    mode: Mode = "ok", timeouts: Timeouts | None = None
) -> AsyncIterator[tuple[Sink, Email]]:
    async with smtp_sink.running() as sink, channel(sink.url, timeouts) as email:
        sink.mode = mode
        yield sink, email


@pytest.mark.parametrize(
    ("mode", "expected", "received"),
    [
        ("ok", Accepted(code="250"), ["m1"]),
        ("refuse now", Refused(code="451", text="4.7.1 try later"), []),
        ("refuse for good", Refused(code="554", text="5.7.1 no"), []),
        ("refuse recipient", Refused(code="550", text="5.1.1 nobody here"), []),
    ],
)
async def test_an_answer_is_believed(mode: Mode, expected: Outcome, received: list[str]) -> None:
    async with sink_and_channel(mode) as (sink, email):
        outcome = await email.send(MAIL, message_id="m1")

    assert outcome == expected
    assert sink.received == received


@pytest.mark.parametrize("mode", ["drop", "hang"])
async def test_no_answer_after_the_final_dot_is_a_doubt(mode: Mode) -> None:
    async with sink_and_channel(mode, HASTY) as (sink, email):
        outcome = await email.send(MAIL, message_id="m1")

    assert isinstance(outcome, InDoubt)
    assert sink.received == ["m1"]


async def test_a_server_that_hangs_up_before_the_text_got_nothing() -> None:
    async with sink_and_channel("hang up") as (sink, email):
        outcome = await email.send(MAIL, message_id="m1")

    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.is_permanent) == ("unreachable", False)
    assert sink.received == []


async def test_a_server_that_is_not_there_is_unreachable() -> None:
    async with channel(f"smtp://127.0.0.1:{ports.free_port()}") as email:
        outcome = await email.send(MAIL, message_id="m1")

    assert isinstance(outcome, Refused)
    assert outcome.code == "unreachable"


class Silent(asyncio.Protocol):
    """Takes a connection and says nothing."""

    def __init__(self) -> None:
        self.is_left = asyncio.Event()

    def connection_lost(self, _exc: Exception | None) -> None:
        """Note that the client gave up."""
        self.is_left.set()


async def test_a_server_that_never_greets_is_unreachable() -> None:
    silent = Silent()
    port = ports.free_port()
    server = await asyncio.get_running_loop().create_server(lambda: silent, "127.0.0.1", port)
    async with server, channel(f"smtp://127.0.0.1:{port}", HASTY) as email:
        outcome = await email.send(MAIL, message_id="m1")
        await silent.is_left.wait()

    assert isinstance(outcome, Refused)
    assert outcome.code == "unreachable"


async def test_many_mails_share_few_connections() -> None:
    async with sink_and_channel() as (sink, email):
        outcomes = await asyncio.gather(
            *(email.send(MAIL, message_id=f"m{n}") for n in range(5 * SLOTS))
        )

    assert set(outcomes) == {Accepted(code="250")}
    assert sorted(sink.received) == sorted(f"m{n}" for n in range(5 * SLOTS))
    assert sink.connection_count <= SLOTS


async def test_a_connection_survives_a_refusal() -> None:
    async with sink_and_channel("refuse recipient") as (sink, email):
        await email.send(MAIL, message_id="m1")
        sink.mode = "ok"

        assert await email.send(MAIL, message_id="m2") == Accepted(code="250")
    assert sink.connection_count == 1


async def test_a_kept_connection_that_died_is_replaced_unseen() -> None:
    async with sink_and_channel() as (sink, email):
        await email.send(MAIL, message_id="m1")
        sink.mode = "hang up"
        task = asyncio.create_task(email.send(MAIL, message_id="m2"))
        await sink.has_hung_up.wait()
        sink.mode = "ok"

        assert await task == Accepted(code="250")


async def test_an_address_that_is_none_never_reaches_the_server() -> None:
    async with sink_and_channel() as (sink, email):
        outcome = await email.send(
            Rendered(to="ann@mail.example>\r\nRCPT TO:<bob@mail.example", text="x"), message_id="m1"
        )

    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.is_permanent) == ("bad_address", True)
    assert sink.connection_count == 0


async def test_dots_arrive_as_they_were_written() -> None:
    async with sink_and_channel() as (sink, email):
        await email.send(MAIL, message_id="m1")

    assert b"\r\n...\r\n.\r\nx\r\n" in sink.mails[0]
