"""The demo on a running installation: publish, replay, let people read, wait, sum up."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Final

import httpx
import msgspec
from rich.console import Console

from clickhouse.client import Reader
from clickhouse.errors import ClickHouseError
from oncue.demo import generator, observing, publishing, summary, waiting
from oncue.demo.errors import DemoError
from oncue.demo.generator import Morning
from oncue.demo.observing import Run, Sight
from oncue.demo.publishing import Published
from oncue.demo.readers import Readers
from oncue.demo.summary import Outcome
from oncue.demo.tape import Recorded
from oncue.demo.waiting import patiently
from oncue.formats import instants
from oncue.formats.entries import Entry
from oncue.replay import progress, schedule
from oncue.replay.collector import Collector
from oncue.replay.errors import ReplayError
from oncue.replay.schedule import Pace
from oncue.replay.sending import Sender
from oncue.replay.tally import Tally

SEED: Final = 1
TIMEOUT_S: Final = 15.0


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """What opens the doors of the installation."""

    admin_token: str
    write_key: str
    secret_key: str


_EXPECTED: Final = (DemoError, ReplayError, ClickHouseError, httpx.HTTPError)
"""What may go wrong without a bug here: told in one line."""


async def run(
    *,
    url: str,
    admin_token: str,
    write_key: str,
    secret_key: str,
    clickhouse_url: str,
    speed: float,
    console: Console,
) -> int:
    """Play the morning; 0 when everything that was sent adds up at the end."""
    keys = Keys(admin_token=admin_token, write_key=write_key, secret_key=secret_key)
    try:
        async with (
            _one_error(),
            Reader(url=clickhouse_url) as reader,
            httpx.AsyncClient(
                base_url=url,
                headers={"authorization": f"Bearer {admin_token}"},
                timeout=TIMEOUT_S,
                trust_env=False,
            ) as client,
        ):
            demo = _Demo(url, keys, client=client, reader=reader, console=console)
            outcome = await demo.play(schedule.checked_speed(speed))
    except _EXPECTED as error:
        console.print(f"{type(error).__name__}: {error}", style="red", highlight=False)
        return 1
    summary.show(console, outcome)
    return 0 if all(check.is_right for check in summary.checks(outcome)) else 1


class _Demo:
    def __init__(
        self, url: str, keys: Keys, *, client: httpx.AsyncClient, reader: Reader, console: Console
    ) -> None:
        self._url = url
        self._keys = keys
        self._client = client
        self._reader = reader
        self._console = console

    async def play(self, speed: float) -> Outcome:
        """Do everything, in order; the readers are busy all the while."""
        published = await publishing.publish(self._client, speed=speed)
        self._tell(published, speed)
        name = f"morning-{int(time.time() * 1000)}"
        morning = generator.morning(SEED, run=f"{name}-")
        pace = Pace(first_at=morning.events[0].at, speed=speed)
        run = Run(name=name, since_at=pace.schedule.start_at)
        readers = Readers(self._client, seed=SEED, since_at=run.since_at, speed=speed)
        async with asyncio.TaskGroup() as group:
            reading = group.create_task(readers.read())
            events, receipts = await self._replay(morning, run, pace)
            elapsed_s = pace.elapsed_s()
            idle_s = max(campaign.idle_now_ms for campaign in published) / 1000
            with self._console.status("waiting for the last timers, mails and rows"):
                sight, is_quiet = await waiting.until_quiet(
                    self._reader,
                    run,
                    readers=readers,
                    expected=Sight(events=_stored(events), receipts=_stored(receipts)),
                    idle_s=idle_s,
                )
            readers.stop()
            await reading
        reader = self._reader
        return Outcome(
            events=events,
            receipts=receipts,
            elapsed_s=elapsed_s,
            sight=sight,
            is_quiet=is_quiet,
            customers_missing=await patiently(lambda: observing.customers_missing(reader, run)),
            decisions=await patiently(lambda: observing.decisions(reader, run)),
            latency=await patiently(lambda: observing.latency(reader, run)),
            views=await patiently(lambda: observing.rows_by_view(reader)),
            mail_ids=readers.mail_ids,
            opened_count=len(readers.opened),
            clicked_count=len(readers.clicked),
            failures=readers.failures,
        )

    def _tell(self, published: Sequence[Published], speed: float) -> None:
        hours_s = (generator.CLOSES_AT - generator.OPENS_AT) / 1000
        self._console.print(
            f"four hours in {hours_s / speed:.0f} s: everything {speed:g} times faster",
            highlight=False,
        )
        for campaign in published:
            self._console.print(
                f"  {campaign.campaign}: a cart waits {campaign.idle_now_ms / 1000:g} s "
                f"instead of {campaign.idle}",
                highlight=False,
            )

    async def _replay(self, morning: Morning, run: Run, pace: Pace) -> tuple[Tally, Tally]:
        events = Tally(total_count=len(morning.events))
        receipts = Tally(total_count=len(morning.receipts))
        tracker = Collector(self._url, key=self._keys.write_key)
        office = Collector(self._url, key=self._keys.secret_key, path="/v1/receipts")
        try:
            with progress.bar(self._console, pace=pace, tally=events):
                async with asyncio.TaskGroup() as group:
                    group.create_task(
                        Sender(tracker, pace=pace, tally=events).send(
                            entries(morning.events, name=run.name)
                        )
                    )
                    group.create_task(
                        Sender(office, pace=pace, tally=receipts, redate=_redated_receipt).send(
                            entries(morning.receipts, name=run.name)
                        )
                    )
        finally:
            await tracker.close()
            await office.close()
        return events, receipts


def entries(recorded: Sequence[Recorded], *, name: str) -> Iterator[Entry]:
    """What a file of that name would hold, line by line."""
    for line, one in enumerate(recorded, start=1):
        message = {**one.message, "messageId": f"{name}:{line}"}
        yield Entry(line=line, occurred_at=one.at, message=message)


def _redated_receipt(entry: Entry, at: int) -> dict[str, object]:
    moved = instants.rfc3339(at)
    message = {**entry.message, "occurredAt": moved, "updatedAt": moved}
    del message["messageId"]
    return message


def _stored(tally: Tally) -> int:
    return tally.sent_count - tally.rejected_count


@contextlib.asynccontextmanager
async def _one_error() -> AsyncIterator[None]:
    """Of tasks that fail together, let the first expected error speak for all."""
    try:
        yield
    except BaseExceptionGroup as group:
        expected, others = group.split(_EXPECTED)
        if expected is None or others is not None:
            raise
        raise _first(expected) from group


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
