"""The send step: a message, or the reason why there is none."""

from engine import admission, durations, ids, responses
from engine.admission import Admitted, Refused
from engine.definitions.steps import SendStep
from engine.effects import SendMessage
from engine.journeys import capped, contexts, pacing, remembering
from engine.journeys.capped import Asked
from engine.journeys.pacing import Held
from engine.journeys.walks import Walk
from engine.messages import Message
from engine.reasons import Reason
from engine.triggers.machines import Began
from engine.triggers.types import MACHINES


def send(walk: Walk, step: SendStep) -> Reason | Held | Asked | None:
    """Send, and remember it; or record and return what is against it, for now or for good."""
    reason, to = checked(walk, step)
    if reason is not None:
        walk.record("not_sent", reason, step=walk.instance.step)
        return reason
    message = _message(walk, step, to=to)
    against = _held(walk, message)
    if isinstance(against, Held):
        return against
    # Asked last, so that the control group are those who would have been sent it, and when.
    if against is None and walk.instance.is_shadow:
        against = "holdout"
    if against is not None:
        walk.record("not_sent", against, step=message.step)
        return against
    if not capped.has_place(walk, message):
        return capped.ask(walk, message)
    capped.reserve(walk, message)
    walk.customer = responses.remember(walk.customer, message)
    walk.effects.append(SendMessage(message=message))
    walk.note(message_id=message.id)
    walk.record("sent", "admitted", step=message.step, message_id=message.id)
    return None


def _held(walk: Walk, message: Message) -> Reason | Held | None:
    """What keeps it back: the hour it waits for, quiet hours, and then the caps."""
    definitions, campaign = walk.definitions, walk.live.campaign
    since, policy = walk.instance.arrived_at, definitions.policy(campaign)
    against = pacing.best_time(
        walk.customer, message, definitions, since=since, policy=policy
    ) or pacing.held(walk.customer, message, definitions, campaign)
    if isinstance(against, Held):
        walk.record(
            "deferred",
            against.reason,
            step=message.step,
            name=against.zone,
            origin=against.zone_source,
            saw={"until": against.until},
        )
    return against or capped.against(walk, message)


def checked(walk: Walk, step: SendStep) -> tuple[Reason | None, str]:
    """What is against it, or the address it goes to."""
    if walk.clock.now - walk.instance.arrived_at >= durations.parse_ms(step.ttl):
        return "expired", ""
    stale = _stale(walk)
    if stale is not None:
        return stale, ""
    template = walk.definitions.templates.get(step.template)
    if template is None or template.deleted:
        return "no_template", ""
    match admission.admit(
        walk.customer,
        channel=step.channel,
        category=step.category or walk.live.campaign.category,
        message_class=walk.live.campaign.message_class,
        policy=walk.definitions.policy(walk.live.campaign),
    ):
        case Refused(reason):
            return reason, ""
        case Admitted(to):
            return None, to


def _stale(walk: Walk) -> Reason | None:
    """Why what let the customer in is no reason any more; just now it was."""
    instance, trigger = walk.instance, walk.live.trigger
    if instance.entered_at == walk.clock.now:
        return None
    began = Began(instance.caused_at, instance.event)
    return MACHINES[type(trigger)].refusal(trigger, walk.customer, began)


def _message(walk: Walk, step: SendStep, *, to: str) -> Message:
    instance, campaign = walk.instance, walk.live.campaign
    template = walk.definitions.templates[step.template]
    rounds = (walk.rounds,) if walk.rounds else ()
    return Message(
        id=ids.derived(
            campaign.id, instance.version, walk.customer.id, instance.id, instance.step, *rounds
        ),
        customer=walk.customer.id,
        channel=step.channel,
        to=to,
        campaign=campaign.id,
        version=instance.version,
        trigger=instance.trigger,
        instance=instance.id,
        step=instance.step,
        template=step.template,
        template_version=max(template.versions),
        message_class=campaign.message_class,
        category=step.category or campaign.category,
        context=contexts.of(
            walk.customer,
            walk.live.trigger,
            campaign=campaign.id,
            event=instance.event,
            entry=remembering.shown(walk, template.latest),
        ),
        decided_at=walk.clock.now,
        caused_at=walk.clock.at,
        began_at=instance.caused_at,
        expires_at=instance.arrived_at + durations.parse_ms(step.ttl),
    )
