"""`POST /api/campaigns/{id}/test`: a draft tried out, where nothing can be sent.

What is tried runs in this process on a virtual clock, on copies: the log and the topics are not in
reach of `engine.rehearsal`, and nothing of what it decides leaves it but in the answer.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, requests
from api.admin import definitions as admin
from api.admin.definitions import Clock
from api.admin.endpoints import Endpoint
from api.admin.errors import BadRequestError, RefusedError
from api.admin.rows import Rows
from channels.rendering import rehearsing as rendering
from engine.definitions import cases, moments
from engine.definitions.campaigns import Campaign
from engine.definitions.cases import Case, Happening
from engine.definitions.entries import CampaignEntry
from engine.definitions.folded import Definitions
from engine.errors import Flaw
from engine.rehearsal import alone, rehearsing
from engine.rehearsal.rehearsing import Outcome
from engine.rehearsal.stage import StoryError
from engine.rehearsal.telling import Line
from streams.definitions import DefinitionsLog

CODE: Final = "tests_failed"


class Trial(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be tried; empty: the tests that the draft was saved with."""

    tests: tuple[Case, ...] | None = None
    customer: str | None = None
    """Instead of tests: a customer as they are now, and what happens to them from now on."""
    when: tuple[Happening, ...] = ()
    until: str = "30d"


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """How it went."""

    passed: bool
    tests: tuple[Outcome, ...] = ()
    timeline: tuple[Line, ...] = ()
    """Of a customer: every decision of this campaign."""


class Rehearsals:
    """Runs tests of drafts, and one customer's story."""

    def __init__(self, *, log: DefinitionsLog, rows: Rows, clock: Clock) -> None:
        self._log = log
        self._rows = rows
        self._clock = clock

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        return (
            Endpoint(
                method="POST",
                path="/api/campaigns/{id}/test",
                handler=self.test,
                summary="Run tests of the draft, or try it out for one customer; sends nothing.",
                body=Trial,
                answer=Tried,
                statuses=(400, 404, 410, 413, 415, 503),
            ),
        )

    async def test(self, request: Request) -> Response:
        """Answer 200 whether they pass or not: it is what was asked."""
        campaign_id = requests.path_id(request)
        entry = self._log.current.campaigns.get(campaign_id)
        if entry is None or entry.deleted:
            raise admin.missing("campaigns", campaign_id)
        says_nothing = request.headers.get("content-length", "0") == "0"
        trial = Trial()
        if not (says_nothing and "transfer-encoding" not in request.headers):
            trial = requests.decoded(await requests.json_body(request), Trial)
        if trial.customer is not None:
            return answers.json(await self._tried_for(trial.customer, trial, entry))
        wanted = entry.draft.tests if trial.tests is None else trial.tests
        flaws = cases.flaws(wanted, path="tests")
        if flaws:
            raise BadRequestError("invalid_body", flaws[0].message, flaws=flaws)
        outcomes = await run(wanted, entry.draft, self._log.current)
        return answers.json(
            Tried(passed=all(one.passed for one in outcomes), tests=tuple(outcomes))
        )

    async def _tried_for(self, customer: str, trial: Trial, entry: CampaignEntry) -> Tried:
        row = await self._rows.get(customer)
        start = max(self._clock(), row.now_at)
        flaws = cases.happening_flaws(trial.when, start=start, customer=customer, path="when")
        until = start
        try:
            until = moments.moment(trial.until, start=start)
        except ValueError as error:
            flaws.append(Flaw(path="until", message=str(error)))
        if not start <= until <= start + cases.LENGTH_MAX_MS:
            flaws.append(Flaw(path="until", message="from now up to two years"))
        if flaws:
            raise BadRequestError("invalid_body", flaws[0].message, flaws=flaws)
        definitions = alone.beside(self._log.current, entry.draft)
        try:
            found = await asyncio.to_thread(
                rehearsing.dry_run,
                row,
                trial.when,
                definitions,
                start=start,
                until=until,
                render=rendering.renderer(),
            )
        except StoryError as error:
            flaw = Flaw(path=error.path, message=str(error))
            raise BadRequestError("invalid_body", str(error), flaws=[flaw]) from error
        own = tuple(line for line in found if line.campaign == entry.draft.id)
        return Tried(passed=True, timeline=own)


async def run(wanted: Sequence[Case], draft: Campaign, known: Definitions) -> list[Outcome]:
    """Run tests of a draft; in a thread, since many take a second."""
    definitions = alone.alone(known, draft)
    return await asyncio.to_thread(rehearsing.run, wanted, definitions, render=rendering.renderer())


async def check(draft: Campaign, known: Definitions) -> None:
    """See that the tests pass of a draft that requires it.

    Raises:
        RefusedError: with what each of those that fail expected, and got.
    """
    if not draft.require_tests:
        return
    flaws = [
        Flaw(
            path=f"tests[{place}].{failure.path}",
            message=f"{outcome.test}: expected {failure.expected}; got {failure.got}",
        )
        for place, outcome in enumerate(await run(draft.tests, draft, known))
        for failure in outcome.failures
    ]
    if flaws:
        raise RefusedError(CODE, flaws[0].message, flaws=flaws)
