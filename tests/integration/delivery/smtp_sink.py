"""A real SMTP server that behaves as badly as it is told to."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal, TypeAlias

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support import ports

Mode: TypeAlias = Literal[
    "ok", "refuse now", "refuse for good", "refuse recipient", "drop", "hang", "hang up"
]

_MESSAGE_ID = re.compile(rb"^Message-ID:\s*<([^@>]+)@", re.MULTILINE | re.IGNORECASE)


class Sink:
    """Keeps the Message-ID of every mail whose final dot it saw."""

    def __init__(self) -> None:
        self.mode: Mode = "ok"
        self.port = ports.free_port()
        self.received: list[str] = []
        self.mails: list[bytes] = []
        self.connections: list[asyncio.Transport] = []
        self.has_hung_up = asyncio.Event()
        self.is_over = asyncio.Event()

    @property
    def url(self) -> str:
        """As the settings take it."""
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def connection_count(self) -> int:
        """How many there ever were."""
        return len(self.connections)

    async def handle_RCPT(self, server: SMTP, *said: object) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a recipient, or not."""
        _session, envelope, address, _options = said
        if self.mode == "refuse recipient":
            return "550 5.1.1 nobody here"
        if self.mode == "hang up":
            self._hang_up(server)
        if isinstance(envelope, Envelope) and isinstance(address, str):
            envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Answer the final dot."""
        if self.mode == "refuse now":
            return "451 4.7.1 try later"
        if self.mode == "refuse for good":
            return "554 5.7.1 no"
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        found = _MESSAGE_ID.search(content)
        self.received.append(found[1].decode() if found else "")
        self.mails.append(content)
        if self.mode == "drop":
            self._hang_up(server)
        if self.mode == "hang":
            await self.is_over.wait()
        return "250 2.0.0 queued"

    def _hang_up(self, server: SMTP) -> None:
        if isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        self.has_hung_up.set()


class _Connection(SMTP):
    """Tells the sink of itself, so that nothing stays open behind a test."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if isinstance(self.event_handler, Sink) and isinstance(transport, asyncio.Transport):
            self.event_handler.connections.append(transport)


@asynccontextmanager
async def running() -> AsyncIterator[Sink]:
    """Serve in this event loop."""
    sink = Sink()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: _Connection(sink, hostname="sink", loop=loop), "127.0.0.1", sink.port
    )
    try:
        yield sink
    finally:
        sink.is_over.set()
        server.close()
        for connection in sink.connections:
            connection.abort()
        # One turn for the transports to close, one for their handlers to hear of it.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
