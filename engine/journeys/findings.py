"""What our own checks looked at when they were against something: kept beside the reason."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from engine import capping, clocks, consent, suppressions
from engine.capping import Slot
from engine.customer import Contact, Customer
from engine.definitions.folded import Definitions, LiveTrigger
from engine.definitions.steps import SendStep
from engine.instances import INSTANCES_MAX, Instance
from engine.reasons import Reason
from engine.schedules.local import Zones
from engine.why import Saw

CAPS_TOLD: Final = 5
"""Of a message; more nobody reads."""


class Standing(NamedTuple):
    """Where the run stands."""

    customer: Customer
    instance: Instance
    live: LiveTrigger
    definitions: Definitions
    step: str | None
    now: int

    @property
    def sending(self) -> SendStep | None:
        """The step, of a message."""
        step = self.live.campaign.steps.get(self.step or "")
        return step if isinstance(step, SendStep) else None


def of(reason: Reason | None, standing: Standing) -> Saw:
    """What is worth keeping of it; empty where the reason says all."""
    known = None if reason is None else _SAW.get(reason)
    return {} if known is None else known(standing)


def _consent(standing: Standing) -> Saw:
    step = standing.sending
    if step is None:
        return {}
    category = step.category or standing.live.campaign.category
    said = consent.state(standing.customer.subscriptions, step.channel, category)
    return {"channel": step.channel, "category": category, "consent": said}


def _address(standing: Standing) -> Saw:
    step = standing.sending
    if step is None:
        return {}
    known = standing.customer.contacts.get("email" if step.channel == "email" else "phone")
    contact = known or Contact()
    return {
        "channel": step.channel,
        "state": contact.state,
        "kind": contact.kind,
        "changed_at": contact.changed_at,
    }


def _entries(standing: Standing) -> Saw:
    trigger, instance = standing.live.trigger, standing.instance
    inside = [one for one in standing.customer.runs if one.campaign == instance.campaign]
    return {
        "re_entry": trigger.re_entry.policy,
        "entered_at": standing.customer.entered.get(instance.campaign),
        "key": instance.key or None,
        "runs": len(inside),
        "runs_max": trigger.max_concurrent,
    }


def _runs(standing: Standing) -> Saw:
    return {"runs": len(standing.customer.runs), "runs_max": INSTANCES_MAX}


def _limit(standing: Standing) -> Saw:
    limit = standing.live.campaign.limit
    if limit is None:
        return {}
    counter = f"campaign:{standing.instance.campaign}:limit"
    return {"counter": counter, "limit": limit.total, "per": limit.per}


def _guard(standing: Standing) -> Saw:
    guard = standing.live.trigger.volume_guard
    return {} if guard is None else {"entries": guard.entries, "per": guard.per}


def _caps(standing: Standing) -> Saw:
    """Each cap that counts the message with what stands under it.

    What stands under the address only its worker knows: where none here is full it was that one.
    """
    step, campaign = standing.sending, standing.live.campaign
    if step is None:
        return {}
    customer, known = standing.customer, clocks.timezone(standing.customer)
    company = standing.definitions.settings.timezone
    zones = Zones(None if known is None else known[0], company)
    slot = Slot(message_id="", channel=step.channel, category=step.category or campaign.category)
    found: Saw = {}
    caps = capping.covering(standing.definitions.policy(campaign).caps, slot)
    for place, cap in enumerate(caps[:CAPS_TOLD], start=1):
        taken = capping.standing(customer.counts, cap, slot, now=standing.now, zones=zones)
        found[f"cap_{place}"] = f"{taken} of {cap.limit} in {cap.window or f'a {cap.per}'}"
    return found


def _lifetime(standing: Standing) -> Saw:
    step = standing.sending
    ttl = None if step is None else step.ttl
    return {"arrived_at": standing.instance.arrived_at, "ttl": ttl}


def _holdout(standing: Standing) -> Saw:
    holdout = standing.live.campaign.holdout
    return {} if holdout is None else {"basis_points": holdout.basis_points}


def _suppression(standing: Standing) -> Saw:
    step = standing.sending
    kind = None if step is None else suppressions.kind_of(step.channel)
    known = None if kind is None else standing.customer.suppressions.get(kind)
    if step is None or known is None:
        return {}
    return {"channel": step.channel, "scope": known.scope, "because": known.reason}


_SAW: Final[Mapping[Reason, Callable[[Standing], Saw]]] = {
    "suppressed": _suppression,
    "no_consent": _consent,
    "no_address": _address,
    "invalid_address": _address,
    "not_mobile": _address,
    "already_in_campaign": _entries,
    "throttled": _entries,
    "too_many_runs": _runs,
    "limit_reached": _limit,
    "limit_unanswered": _limit,
    "volume_guard": _guard,
    "capped": _caps,
    "cap_unanswered": _caps,
    "priority": _caps,
    "expired": _lifetime,
    "holdout": _holdout,
}
