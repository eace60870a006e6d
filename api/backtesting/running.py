"""One back-test, from the first record of the log to its end."""

import asyncio
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Final, NamedTuple

import msgspec

from api.backtesting import reading
from api.backtesting.reading import Known, Switches
from api.backtesting.report import Report, Tally
from api.backtesting.rows import SpilledRows
from channels.rendering import rehearsing as rendering
from clickhouse.client import Reader
from clickhouse.queries import logs
from engine.definitions.campaigns import Campaign
from engine.definitions.entries import CampaignEntry
from engine.definitions.folded import Definitions
from engine.rehearsal import alone
from engine.rehearsal.past import Past
from engine.replay import Decision

TURN_EVENTS: Final = 100
"""Applied at a time, some 10 ms: other requests come in between."""


class Question(NamedTuple):
    """What is asked: this version, as if it ran from `since` on, up to `until`; epoch ms."""

    campaign: Campaign
    version: int
    since: int
    until: int


async def run(
    reader: Reader,
    known: Known,
    question: Question,
    *,
    progress: Callable[[int], None],
    seen: Callable[[Decision], None] | None = None,
) -> Report:
    """Replay the logs; `seen` is shown every decision, of all campaigns and of all the time.

    Raises:
        ClickHouseError: as the reader says.
    """
    tally = Tally(campaign=question.campaign.id, since=question.since, render=rendering.renderer())
    switches = Switches(await logs.switches(reader), known)
    supposed: dict[int, Definitions] = {}
    with SpilledRows() as rows:
        past = Past(rows, campaign=question.campaign.id)
        count, definitions = 0, Definitions()
        async for one in reading.read(reader, until=question.until):
            definitions = switches.at(one.partition, one.offset)
            found: list[Iterator[Decision]] = []
            if one.one.at >= question.since and not _is_there(definitions, question):
                definitions = _supposed(definitions, question, supposed)
                if not past.is_supposing:
                    found = [past.suppose(definitions, version=question.version, at=one.one.at)]
            for decision in chain(*found, past.apply(one.one, definitions)):
                tally.take(decision, at=one.one.at, definitions=definitions)
                if seen is not None:
                    seen(decision)
            count += 1
            if count % TURN_EVENTS == 0:
                progress(count)
                await asyncio.sleep(0)
        for decision in past.run_until(question.until):
            tally.take(decision, at=question.until, definitions=definitions)
    progress(count)
    tally.report.events = count
    tally.report.is_as_recorded = not past.is_supposing
    return tally.close(until=question.until)


def _is_there(definitions: Definitions, question: Question) -> bool:
    """Whether this very version was the one that ran, or was paused or stopped."""
    entry = definitions.campaigns.get(question.campaign.id)
    return entry is not None and entry.published_version == question.version


def _supposed(
    definitions: Definitions, question: Question, made: dict[int, Definitions]
) -> Definitions:
    """The same with this version live; made once for each state of the log of definitions."""
    name = definitions.offset
    if name not in made:
        campaign, version = question.campaign, question.version
        known = definitions.campaigns.get(campaign.id)
        entry = CampaignEntry(
            revision=version,
            draft=campaign,
            draft_version=version,
            status="live",
            published=campaign,
            published_version=version,
            versions={**({} if known is None else known.versions), version: campaign},
        )
        made[name] = alone.supposed(definitions, entry, at=question.since)
    if made[name].catalogue is not definitions.catalogue:
        made[name] = msgspec.structs.replace(made[name], catalogue=definitions.catalogue)
    return made[name]
