"""Back-tests of campaigns, and how a draft that is a shadow differs from what runs."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, requests
from api.admin import definitions as admin
from api.admin.definitions import Clock
from api.admin.endpoints import Endpoint
from api.admin.errors import BadRequestError, ConflictError, NotFoundError, UnavailableError
from api.backtesting.jobs import RUNNING_MAX, Job, Jobs
from api.backtesting.running import Question
from engine.definitions import changes, installation, moments
from engine.definitions.campaigns import Campaign
from engine.definitions.entries import CampaignEntry
from engine.errors import Flaw, InvalidDefinitionError
from engine.rehearsal import alone
from streams.definitions import DefinitionsLog

BEHIND_MS: Final = 5_000
"""What happened last may not be in ClickHouse yet."""

FRESH_MS: Final = 5_000
"""A comparison younger than that is answered as it is; one that took long stays so for ten times
as long as it took."""


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be replayed."""

    since: str
    until: str | None = None
    """None: now."""
    version: int | None = None
    """One that ran; None: the draft."""
    campaign: dict[str, Any] | None = None
    """A campaign as for PUT, that is nowhere saved."""


class Backtests:
    """Begins back-tests and shows how far they are."""

    def __init__(self, *, log: DefinitionsLog, jobs: Jobs, clock: Clock) -> None:
        self._log = log
        self._jobs = jobs
        self._clock = clock

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        return (
            Endpoint(
                method="POST",
                path="/api/campaigns/{id}/backtest",
                handler=self.begin,
                summary="Replay history with a draft, or a version; sends nothing.",
                body=Asked,
                statuses=(400, 404, 413, 415, 503),
                success=202,
            ),
            Endpoint(
                method="GET",
                path="/api/campaigns/{id}/shadow",
                handler=self.shadow,
                summary="What a draft saved with shadow would have done since, beside what ran.",
                statuses=(404, 409, 503),
            ),
            Endpoint(
                method="GET",
                path="/api/backtests",
                handler=self.list,
                summary="The last back-tests of this process, newest first.",
            ),
            Endpoint(
                method="GET",
                path="/api/backtests/{id}",
                handler=self.get,
                summary="How far a back-test is, and what it found.",
                statuses=(404,),
            ),
            Endpoint(
                method="DELETE",
                path="/api/backtests/{id}",
                handler=self.cancel,
                summary="Stop a back-test.",
                statuses=(404,),
            ),
        )

    async def begin(self, request: Request) -> Response:
        """Answer at once; the back-test runs on."""
        campaign_id = requests.path_id(request)
        asked = requests.decoded(await requests.json_body(request), Asked)
        campaign, version = self._chosen(campaign_id, asked)
        now = self._clock()
        since = _instant(asked.since, "since")
        until = now if asked.until is None else _instant(asked.until, "until")
        if since >= min(until, now):
            raise _wrong("since", "before the end, and not in the future")
        job = self._begun(Question(campaign, version, since, min(until, now)))
        return answers.json(shape(job), status=202)

    async def shadow(self, request: Request) -> Response:
        """The newest comparison, and a new one where it is old."""
        campaign_id = requests.path_id(request)
        entry = self._existing(campaign_id)
        if not entry.draft.shadow:
            message = 'the draft is no shadow: save it with "shadow": true'
            raise ConflictError("no_shadow", message)
        version, now = entry.draft_version, self._clock()
        since, until = self._saved_at(campaign_id, version), now - BEHIND_MS
        own = [job for job in self._jobs.newest() if _is_about(job, campaign_id, version, since)]
        done = next((job for job in own if job.state == "done"), None)
        running = next((job for job in own if job.state == "running"), None)
        if running is None and since < until and (done is None or _is_old(done, now)):
            running = self._begun(Question(entry.draft, version, since, until))
        return answers.json(
            {
                "comparison": None if done is None else compared(done),
                "next": None if running is None else running.id,
            }
        )

    async def list(self, _: Request) -> Response:
        """All that are remembered."""
        found = [shape(job) for job in self._jobs.newest()]
        return answers.json({"items": found, "cursor": None})

    async def get(self, request: Request) -> Response:
        """One of them."""
        return answers.json(shape(self._known(request)))

    async def cancel(self, request: Request) -> Response:
        """Stop it; what was found so far is not kept."""
        job = self._known(request)
        await self._jobs.cancel(job)
        return answers.json(shape(job))

    def _begun(self, question: Question) -> Job:
        if self._jobs.running_count() >= RUNNING_MAX:
            message = "another back-test is running: wait for it, or stop it"
            raise UnavailableError("too_many_backtests", message, retry_after_ms=10_000)
        return self._jobs.begin(question)

    def _known(self, request: Request) -> Job:
        job_id = requests.path_id(request)
        job = self._jobs.get(job_id)
        if job is None:
            raise NotFoundError("backtest", job_id)
        return job

    def _existing(self, campaign_id: str) -> CampaignEntry:
        entry = self._log.current.campaigns.get(campaign_id)
        if entry is None or entry.deleted:
            raise admin.missing("campaigns", campaign_id)
        return entry

    def _chosen(self, campaign_id: str, asked: Asked) -> tuple[Campaign, int]:
        if asked.campaign is not None:
            body = msgspec.json.encode({**asked.campaign, "id": campaign_id})
            try:
                campaign = changes.decode_campaign(body)
                found = installation.flaws(campaign, self._log.current)
            except InvalidDefinitionError as error:
                raise admin.refused(error) from error
            if found:
                raise admin.refused(InvalidDefinitionError(found))
            return campaign, alone.VERSION
        entry = self._existing(campaign_id)
        if asked.version is None or asked.version == entry.draft_version:
            return entry.draft, entry.draft_version
        if asked.version not in entry.versions:
            ran = ", ".join(str(number) for number in sorted(entry.versions)) or "none"
            raise _wrong("version", f"the draft's, or one that ran: {ran}")
        return entry.versions[asked.version], asked.version

    def _saved_at(self, campaign_id: str, version: int) -> int:
        """When the draft was saved: the shadow is there from then on."""
        found = [
            entry.change.at
            for entry in self._log.history.applied_to("campaigns", campaign_id)
            if entry.change is not None
            and entry.change.action == "put"
            and entry.change.based_on + 1 == version
        ]
        return found[-1]


def _is_about(job: Job, campaign_id: str, version: int, since: int) -> bool:
    question = job.question
    return (question.campaign.id, question.version, question.since) == (campaign_id, version, since)


def _is_old(job: Job, now: int) -> bool:
    took_ms = (job.ended_at or now) - job.began_at
    return now - job.began_at > max(FRESH_MS, 10 * took_ms)


def shape(job: Job) -> dict[str, object]:
    """A back-test as it stands."""
    question = job.question
    is_unsaved = question.version == alone.VERSION
    return {
        "id": job.id,
        "campaign": question.campaign.id,
        "version": None if is_unsaved else question.version,
        "since": answers.time(question.since),
        "until": answers.time(question.until),
        "state": job.state,
        "message": job.problem or None,
        "began_at": answers.time(job.began_at),
        "ended_at": answers.time_or_none(job.ended_at),
        "events": job.events_count,
        "events_total": job.total_count,
        "report": None if job.report is None else msgspec.to_builtins(job.report),
        "recorded": recorded(job),
    }


def recorded(job: Job) -> dict[str, object]:
    """What the campaign really decided in that time, in the form of a report."""
    of: dict[str, dict[str, int]] = {}
    for one in job.recorded:
        of.setdefault(one.kind, {})[one.reason] = one.count
    counts = {kind: sum(of.get(kind, {}).values()) for kind in ("fired", "entered", "sent")}
    return {
        **counts,
        "refused": of.get("not_sent", {}),
        "deferred": of.get("deferred", {}),
        "exited": of.get("exited", {}),
    }


def compared(job: Job) -> dict[str, object]:
    """Live and shadow side by side; `difference` is shadow less live."""
    report = msgspec.to_builtins(job.report)
    live = recorded(job)
    names = ("fired", "entered", "sent", "refused", "deferred", "exited")
    shadow = {name: report[name] for name in names}
    return {
        **shape(job),
        "live": live,
        "shadow": shadow,
        "difference": {name: _less(shadow[name], live[name]) for name in names},
    }


def _less(more: object, less: object) -> object:
    if isinstance(more, dict) and isinstance(less, dict):
        every = sorted({*more, *less})
        found = {name: more.get(name, 0) - less.get(name, 0) for name in every}
        return {name: count for name, count in found.items() if count}
    assert isinstance(more, int)
    assert isinstance(less, int)
    return more - less


def _instant(text: str, name: str) -> int:
    try:
        return moments.instant(text)
    except ValueError as error:
        raise _wrong(name, str(error)) from error


def _wrong(name: str, message: str) -> BadRequestError:
    return BadRequestError("invalid_body", message, flaws=[Flaw(path=name, message=message)])
