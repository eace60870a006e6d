"""Mail by SMTP: what was certainly not sent, what was taken, and what nobody knows.

The line between "certainly not" and "nobody knows" is the moment the text of the mail is written:

    connect, TLS, EHLO, AUTH ─▶ MAIL ─▶ RCPT ─▶ DATA ─▶ 354 │ text and final dot ─▶ answer
    lost or late: Refused, for now                          │ lost or late: InDoubt
"""

import asyncio
import time
from email.headerregistry import Address
from typing import Final

import aiosmtplib
import msgspec
from aiosmtplib import SMTPException, SMTPResponse, SMTPResponseException

from channels import addresses, mail
from channels.addresses import Server
from channels.outcomes import UNREACHABLE, Accepted, InDoubt, Outcome, Refused
from engine.sends import Rendered

SLOTS: Final = 10
"""Connections at once; also what a kill can leave in doubt."""

IDLE_MAX_S: Final = 20.0
"""Servers hang up on a silent client after 30 s at the earliest that we know of."""

MESSAGES_MAX: Final = 100
"""Over one connection; many servers count and hang up at 100."""

NETWORK_TROUBLE: Final = (SMTPException, OSError, TimeoutError)

BAD_ADDRESS: Final = "bad_address"
BAD_HEADER: Final = "bad_header"


class Timeouts(msgspec.Struct, frozen=True, kw_only=True):
    """In seconds. Worst case of a send: envelope, open, envelope, answer: 30."""

    open_s: float = 5
    """TCP, TLS, greeting, AUTH."""
    envelope_s: float = 5
    """MAIL, RCPT, DATA."""
    answer_s: float = 15
    """After the final dot: servers scan the text before they answer."""


class _Session:
    """One connection and how much it was used."""

    def __init__(self, client: aiosmtplib.SMTP) -> None:
        self.client = client
        self.sent_count = 0
        self.used_at = time.monotonic()

    @property
    def is_usable(self) -> bool:
        """Whether another message may go over it."""
        is_fresh = time.monotonic() - self.used_at < IDLE_MAX_S
        return self.client.is_connected and is_fresh and self.sent_count < MESSAGES_MAX


class Email:
    """SMTP to one server; a Channel."""

    name = "smtp"
    is_certain = False
    slot_count = SLOTS

    def __init__(
        self, *, server: Server, sender: Address, timeouts: Timeouts | None = None
    ) -> None:
        self._server = server
        self._sender = sender
        self._timeouts = timeouts or Timeouts()
        self._slots = asyncio.Semaphore(SLOTS)
        self._idle: list[_Session] = []

    async def send(self, rendered: Rendered, *, message_id: str) -> Outcome:
        """Hand one mail to the server."""
        try:
            to = addresses.mailbox(rendered.to)
        except ValueError as error:
            return Refused(code=BAD_ADDRESS, text=str(error))
        try:
            text = mail.written(rendered, sender=self._sender, to=to, message_id=message_id)
        except ValueError as error:
            return Refused(code=BAD_HEADER, text=str(error))
        async with self._slots:
            return await self._send(to.addr_spec, mail.as_data(text))

    async def close(self) -> None:
        """Hang up."""
        for session in self._idle:
            session.client.close()
        self._idle.clear()

    async def _send(self, to: str, text: bytes) -> Outcome:
        kept = self._kept()
        if kept is not None:
            # A server may have hung up meanwhile: nothing was sent, so a new connection may try.
            outcome = await self._over(kept, to, text)
            if not isinstance(outcome, Refused) or outcome.code != UNREACHABLE:
                return outcome
        try:
            session = await self._opened()
        except SMTPResponseException as error:
            return Refused(code=UNREACHABLE, text=f"{error.code} {error.message}")
        except NETWORK_TROUBLE as error:
            return Refused(code=UNREACHABLE, text=_said(error))
        return await self._over(session, to, text)

    async def _over(self, session: _Session, to: str, text: bytes) -> Outcome:
        """Send over this connection; keep it only if it is in a known state afterwards."""
        is_known = False
        try:
            outcome = await self._transaction(session.client, to, text)
            session.sent_count += 1
            session.used_at = time.monotonic()
            is_known = isinstance(outcome, Accepted) or await self._is_reset(session, outcome)
        finally:
            # Also when cancelled: half a transaction must not reach the next message.
            if is_known:
                self._idle.append(session)
            else:
                session.client.close()
        return outcome

    async def _transaction(self, client: aiosmtplib.SMTP, to: str, text: bytes) -> Outcome:
        try:
            async with asyncio.timeout(self._timeouts.envelope_s):
                await client.mail(self._sender.addr_spec)
                await client.rcpt(to)
                answer = await client.execute_command(b"DATA")
        except SMTPResponseException as error:
            return _refused(SMTPResponse(error.code, error.message))
        except NETWORK_TROUBLE as error:
            return Refused(code=UNREACHABLE, text=_said(error))
        protocol = client.protocol
        if answer.code != aiosmtplib.SMTPStatus.start_input or protocol is None:
            return _refused(answer)
        try:
            protocol.write(text)
            answer = await protocol.read_response(timeout=self._timeouts.answer_s)
        except NETWORK_TROUBLE as error:
            return InDoubt(text=_said(error))
        return _concluded(answer)

    async def _is_reset(self, session: _Session, outcome: Outcome) -> bool:
        """After a refusal, start the conversation over."""
        if not isinstance(outcome, Refused) or not session.client.is_connected:
            return False
        try:
            await session.client.rset(timeout=self._timeouts.envelope_s)
        except NETWORK_TROUBLE:
            return False
        return True

    async def _opened(self) -> _Session:
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            local_hostname=self._sender.domain,
            timeout=self._timeouts.open_s,
        )
        async with asyncio.timeout(self._timeouts.open_s):
            await client.connect()
            await client.ehlo()
        return _Session(client)

    def _kept(self) -> _Session | None:
        while self._idle:
            session = self._idle.pop()
            if session.is_usable:
                return session
            session.client.close()
        return None


def _refused(answer: SMTPResponse) -> Refused:
    """Read an answer that came before the text was written."""
    if 400 <= answer.code < 600:
        return Refused(code=str(answer.code), text=answer.message)
    return Refused(code=UNREACHABLE, text=f"{answer.code} {answer.message}")


def _concluded(answer: SMTPResponse) -> Outcome:
    """Read the answer to the final dot."""
    if 200 <= answer.code < 300:
        return Accepted(code=str(answer.code))
    if 400 <= answer.code < 600:
        return Refused(code=str(answer.code), text=answer.message)
    return InDoubt(text=f"{answer.code} {answer.message}")


def _said(error: BaseException) -> str:
    """Name the trouble; a time-out has no text of its own."""
    return str(error) or type(error).__name__
