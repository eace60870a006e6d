"""`/api/campaigns`: drafts, versions, and what runs."""

from collections.abc import Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from api.admin import actions, answers, definitions, listing, rehearsals, requests, warmth
from api.admin.definitions import Clock, Editor
from api.admin.endpoints import Endpoint, Handler
from api.admin.errors import ConflictError, RefusedError
from clickhouse.client import Reader
from engine import faults
from engine.definitions import changes, installation
from engine.definitions.campaigns import Campaign
from engine.definitions.changes import Action
from engine.definitions.entries import CampaignEntry, CampaignStatus
from engine.definitions.folded import Definitions
from engine.definitions.policies import DEFAULT
from engine.errors import Flaw, InvalidDefinitionError
from streams.definitions import DefinitionsLog

DONE: Final[dict[Action, CampaignStatus]] = {
    "pause": "paused",
    "resume": "live",
    "stop": "stopped",
}
"""What an action leads to: asked for again, it is answered and changes nothing."""

MAY: Final[dict[Action, tuple[CampaignStatus, ...]]] = {
    "pause": ("live",),
    "resume": ("paused",),
    "stop": ("live", "paused", "failed"),
}


class Campaigns:
    """Who gets which message when; a version is immutable, a customer inside stays on its own."""

    def __init__(self, *, log: DefinitionsLog, reader: Reader, clock: Clock) -> None:
        self._log = log
        self._reader = reader
        self._clock = clock
        self._editor = Editor(kind="campaigns", log=log, clock=clock)

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        return (
            *definitions.endpoints("campaigns", Campaign, self),
            *(actions.endpoint(action, self._acting(action)) for action in actions.SUMMARIES),
        )

    async def list(self, request: Request) -> Response:
        """One page, by id."""
        known = self._log.current
        return listing.page(request, known.campaigns, lambda entry: shape(entry, known))

    async def get(self, request: Request) -> Response:
        """The draft, and what runs."""
        return _answer(self._existing(requests.path_id(request)), self._log.current)

    async def put(self, request: Request) -> Response:
        """Save a draft."""
        campaign_id, seen = requests.path_id(request), requests.if_match(request)
        body = definitions.own_body(await requests.json_body(request), campaign_id)
        try:
            campaign = changes.decode_campaign(body)
            check_rules(campaign, self._log.current)
        except InvalidDefinitionError as error:
            raise definitions.refused(error) from error
        after = await self._editor.save(campaign_id, body, seen=seen)
        return _answer(after.campaigns[campaign_id], after)

    async def delete(self, request: Request) -> Response:
        """Stop and delete."""
        campaign_id, seen = requests.path_id(request), requests.if_match(request)
        self._existing(campaign_id)
        await self._editor.act(campaign_id, "delete", seen=seen)
        return Response(status_code=204)

    async def versions(self, request: Request) -> Response:
        """Every draft that was ever saved, and since when it ran, if it did."""
        campaign_id = requests.path_id(request)
        entries = self._log.history.applied_to("campaigns", campaign_id)
        if not entries:
            raise definitions.missing("campaigns", campaign_id)
        found: list[dict[str, object]] = []
        for change in (entry.change for entry in entries):
            if change is None:
                continue
            if change.action == "put":
                draft = changes.decode_campaign(bytes(change.body))
                found.append(
                    {
                        **answers.fields(draft),
                        "version": change.based_on + 1,
                        "at": answers.time(change.at),
                        "by": change.by,
                        "published_at": None,
                    }
                )
            elif change.action == "publish":
                found[-1]["published_at"] = answers.time(change.at)
        return answers.json({"items": found[::-1], "cursor": None})

    def _acting(self, action: Action) -> Handler:
        async def act(request: Request) -> Response:
            campaign_id, seen = requests.path_id(request), requests.if_match(request)
            body = await actions.read(request, action)
            entry = self._existing(campaign_id)
            self._editor.check_seen(campaign_id, seen)
            actions.check(body, entry)
            foreseen = await actions.preview(body, entry, self._reader, now=self._clock())
            if foreseen is not None:
                return answers.json(foreseen)
            if is_done(entry, action):
                return _answer(entry, self._log.current)
            check(entry, action, self._log.current)
            if action == "publish":
                await rehearsals.check(entry.draft, self._log.current)
            said = actions.logged(body)
            after = await self._editor.act(campaign_id, action, seen=seen, body=said)
            return _answer(after.campaigns[campaign_id], after)

        return act

    def _existing(self, campaign_id: str) -> CampaignEntry:
        entry = self._log.current.campaigns.get(campaign_id)
        if entry is None or entry.deleted:
            raise definitions.missing("campaigns", campaign_id)
        return entry


def shape(entry: CampaignEntry, known: Definitions) -> object:
    """The draft, and where it stands; `published_version` is what runs.

    `warming`: how far the past of what its rules count is filled in.
    """
    return {
        **answers.fields(entry.draft),
        "version": entry.draft_version,
        "published_version": entry.published_version or None,
        "status": entry.status,
        "failure": _failure(entry),
        "guard": _guard(entry),
        "revision": entry.revision,
        **warmth.of_campaign(entry, known),
    }


def _guard(entry: CampaignEntry) -> object:
    """The volume guard that paused it; null where none did."""
    if entry.guard is None:
        return None
    return {**answers.fields(entry.guard), "at": answers.time(entry.guard.at)}


def _failure(entry: CampaignEntry) -> object:
    """Why it switched itself off: what happened, in words; null where it did not."""
    if entry.failure is None:
        return None
    told = answers.fields(entry.failure)
    at = answers.time(entry.failure.at)
    return {**told, "at": at, "message": faults.SENTENCES[entry.failure.code]}


def is_done(entry: CampaignEntry, action: Action) -> bool:
    """Whether the campaign already is as the action would leave it."""
    if action == "publish":
        return entry.status == "live" and entry.published_version == entry.draft_version
    return entry.status == DONE[action]


def check(entry: CampaignEntry, action: Action, known: Definitions) -> None:
    """See that the action makes sense and that what would run can run.

    Raises:
        ConflictError: not from this status.
        RefusedError: a step sends a template that is not there, no policy, or a rule names
            what is gone.
    """
    if action == "publish":
        check_templates(entry.draft, known)
        check_policy(entry.draft, known)
        try:
            check_rules(entry.draft, known)
        except InvalidDefinitionError as error:
            raise definitions.refused(error) from error
    elif entry.status not in MAY[action]:
        raise ConflictError(
            "wrong_status", f"a campaign that is {entry.status} cannot be told to {action}"
        )


def check_rules(campaign: Campaign, known: Definitions) -> None:
    """See that every rule means something in this installation.

    Raises:
        InvalidDefinitionError: with the place and the node of each flaw.
    """
    if found := installation.flaws(campaign, known):
        raise InvalidDefinitionError(found)


def check_templates(campaign: Campaign, known: Definitions) -> None:
    """See that every template the campaign sends is there, for the same channel.

    Raises:
        RefusedError: with the place of each that is not.
    """
    flaws = []
    for step_id, step in campaign.sends():
        path = f"steps.{step_id}.template"
        template = known.templates.get(step.template)
        if template is None or template.deleted:
            flaws.append(Flaw(path=path, message=f"there is no template {step.template!r}"))
        elif template.latest.channel != step.channel:
            flaws.append(Flaw(path=path, message=f"the template is not for {step.channel}"))
    if flaws:
        raise RefusedError("template_missing", flaws[0].message, flaws=flaws)


def check_policy(campaign: Campaign, known: Definitions) -> None:
    """See that the policy it names is there; the default always is.

    Raises:
        RefusedError: it is not.
    """
    entry = known.policies.get(campaign.policy)
    if campaign.policy != DEFAULT and (entry is None or entry.deleted):
        message = f"there is no policy {campaign.policy!r}"
        flaw = Flaw(path="policy", message=message)
        raise RefusedError("policy_missing", message, flaws=[flaw])


def _answer(entry: CampaignEntry, known: Definitions) -> Response:
    return answers.json(shape(entry, known), revision=entry.revision)
