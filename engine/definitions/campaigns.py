"""A campaign as its author writes it; the defaults are the ones clients rely on."""

from typing import Literal, TypeAlias

import msgspec

from engine import durations
from engine.errors import Flaw
from engine.messages import MessageClass

StepId: TypeAlias = str


class AbandonmentParams(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """T01: a container idle for `idle`, not completed by a purchase."""

    container: str = "cart"
    idle: str = "30m"
    completed_by: Literal["web_order", "order", "receipt", "any"] = "any"
    match: Literal["same_cart", "any_purchase"] = "any_purchase"
    reset_on: Literal["any_change", "add"] = "add"


class ReEntry(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """Whether somebody who was in the campaign may enter again."""

    policy: Literal["always", "never"] = "always"


class Trigger(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """What lets customers in."""

    id: str
    type: Literal["T01"]
    params: AbandonmentParams = AbandonmentParams()
    audience: None = None
    exclude: None = None
    re_entry: ReEntry = ReEntry()
    max_lateness: str = "24h"


class SendStep(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    tag_field="type",
    tag="send",
):
    """One message on one channel."""

    channel: Literal["email"]
    template: str
    next: None = None


class Campaign(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    rename={"message_class": "class"},
):
    """One version; immutable once saved."""

    id: str
    name: str = ""
    message_class: MessageClass = "marketing"
    category: str | None = None
    triggers: tuple[Trigger, ...]
    start: StepId
    steps: dict[StepId, SendStep]


def flaws(campaign: Campaign) -> list[Flaw]:
    """Everything wrong that the types alone do not say."""
    return [*_trigger_flaws(campaign), *_step_flaws(campaign)]


def _trigger_flaws(campaign: Campaign) -> list[Flaw]:
    found = []
    if not campaign.triggers:
        found.append(Flaw(path="triggers", message="a campaign needs a trigger"))
    ids = [trigger.id for trigger in campaign.triggers]
    if len(set(ids)) != len(ids):
        found.append(Flaw(path="triggers", message="two triggers have the same id"))
    for place, trigger in enumerate(campaign.triggers):
        for name, text in (
            ("params.idle", trigger.params.idle),
            ("max_lateness", trigger.max_lateness),
        ):
            try:
                durations.parse_ms(text)
            except ValueError as error:
                found.append(Flaw(path=f"triggers[{place}].{name}", message=str(error)))
    return found


def _step_flaws(campaign: Campaign) -> list[Flaw]:
    if campaign.start not in campaign.steps:
        return [Flaw(path="start", message=f"there is no step {campaign.start!r}")]
    return [
        Flaw(path=f"steps.{step}", message="no step leads here")
        for step in campaign.steps
        if step != campaign.start
    ]
