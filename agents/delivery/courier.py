"""Carries one message to its end: asks the ledger, does that, asks again.

Many run at once, each for its own message. What a courier learns from its own appends it learns
as everybody does, by reading them in the log.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Final, Literal, assert_never

from agents import telemetry
from agents.delivery import campaigns, jobs
from agents.delivery.book import Book
from agents.delivery.campaigns import Fillings
from agents.delivery.clearing import PAUSE_S, Clearing
from agents.delivery.decisions import (
    Close,
    Decision,
    Dispatch,
    Finished,
    Recheck,
    Reserve,
    Wait,
)
from agents.delivery.jobs import Job
from agents.delivery.ledger import SEND_TIMEOUT_MS
from channels.channel import Channel
from channels.errors import RenderError
from channels.outcomes import Accepted, InDoubt, Outcome, Refused
from channels.rendering.render import Renderer
from engine.definitions.folded import Definitions
from engine.definitions.templates import Template
from engine.messages import Message
from engine.sends import Rendered
from streams.records import Record

TEMPLATE_WAIT_S: Final = 10.0
"""How long a message may be ahead of our fold of the definitions."""

TEMPLATE_POLL_S: Final = 0.1

AGAINST: Final[Mapping[Clearing, str]] = {
    "erased": "the customer was erased while it was on its way",
    "suppressed": "nothing of the kind is sent to the address any more",
}

Result = Literal["done", "stopped"]


class Courier:
    """What every message is carried with; holds nothing of a message itself."""

    def __init__(
        self,
        *,
        book: Book,
        channels: Mapping[str, Channel],
        renderer: Renderer,
        definitions: Callable[[], Definitions],
        clearing: Callable[[Message], Awaitable[Clearing]],
        clock: Callable[[], int],
        stopping: asyncio.Event,
    ) -> None:
        """`clearing` is asked right before a message leaves."""
        self._book = book
        self._channels = channels
        self._renderer = renderer
        self._definitions = definitions
        self._clearing = clearing
        self._clock = clock
        self._stopping = stopping
        self._fillings = Fillings()
        self._slots = {
            name: asyncio.Semaphore(channel.slot_count) for name, channel in channels.items()
        }

    async def carry(self, job: Job) -> Result:
        """Bring the message to its end, or to where the process is told to stop.

        Raises:
            ProduceError: what was done may not be in the log: the process must end.
            FatalProduceError: the same, for good.
        """
        while True:
            decision = self._decision(job)
            match decision:
                case Finished(outcomes=outcomes):
                    await self._book.append(*(jobs.response(job, ended) for ended in outcomes))
                    return "done"
                case Recheck():
                    await self._give_back(job)
                    return "done"
                case _ if self._stopping.is_set():
                    return "stopped"
                case Wait(until=until):
                    await self._wait((until - self._clock()) / 1000)
                case Close():
                    await self._book.close(job, decision, provider=self._provider(job))
                case Reserve() if campaigns.is_halted(job.message, self._definitions()):
                    # It says so to the worker, which keeps it until the campaign goes on.
                    await self._give_back(job)
                    return "done"
                case Reserve():
                    await self._try(job)
                case Dispatch():
                    raise RuntimeError(f"two couriers carry the message {job.message.id}")
                case _:
                    assert_never(decision)

    def _decision(self, job: Job) -> Decision:
        channel = self._channels.get(job.message.channel)
        return self._book.decision(job, is_certain=channel is not None and channel.is_certain)

    def _provider(self, job: Job) -> str:
        channel = self._channels.get(job.message.channel)
        return "" if channel is None else channel.name

    async def _try(self, job: Job) -> None:
        """Make one attempt as soon as the provider has a slot free."""
        channel = self._channels.get(job.message.channel)
        if channel is None:
            await self._fail(job, "no_channel", f"nothing sends {job.message.channel!r} here")
            return
        template = await self._template(job)
        if self._stopping.is_set():
            return
        async with self._slots[job.message.channel]:
            # Waiting took time: it may have expired, or be held for too long by now.
            decision = self._decision(job)
            if not isinstance(decision, Reserve) or self._stopping.is_set():
                return
            cleared = await self._clearing(job.message)
            if campaigns.is_halted(job.message, self._definitions()):
                return
            if cleared == "clear":
                await self._leave(job, decision, template=template, channel=channel)
        if cleared == "unknown":
            await self._wait(PAUSE_S)
        elif cleared != "clear":
            await self._fail(job, cleared, AGAINST[cleared])

    async def _leave(
        self, job: Job, decision: Reserve, *, template: Template | None, channel: Channel
    ) -> None:
        """Render, reserve the attempt and send."""
        if template is None:
            await self._fail(job, "template_missing", "the version is not in the definitions")
            return
        try:
            rendered = self._rendered(job, template)
        except RenderError as error:
            letter = jobs.dead_letter(job, error, at=self._clock())
            await self._book.append(letter, *self._reports(job))
            telemetry.DEAD_LETTERS.labels(jobs.PLACE, error.code).inc()
            await self._fail(job, error.code, str(error))
            return
        self._fillings.filled(job.message)
        await self._book.enter(job, "reserved", attempt=decision.attempt, provider=channel.name)
        await self._dispatch(job, channel, rendered)

    async def _dispatch(self, job: Job, channel: Channel, rendered: Rendered) -> None:
        """Send, if our reservation came back as the first; then write down what became of it."""
        decision = self._decision(job)
        if not isinstance(decision, Dispatch):
            return
        enter = partial(self._book.enter, job, attempt=decision.attempt, provider=channel.name)
        outcome = await _sent(channel, rendered, message_id=job.message.id)
        match outcome:
            case Accepted(code=code, kept=kept):
                await enter("accepted", code=code, rendered=kept)
            case Refused(code=code, text=text):
                await enter("failed", code=code, reason=text)
            case InDoubt(text=text):
                await enter("in_doubt", code="no_answer", reason=text)
            case _:
                assert_never(outcome)

    async def _give_back(self, job: Job) -> None:
        """Let the worker admit it anew, keep it, or drop it with the reason."""
        await self._book.append(jobs.recheck(job, at=self._clock()))

    def _reports(self, job: Job) -> list[Record]:
        """What is said of the campaign, if its template cannot be filled for anybody."""
        now = self._clock()
        found = self._fillings.failed(job.message, self._definitions(), now=now)
        return [] if found is None else [jobs.report(found)]

    async def _fail(self, job: Job, code: str, reason: str) -> None:
        """End the message without sending, unless somebody else has the attempt meanwhile."""
        decision = self._decision(job)
        if isinstance(decision, Reserve):
            close = Close(attempt=decision.attempt, state="failed", code=code, reason=reason)
            await self._book.close(job, close, provider=self._provider(job))

    def _rendered(self, job: Job, template: Template) -> Rendered:
        message = job.message
        return self._renderer.render(
            template, to=message.to, context=message.context, origin=job.origin
        )

    async def _template(self, job: Job) -> Template | None:
        """Find the pinned version; the worker may have folded it before we did."""
        deadline = asyncio.get_running_loop().time() + TEMPLATE_WAIT_S
        while True:
            entry = self._definitions().templates.get(job.message.template)
            found = None if entry is None else entry.versions.get(job.message.template_version)
            is_late = asyncio.get_running_loop().time() > deadline
            if found is not None or is_late or self._stopping.is_set():
                return found
            await self._wait(TEMPLATE_POLL_S)

    async def _wait(self, seconds: float) -> None:
        """Wait, but not longer than the process lives."""
        try:
            async with asyncio.timeout(max(seconds, 0)):
                await self._stopping.wait()
        except TimeoutError:
            return


async def _sent(channel: Channel, rendered: Rendered, *, message_id: str) -> Outcome:
    """Send within the time that the ledger counts on."""
    try:
        async with asyncio.timeout(SEND_TIMEOUT_MS / 1000):
            return await channel.send(rendered, message_id=message_id)
    except TimeoutError:
        return InDoubt(text="the channel took too long")
