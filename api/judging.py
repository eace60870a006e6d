"""The verdicts of A/B tests: looked for every minute, given once, when the time of each has come.

    the sample is full ──▶ `wait` after its last assignment ──▶ outcomes ──▶ verdict, in the log

A verdict is a definition, so it goes for every worker from one place of the log on, and the
campaign is left alone. Whatever an operator declares before goes instead.
"""

import asyncio
import uuid
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import msgspec
import structlog

from clickhouse.client import Reader
from clickhouse.errors import ClickHouseError
from clickhouse.queries import experiments as queries
from clickhouse.queries.experiments import Asked, Sample
from engine import durations
from engine.definitions import experiments, verdicts
from engine.definitions.arms import AbTestStep
from engine.definitions.campaigns import Campaign
from engine.definitions.changes import Change
from engine.definitions.experiments import ExperimentEntry, Verdict
from engine.definitions.folded import Definitions
from engine.definitions.verdicts import Outcome
from streams.definitions import Applied, DefinitionsLog
from streams.errors import RetryError

LOOK_S: Final = 60.0
"""Those who wait look every ten minutes (`engine.journeys.trying`)."""

log = structlog.get_logger(__name__)


class Trial(NamedTuple):
    """An A/B test of a campaign."""

    campaign: str
    step_id: str
    step: AbTestStep

    @property
    def experiment(self) -> str:
        """Its name."""
        return experiments.experiment(self.campaign, self.step_id, self.step)

    @property
    def wait_ms(self) -> int:
        """How long what a customer does counts."""
        return durations.parse_ms(self.step.wait)

    def entry(self, known: Definitions) -> ExperimentEntry | None:
        """The verdict that goes for it now."""
        entry = known.experiments.get(self.experiment)
        return None if experiments.weights(entry, self.step) is None else entry

    def is_full(self, sample: Sample) -> bool:
        """Whether nobody gets a place any more."""
        return sample.assigned >= self.step.sample_size or sample.tied > 0

    def decides_at(self, sample: Sample) -> int | None:
        """When the verdict is due, epoch ms; None: the sample is not full."""
        return sample.last_ms + self.wait_ms if self.is_full(sample) else None


def of_campaign(campaign: Campaign) -> Iterator[Trial]:
    """Its A/B tests."""
    for name, step in campaign.steps.items():
        if isinstance(step, AbTestStep):
            yield Trial(campaign.id, name, step)


def undecided(known: Definitions) -> Iterator[Trial]:
    """A/B tests without a verdict in every version of what runs or is paused, the newest first.

    Somebody may still wait in an older one.
    """
    for _, entry in sorted(known.campaigns.items()):
        if entry.deleted or entry.status not in {"live", "paused"}:
            continue
        found: dict[str, Trial] = {}
        for _, campaign in sorted(entry.versions.items(), reverse=True):
            for trial in of_campaign(campaign):
                found.setdefault(trial.experiment, trial)
        yield from (one for one in found.values() if one.entry(known) is None)


class Judge:
    """The one who decides."""

    def __init__(self, *, reader: Reader, log: DefinitionsLog, clock: Callable[[], int]) -> None:
        """`clock` gives epoch ms."""
        self._reader = reader
        self._log = log
        self._clock = clock

    async def keep(self) -> None:
        """Decide what is due, each minute, until cancelled; what fails now is due again then."""
        while True:
            try:
                await self.decide()
            except (ClickHouseError, RetryError) as error:
                log.warning("experiments_not_decided", code=error.code)
            await asyncio.sleep(LOOK_S)

    async def decide(self) -> list[Verdict]:
        """Give the verdicts that are due.

        Raises:
            ClickHouseError: as the reader says.
            RetryError: Kafka did not take one in time.
        """
        given = []
        for trial in list(undecided(self._log.current)):
            sample = await queries.sample(self._reader, trial.experiment)
            due_at = trial.decides_at(sample)
            if due_at is None or due_at > self._clock():
                continue
            found = await self.outcomes(trial)
            verdict = verdicts.verdict(trial.experiment, found, trial.step)
            if await self._written(verdict):
                log.info("experiment_decided", experiment=verdict.id, winner=verdict.winner)
                given.append(verdict)
        return given

    async def sample(self, trial: Trial) -> Sample:
        """How full its sample is; errors as `decide`."""
        return await queries.sample(self._reader, trial.experiment)

    async def outcomes(self, trial: Trial) -> list[Outcome]:
        """What its sample did, by arm; errors as `decide`."""
        asked = Asked(
            experiment=trial.experiment,
            campaign=trial.campaign,
            metric=trial.step.metric,
            wait_ms=trial.wait_ms,
            currency=self._log.current.settings.currency or "",
        )
        found = await queries.outcomes(self._reader, asked)
        return [msgspec.convert(msgspec.structs.asdict(one), Outcome) for one in found]

    async def _written(self, verdict: Verdict) -> bool:
        """Whether it goes; another process, or an operator, may have been before it."""
        known = self._log.current.experiments.get(verdict.id)
        change = Change(
            change_id=uuid.uuid4().hex,
            kind="experiments",
            id=verdict.id,
            action="put",
            based_on=0 if known is None else known.revision,
            body=msgspec.Raw(msgspec.json.encode(verdict)),
            at=self._clock(),
            by="oncue",
        )
        return isinstance(await self._log.change(change), Applied)
