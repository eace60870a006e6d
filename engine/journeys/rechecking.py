"""A message that waited too long in delivery is admitted again, or dropped with the reason."""

import msgspec

from engine import admission, ids
from engine.admission import Refused
from engine.customer import Customer
from engine.definitions.folded import Definitions, LiveTrigger
from engine.definitions.policies import Policy
from engine.effects import Effect, RecordFact, SendMessage
from engine.events import RecheckRequested
from engine.facts import Fact, Reason
from engine.journeys import contexts, pacing
from engine.messages import Message
from engine.triggers.types import MACHINES


def recheck(
    customer: Customer, event: RecheckRequested, definitions: Definitions, *, now: int
) -> list[Effect]:
    """It leaves under its own id, with what its template may use made anew; or not at all."""
    message = event.message
    live = definitions.trigger_of(message.campaign, message.version, message.trigger)
    if live is None or definitions.status(message.campaign) != "live":
        return [_dropped(customer, event, "campaign_stopped")]
    reason = _refusal(customer, message, live, policy=definitions.policy(live.campaign), now=now)
    if reason is None and pacing.is_quiet(
        customer, message, definitions, campaign=live.campaign, now=now
    ):
        reason = "quiet_hours"
    if reason is not None:
        return [_dropped(customer, event, reason)]
    context = contexts.of(customer, live.trigger, _triggering(message))
    fresh = msgspec.structs.replace(message, decided_at=now, context=context)
    return [SendMessage(message=fresh)]


def _refusal(
    customer: Customer, message: Message, live: LiveTrigger, *, policy: Policy, now: int
) -> Reason | None:
    if now >= message.expires_at:
        return "expired"
    began_at = message.began_at or message.caused_at
    stale = MACHINES[type(live.trigger)].refusal(live.trigger, customer, began_at)
    if stale is not None:
        return stale
    admitted = admission.admit(
        customer,
        channel=message.channel,
        category=message.category,
        message_class=message.message_class,
        policy=policy,
    )
    return admitted.reason if isinstance(admitted, Refused) else None


def _triggering(message: Message) -> dict[str, object]:
    event = message.context.get("event")
    return event if isinstance(event, dict) else {}


def _dropped(customer: Customer, event: RecheckRequested, reason: Reason) -> Effect:
    message = event.message
    return RecordFact(
        fact=Fact(
            id=ids.derived("recheck", message.id, event.id),
            customer=customer.id,
            kind="not_sent",
            at=event.occurred_at,
            campaign=message.campaign,
            version=message.version,
            trigger=message.trigger,
            instance=message.instance,
            step=message.step,
            message_id=message.id,
            reason=reason,
        )
    )
