"""`POST /api/campaigns/{id}/explain`: would this customer enter now, and if not, why?"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, decided, definitions, requests
from api.admin.decided import Grounds
from api.admin.definitions import Clock
from api.admin.endpoints import Endpoint
from api.admin.errors import BadRequestError
from api.admin.rows import Rows
from engine.definitions.campaigns import Campaign
from engine.definitions.entries import CampaignEntry
from engine.definitions.folded import Definitions, LiveTrigger
from engine.definitions.triggers.types import Trigger
from engine.errors import Flaw
from engine.journeys import foreseeing
from engine.journeys.foreseeing import Asking, Foreseen
from engine.reasons import SENTENCES, Reason

NOT_LIVE: Final = {
    "draft": "the campaign is a draft: publish it",
    "paused": "the campaign is paused: it lets in nobody until it is resumed",
    "failed": "the campaign switched itself off, its page says why: publish a version that works",
    "stopped": "the campaign is stopped: publish it again",
}


class Supposed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who, and by what."""

    customer: str
    event: dict[str, Any] = {}
    """What the trigger fires by, as its filter and keys see it: `{"properties": {"plan": "a"}}`."""


class TriggerAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Of one trigger, if it fired now."""

    trigger: str
    type: str
    would_enter: bool
    reason: Reason | None
    words: str
    why: Grounds | None


class MessageAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Of one message of the campaign, if its step came now; quiet hours are not asked."""

    step: str
    channel: str
    template: str
    would_send: bool
    reason: Reason | None
    words: str
    why: Grounds | None


class Foretold(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer; it changes nothing, and claims no place of a limited campaign."""

    customer: str
    campaign: str
    version: int
    """That was asked: the one that runs, or the draft where none does."""
    status: str
    would_enter: bool
    words: str
    triggers: tuple[TriggerAnswer, ...]
    messages: tuple[MessageAnswer, ...]


class Foresight:
    """Asks the engine itself, on what Redis knows of the customer."""

    def __init__(self, *, rows: Rows, definitions: Callable[[], Definitions], clock: Clock) -> None:
        self._rows = rows
        self._definitions = definitions
        self._clock = clock

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        return (
            Endpoint(
                method="POST",
                path="/api/campaigns/{id}/explain",
                handler=self.explain,
                summary="Would this customer enter now, and be sent the messages? With the reason.",
                body=Supposed,
                answer=Foretold,
                statuses=(400, 404, 410, 503),
            ),
        )

    async def explain(self, request: Request) -> Response:
        """Ask; 404 for a campaign or a customer that nobody knows."""
        campaign_id = requests.path_id(request)
        body = requests.decoded(await requests.json_body(request), Supposed)
        if not body.customer:
            flaw = Flaw(path="customer", message="the id of a customer")
            raise BadRequestError("invalid_body", f"customer: {flaw.message}", flaws=[flaw])
        known = self._definitions()
        entry = known.campaigns.get(campaign_id)
        if entry is None or entry.deleted:
            raise definitions.missing("campaigns", campaign_id)
        row = await self._rows.get(body.customer)
        now = max(self._clock(), row.now_at)
        asking = Asking(row.customer, known, now)
        return answers.json(foretold(entry, asking, body.event))


def foretold(entry: CampaignEntry, asking: Asking, event: dict[str, Any]) -> Foretold:
    """The answer for one customer."""
    campaign = entry.published or entry.draft
    version = entry.published_version if entry.published else entry.draft_version
    lives = [LiveTrigger(campaign, version, one) for one in campaign.triggers if one.enabled]
    triggers = tuple(_trigger(live, asking, event) for live in lives)
    messages = () if not lives else tuple(_messages(lives[0], asking))
    would_enter = entry.status == "live" and any(one.would_enter for one in triggers)
    return Foretold(
        customer=asking.customer.id,
        campaign=campaign.id,
        version=version,
        status=entry.status,
        would_enter=would_enter,
        words=_words(entry.status, triggers),
        triggers=triggers,
        messages=messages,
    )


def _words(status: str, triggers: Sequence[TriggerAnswer]) -> str:
    if status != "live":
        return f"no: {NOT_LIVE[status]}"
    if not triggers:
        return "no: every trigger is switched off"
    able = [one.trigger for one in triggers if one.would_enter]
    if able:
        return f"yes, as soon as a trigger fires: {', '.join(able)}"
    return f"no: {triggers[0].words}"


def _trigger(live: LiveTrigger, asking: Asking, event: dict[str, Any]) -> TriggerAnswer:
    found = foreseeing.entry(asking, live, event)
    why = _grounds(found, live.campaign, asking)
    return TriggerAnswer(
        trigger=live.trigger.id,
        type=_type(live.trigger),
        would_enter=found.reason is None,
        reason=found.reason,
        words=_said(found, why, otherwise="nothing is against it"),
        why=why,
    )


def _messages(live: LiveTrigger, asking: Asking) -> list[MessageAnswer]:
    answered = []
    for step_id, step in live.campaign.sends():
        found = foreseeing.message(asking, live, step_id=step_id, step=step)
        why = _grounds(found, live.campaign, asking)
        answered.append(
            MessageAnswer(
                step=step_id,
                channel=step.channel,
                template=step.template,
                would_send=found.reason is None,
                reason=found.reason,
                words=_said(found, why, otherwise=SENTENCES["admitted"]),
                why=why,
            )
        )
    return answered


def _grounds(found: Foreseen, campaign: Campaign, asking: Asking) -> Grounds | None:
    if found.rests is None:
        return None
    return decided.grounds(found.rests, campaign, asking.definitions)


def _said(found: Foreseen, why: Grounds | None, *, otherwise: str) -> str:
    said = otherwise if found.reason is None else SENTENCES[found.reason]
    return said if why is None else said + decided.details(why)


def _type(trigger: Trigger) -> str:
    return str(trigger.__struct_config__.tag)
