"""A customer in a campaign: fired, entered, a message or the reason why not, and out again."""

from typing import Final, NamedTuple

import msgspec

from engine import admission, carts, durations, ids, purchases, responses
from engine.admission import Admitted, Refused
from engine.customer import Customer
from engine.definitions.campaigns import AbandonmentParams, SendStep
from engine.definitions.folded import Definitions, LiveTrigger
from engine.effects import Effect, RecordFact, SendMessage
from engine.events import RecheckRequested
from engine.facts import Fact, FactKind, Reason
from engine.messages import Message
from engine.products import Product

MESSAGE_TTL_MS: Final = 24 * 60 * 60 * 1000
"""A reminder that is a day late is none; at most 7 days by the design."""

ENTERED_MAX: Final = 100
"""Campaigns whose last entry is remembered, for re-entry."""


class Firing(NamedTuple):
    """A trigger that fired: who, which, and the instant that makes it this firing."""

    live: LiveTrigger
    due_at: int
    now: int

    def instance(self, customer: Customer) -> str:
        """The id of the customer's run through this version."""
        campaign = self.live.campaign
        return ids.derived(
            campaign.id, self.live.version, customer.id, self.live.trigger.id, self.due_at
        )


def enter(
    customer: Customer, firing: Firing, definitions: Definitions
) -> tuple[Customer, list[Effect]]:
    """Let the customer in and run to the end; a firing is recorded whatever is decided then."""
    campaign = firing.live.campaign
    fired = _fact(customer, firing, "fired")
    policy = firing.live.trigger.re_entry.policy
    if policy == "never" and campaign.id in customer.entered:
        return customer, [fired, _fact(customer, firing, "not_sent", reason="already_in_campaign")]
    inside = _entered(customer, campaign.id, firing.now)
    step = campaign.steps[campaign.start]
    sent, effects = _send(inside, firing, step, definitions)
    return sent, [
        fired,
        _fact(customer, firing, "entered"),
        *effects,
        _fact(customer, firing, "exited", reason="completed"),
    ]


def recheck(
    customer: Customer, event: RecheckRequested, definitions: Definitions, *, now: int
) -> list[Effect]:
    """Admit a message again that waited too long: it leaves under its own id, or not at all."""
    message = event.message
    reason = _refusal(customer, message, definitions, now=now)
    if reason is None:
        params = _params_of(message, definitions)
        fresh = msgspec.structs.replace(
            message, decided_at=now, context=context(customer, params.container)
        )
        return [SendMessage(message=fresh)]
    return [
        RecordFact(
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
    ]


def context(customer: Customer, container: str) -> dict[str, object]:
    """What a template may use; money is decimal text."""
    cart = carts.container(customer, container)
    return {
        "customer": {**customer.attributes, "id": customer.id},
        "cart": {
            "items": [_shown(item.product) for item in cart.items],
            "count": sum(item.product.quantity for item in cart.items),
            "value": str(carts.value(cart)),
            "currency": cart.currency,
        },
    }


def _shown(product: Product) -> dict[str, object]:
    """Every field, the absent ones too: templates are strict about what is undefined."""
    return {
        "id": product.id,
        "name": product.name,
        "category": product.category,
        "price": None if product.price is None else str(product.price),
        "quantity": product.quantity,
        "url": product.url,
        "image_url": product.image_url,
    }


def _refusal(
    customer: Customer, message: Message, definitions: Definitions, *, now: int
) -> Reason | None:
    if now >= message.expires_at:
        return "expired"
    if definitions.live(message.campaign) is None:
        return "campaign_stopped"
    params = _params_of(message, definitions)
    is_empty = not carts.container(customer, params.container).items
    if is_empty or _is_completed(customer, message, params):
        return "completed"
    admitted = admission.admit(
        customer,
        channel=message.channel,
        category=message.category,
        message_class=message.message_class,
    )
    return admitted.reason if isinstance(admitted, Refused) else None


def _params_of(message: Message, definitions: Definitions) -> AbandonmentParams:
    """What the trigger of a message watches, by the version that runs now."""
    entry = definitions.live(message.campaign)
    if entry is not None and entry.published is not None:
        for trigger in entry.published.triggers:
            if trigger.id == message.trigger:
                return trigger.params
    return AbandonmentParams()


def _is_completed(customer: Customer, message: Message, params: AbandonmentParams) -> bool:
    """A purchase came to be known after the last add; of the same cart, the cart alone tells."""
    if params.match == "same_cart":
        return False
    armed_at = message.caused_at - durations.parse_ms(params.idle)
    return any(
        sums.last_at is not None and sums.last_at > armed_at
        for sums in purchases.completing(customer, params.completed_by)
    )


def _send(
    customer: Customer, firing: Firing, step: SendStep, definitions: Definitions
) -> tuple[Customer, list[Effect]]:
    campaign = firing.live.campaign
    template = definitions.templates.get(step.template)
    if template is None or template.deleted:
        return customer, [
            _fact(customer, firing, "not_sent", reason="no_template", step=campaign.start)
        ]
    match admission.admit(
        customer,
        channel=step.channel,
        category=campaign.category,
        message_class=campaign.message_class,
    ):
        case Refused(reason):
            return customer, [
                _fact(customer, firing, "not_sent", reason=reason, step=campaign.start)
            ]
        case Admitted(to):
            message = _message(
                customer, firing, step, to=to, template_version=max(template.versions)
            )
            sent = _fact(
                customer,
                firing,
                "sent",
                reason="admitted",
                step=campaign.start,
                message_id=message.id,
            )
            return responses.remember(customer, message), [SendMessage(message=message), sent]


def _message(
    customer: Customer, firing: Firing, step: SendStep, *, to: str, template_version: int
) -> Message:
    campaign, version, trigger = firing.live
    instance = firing.instance(customer)
    return Message(
        id=ids.derived(campaign.id, version, customer.id, instance, campaign.start),
        customer=customer.id,
        channel=step.channel,
        to=to,
        campaign=campaign.id,
        version=version,
        trigger=trigger.id,
        instance=instance,
        step=campaign.start,
        template=step.template,
        template_version=template_version,
        message_class=campaign.message_class,
        category=campaign.category,
        context=context(customer, trigger.params.container),
        decided_at=firing.now,
        caused_at=firing.due_at,
        expires_at=firing.now + MESSAGE_TTL_MS,
    )


def _fact(
    customer: Customer,
    firing: Firing,
    kind: FactKind,
    *,
    reason: Reason | None = None,
    step: str | None = None,
    message_id: str | None = None,
) -> RecordFact:
    instance = firing.instance(customer)
    return RecordFact(
        fact=Fact(
            id=ids.derived(kind, instance, step or ""),
            customer=customer.id,
            kind=kind,
            at=firing.due_at,
            campaign=firing.live.campaign.id,
            version=firing.live.version,
            trigger=firing.live.trigger.id,
            instance=instance,
            step=step,
            message_id=message_id,
            reason=reason,
        )
    )


def _entered(customer: Customer, campaign_id: str, now: int) -> Customer:
    others = {key: at for key, at in customer.entered.items() if key != campaign_id}
    kept = dict(list(others.items())[-(ENTERED_MAX - 1) :])
    return msgspec.structs.replace(customer, entered={**kept, campaign_id: now})
