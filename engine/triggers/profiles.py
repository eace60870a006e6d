"""What is known of a customer: T23, T30, T35, T36, T40 and T46."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from engine import consent, durations, points, traits
from engine.commands import Activated
from engine.conditions.evaluation import Document
from engine.customer import Contact, Customer
from engine.declarations import ProfileUpdated, SubscriptionsChanged
from engine.definitions.triggers.profiles import (
    BonusesChanged,
    ConsentChanged,
    ContactChanged,
    PromoCodeChanged,
    Registered,
    SinceRegistration,
)
from engine.events import Event, PromoCodeIssued, Responded
from engine.triggers import dating, matching
from engine.triggers.machines import (
    DAY_MS,
    Arm,
    Disarm,
    Fire,
    Keep,
    Machine,
    Outcome,
    Rung,
    Seen,
)


def _registered(seen: Seen[SinceRegistration]) -> Iterator[Outcome]:
    """T23: a day that is past already is not made up for."""
    was, at = seen.before.registered_at, seen.customer.registered_at
    if at is None:
        if was is not None:
            yield Disarm()
    elif at != was:
        due_at = _registered_due(seen, at)
        is_ahead = due_at > seen.now or isinstance(seen.event, Activated)
        yield Arm(due_at) if is_ahead else Disarm()


def _registered_due(asked: Seen[SinceRegistration] | Rung[SinceRegistration], at: int) -> int:
    params = asked.trigger.params
    return dating.due(params, at, days=params.days, zones=dating.zones(asked))


def _came(seen: Seen[Registered]) -> Iterator[Outcome]:
    """T30: at once, or when all is known that is needed, if that comes in time."""
    was, at = seen.before.registered_at, seen.customer.registered_at
    trigger, params = seen.trigger, seen.trigger.params
    if was is None and at is not None:
        is_long_ago = seen.now - at > durations.parse_ms(trigger.max_lateness)
        if is_long_ago or params.source not in {None, seen.event.source}:
            return
        if _is_complete(trigger, seen.customer):
            yield Fire()
            return
        due_at = seen.event.occurred_at + durations.parse_ms(params.timeout)
        yield Keep((due_at,))
        yield Arm(due_at)
        return
    waits = seen.note().times
    if waits and seen.event.occurred_at <= waits[-1] and _is_complete(trigger, seen.customer):
        yield Disarm()
        yield Keep()
        yield Fire()


def _is_complete(trigger: Registered, customer: Customer) -> bool:
    params = trigger.params
    has = {"email": customer.email is not None, "phone": customer.phone is not None}
    is_reached = params.contact is None or (
        any(has.values()) if params.contact == "any" else has[params.contact]
    )
    values = (traits.found(customer.attributes, path) for path in params.require)
    return is_reached and all(value not in {None, ""} for value in map(_hashable, values))


def _hashable(value: object) -> object:
    """A list or an object is there, whatever it holds."""
    return True if isinstance(value, list | dict) else value


def _timed_out(rung: Rung[Registered]) -> Document | None:
    if rung.trigger.params.on_timeout == "skip" or not rung.note().times:
        return None
    return {"registered_at": rung.customer.registered_at}


def _waited(_rung: Rung[Registered]) -> Iterator[Keep]:
    yield Keep()


def _since_registration(rung: Rung[SinceRegistration]) -> Document | None:
    return {"registered_at": rung.customer.registered_at, "days": rung.trigger.params.days}


def _consent(seen: Seen[ConsentChanged]) -> Iterator[Outcome]:
    """T35."""
    params = seen.trigger.params
    before, after = (
        consent.state(one.subscriptions, params.channel, params.category)
        for one in (seen.before, seen.customer)
    )
    if params.origin not in {None, _origin(seen.event)}:
        return
    if before != after and params.before in {None, before} and params.after in {None, after}:
        yield Fire()


def _origin(event: Event) -> str:
    """Who says so, as the fact of the change has it."""
    if isinstance(event, Responded):
        return "complaint" if event.response == "complained" else "customer"
    if isinstance(event, SubscriptionsChanged):
        return event.origin
    return "import" if isinstance(event, ProfileUpdated) else "customer"


def _contact(seen: Seen[ContactChanged]) -> Iterator[Outcome]:
    """T36."""
    channel, became = seen.trigger.params.channel, seen.trigger.params.became
    if became == "added":
        if not _address(seen.before, channel) and _address(seen.customer, channel):
            yield Fire()
        return
    before, after = (
        one.contacts.get(channel, Contact()).state for one in (seen.before, seen.customer)
    )
    if before != after == became:
        yield Fire()


def _address(customer: Customer, channel: str) -> str | None:
    return customer.email if channel == "email" else customer.phone


def _bonuses(seen: Seen[BonusesChanged]) -> Iterator[Outcome]:
    """T40: the first balance that is said was not accrued now; what expires was not spent."""
    params = seen.trigger.params
    difference = _gained(seen)
    amount = difference if params.action == "accrued" else -difference
    if amount > Decimal(0) and matching.is_between(amount, params.min_amount, None):
        yield Fire()


def _gained(seen: Seen[BonusesChanged]) -> Decimal:
    if seen.trigger.params.kind == "points":
        was, has = (
            points.balance(one.points, now=seen.now) for one in (seen.before, seen.customer)
        )
        return Decimal(has - was)
    before, after = seen.before.loyalty, seen.customer.loyalty
    return Decimal(0) if before is None or after is None else after.active - before.active


def _promo(seen: Seen[PromoCodeChanged]) -> Iterator[Outcome]:
    """T46: a code said again was issued, or used, before; one that was used expires no more."""
    event, params = seen.event, seen.trigger.params
    if not isinstance(event, PromoCodeIssued) or params.group not in {None, event.group}:
        return
    if params.what == "expiring":
        is_over = event.expires_at is None or event.expires_at <= seen.now
        if event.expires_at is None or is_over or event.used_at is not None:
            yield Disarm(event.code)
        else:
            yield Arm(event.expires_at - params.days_before * DAY_MS, name=event.code)
    elif params.what == "used":
        if event.used_at is not None and event.code not in _codes(seen.before, are_used=True):
            yield Fire()
    elif event.code not in _codes(seen.before):
        yield Fire()


def _codes(customer: Customer, *, are_used: bool = False) -> set[str]:
    known = customer.promo_codes
    return {one.code for one in known if not are_used or one.used_at is not None}


def _expiring(rung: Rung[PromoCodeChanged]) -> Document | None:
    for known in rung.customer.promo_codes:
        if known.code == rung.name and known.expires_at is not None and known.used_at is None:
            return {"code": known.code, "group": known.group, "expires_at": known.expires_at}
    return None


CAME: Final = Machine(_came, _timed_out, again=_waited)
REGISTERED: Final = Machine(_registered, _since_registration)
CONSENT: Final = Machine(_consent)
CONTACT: Final = Machine(_contact)
BONUSES: Final = Machine(_bonuses)
PROMO: Final = Machine(_promo, _expiring)
