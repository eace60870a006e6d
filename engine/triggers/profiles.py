"""What is known of a customer: T23, T35, T36, T40 and T46."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from engine import consent
from engine.conditions.evaluation import Document
from engine.customer import Contact, Customer
from engine.definitions.triggers.profiles import (
    BonusesChanged,
    ConsentChanged,
    ContactChanged,
    PromoCodeChanged,
    SinceRegistration,
)
from engine.events import PromoCodeIssued
from engine.triggers import matching
from engine.triggers.machines import DAY_MS, Arm, Disarm, Fire, Machine, Outcome, Rung, Seen


def _registered(seen: Seen[SinceRegistration]) -> Iterator[Outcome]:
    """T23: a day that is past already is not made up for."""
    was, at = seen.before.registered_at, seen.customer.registered_at
    if at is None:
        if was is not None:
            yield Disarm()
    elif at != was:
        due_at = at + seen.trigger.params.days * DAY_MS
        yield Arm(due_at) if due_at > seen.now else Disarm()


def _since_registration(rung: Rung[SinceRegistration]) -> Document | None:
    return {"registered_at": rung.customer.registered_at, "days": rung.trigger.params.days}


def _consent(seen: Seen[ConsentChanged]) -> Iterator[Outcome]:
    """T35."""
    params = seen.trigger.params
    before, after = (
        consent.state(one.subscriptions, params.channel, params.category)
        for one in (seen.before, seen.customer)
    )
    if before != after and params.before in {None, before} and params.after in {None, after}:
        yield Fire()


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
    """T40: the first balance that is said was not accrued now."""
    was, now = seen.before.loyalty, seen.customer.loyalty
    if was is None or now is None:
        return
    params = seen.trigger.params
    difference = now.active - was.active
    amount = difference if params.action == "accrued" else -difference
    if amount > Decimal(0) and matching.is_between(amount, params.min_amount, None):
        yield Fire()


def _promo(seen: Seen[PromoCodeChanged]) -> Iterator[Outcome]:
    """T46: a code said again was issued before."""
    event, params = seen.event, seen.trigger.params
    if not isinstance(event, PromoCodeIssued) or params.group not in {None, event.group}:
        return
    if params.what == "expiring":
        if event.expires_at is None or event.expires_at <= seen.now:
            yield Disarm(event.code)
        else:
            yield Arm(event.expires_at - params.days_before * DAY_MS, name=event.code)
    elif all(known.code != event.code for known in seen.before.promo_codes):
        yield Fire()


def _expiring(rung: Rung[PromoCodeChanged]) -> Document | None:
    for known in rung.customer.promo_codes:
        if known.code == rung.name and known.expires_at is not None:
            return {"code": known.code, "group": known.group, "expires_at": known.expires_at}
    return None


REGISTERED: Final = Machine(_registered, _since_registration)
CONSENT: Final = Machine(_consent)
CONTACT: Final = Machine(_contact)
BONUSES: Final = Machine(_bonuses)
PROMO: Final = Machine(_promo, _expiring)
