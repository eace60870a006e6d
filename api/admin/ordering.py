"""From what somebody asks for to the order of a job, checked against what there is."""

from typing import Any, Final

import msgspec

from api.admin import campaigns, definitions
from api.admin.errors import BadRequestError, ConflictError, NotFoundError
from api.jobs.jobs import Action, Order
from engine import durations
from engine.definitions import changes
from engine.definitions.campaigns import Campaign
from engine.definitions.folded import Definitions
from engine.definitions.triggers import batches
from engine.definitions.triggers.batches import AudienceBatch, BatchParams
from engine.errors import Flaw, InvalidDefinitionError
from engine.messages import MessageClass
from engine.rules.nodes import InAudience, InSegment, Rule

TRIGGER: Final = "batch"
STEP: Final = "send"


class ActionParams(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an action needs; each takes some of these, and no others."""

    tag: str | None = None
    """`tag`, `untag`, `audience`."""
    id: str | None = None
    """`audience`: its id; the tag unless it is said."""
    name: str | None = None
    """`audience`, `message`: for people."""
    template: str | None = None
    """With the next four: `message`."""
    channel: str | None = None
    message_class: MessageClass | None = msgspec.field(default=None, name="class")
    category: str | None = None
    policy: str | None = None
    campaign: str | None = None
    """`start_campaign`."""
    rate: int | None = None
    """With the next three the pace of `message` and `start_campaign`; what is not said goes by the
    trigger."""
    waves: int | None = None
    wave_every: str | None = None
    deadline: str | None = None


_PACE: Final = ("rate", "waves", "wave_every", "deadline")

TAKES: Final[dict[Action, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "tag": (("tag",), ()),
    "untag": (("tag",), ()),
    "audience": ((), ("id", "tag", "name")),
    "export": ((), ()),
    "message": (
        ("template",),
        ("channel", "message_class", "category", "policy", "name", *_PACE),
    ),
    "start_campaign": (("campaign",), _PACE),
}
"""What each action needs, and what it may have besides."""


def check_params(action: Action, params: ActionParams) -> None:
    """See that the action has what it needs and nothing that it would overlook.

    Raises:
        BadRequestError: with the place of each.
    """
    needed, others = TAKES[action]
    flaws = [
        Flaw(path=f"params.{name}", message=f"{action} needs it")
        for name in needed
        if not getattr(params, name)
    ]
    flaws += [
        Flaw(path=f"params.{name}", message=f"nothing that {action} takes")
        for name in params.__struct_fields__
        if getattr(params, name) is not None and name not in (*needed, *others)
    ]
    if params.tag is not None and not (
        1 <= len(params.tag) <= TAG_CHARS_MAX and params.tag.isprintable()
    ):
        message = f"1 to {TAG_CHARS_MAX} printable characters"
        flaws.append(Flaw(path="params.tag", message=message))
    if flaws:
        raise BadRequestError("invalid_body", flaws[0].message, flaws=flaws)


TAG_CHARS_MAX: Final = 100


def paced(order: Order, params: ActionParams, given: BatchParams) -> Order:
    """The pace that was asked for, else the trigger's.

    Raises:
        BadRequestError: it is none.
    """
    said = {name: value for name in _PACE if (value := getattr(params, name)) is not None}
    pace = msgspec.structs.replace(given, **said)
    flaws = list(batches.pace_flaws(rate=pace.rate, waves=pace.waves))
    lengths: dict[str, int] = {}
    for name, text in pace.lengths():
        try:
            lengths[name] = durations.parse_ms(text)
        except ValueError as error:
            flaws.append(Flaw(path=name, message=str(error)))
    if flaws:
        placed = [msgspec.structs.replace(flaw, path=f"params.{flaw.path}") for flaw in flaws]
        raise BadRequestError("invalid_body", placed[0].message, flaws=placed)
    return msgspec.structs.replace(
        order,
        rate=pace.rate,
        waves=pace.waves,
        wave_every_ms=lengths["wave_every"],
        expires_at=order.asked_at + lengths["deadline"],
    )


def batch_of(campaign_id: str, known: Definitions) -> AudienceBatch:
    """The trigger by which a job puts customers into a campaign that runs.

    Raises:
        NotFoundError: there is no such campaign.
        ConflictError: it does not run, or has no such trigger.
    """
    entry = known.campaigns.get(campaign_id)
    if entry is None or entry.deleted:
        raise NotFoundError("campaign", campaign_id)
    if entry.status != "live" or entry.published is None:
        message = f"the campaign {campaign_id!r} is {entry.status}: publish or resume it first"
        raise ConflictError("wrong_status", message)
    for trigger in entry.published.triggers:
        if isinstance(trigger, AudienceBatch) and trigger.enabled:
            return trigger
    raise ConflictError(
        "no_batch_trigger",
        f"the campaign {campaign_id!r} is not entered by hand: "
        'add the trigger {"id": "batch", "type": "T49"} and publish it',
    )


def of_trigger(trigger: AudienceBatch) -> Rule:
    """Whom a start is for that names nobody.

    Raises:
        BadRequestError: the trigger does not say.
    """
    params = trigger.params
    if params.segment is not None:
        return InSegment(id="n1", segment=params.segment)
    if params.tag is not None:
        return InAudience(id="n1", tag=params.tag)
    flaw = Flaw(path="rule", message="say whom: the trigger has neither a segment nor a tag")
    raise BadRequestError("invalid_body", flaw.message, flaws=[flaw])


def message_campaign(job_id: str, params: ActionParams, known: Definitions) -> Campaign:
    """One send, entered by hand: whatever holds for campaigns holds for it.

    Raises:
        BadRequestError: it is no campaign.
        RefusedError: there is no such template or policy.
    """
    body: dict[str, Any] = {
        "id": f"message-{job_id}",
        "name": params.name or f"Message {params.template}",
        "class": params.message_class or "marketing",
        "category": params.category,
        "triggers": [{"id": TRIGGER, "type": "T49"}],
        "start": STEP,
        "steps": {
            STEP: {
                "type": "send",
                "channel": params.channel or "email",
                "template": params.template,
            }
        },
    }
    if params.policy is not None:
        body["policy"] = params.policy
    try:
        campaign = changes.decode_campaign(msgspec.json.encode(body))
    except InvalidDefinitionError as error:
        raise definitions.refused(error) from error
    campaigns.check_templates(campaign, known)
    campaigns.check_policy(campaign, known)
    return campaign
