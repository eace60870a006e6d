"""The balance of the loyalty programme: the programme counts, we keep what it said last."""

from decimal import Decimal
from typing import NamedTuple

import msgspec

from engine import ids
from engine.customer import Customer
from engine.effects import Effect, RecordFact
from engine.events import BonusBalanceChanged
from engine.facts import Fact
from engine.holdings import EXPIRING_MAX, Expiring, Loyalty

NOTHING = Loyalty(active=Decimal(0), updated_at=-1)


class Standing(NamedTuple):
    """What the balance is at an instant; expiries leave as time passes (M154-M156)."""

    active: Decimal
    pending: Decimal
    expiring_total: Decimal
    next_expiry_at: int | None
    next_expiry_amount: Decimal | None


def standing(loyalty: Loyalty, now: int) -> Standing:
    """Read the balance; `active` stays what the programme said, until it says otherwise."""
    ahead = [entry for entry in loyalty.expiring if entry.at > now]
    following = ahead[0] if ahead else None
    return Standing(
        active=loyalty.active,
        pending=loyalty.pending,
        expiring_total=sum((entry.amount for entry in ahead), Decimal(0)),
        next_expiry_at=None if following is None else following.at,
        next_expiry_amount=None if following is None else following.amount,
    )


def set_balance(customer: Customer, event: BonusBalanceChanged) -> Customer:
    """Take what the programme says; an older word than the last one changes nothing."""
    if customer.loyalty is not None and customer.loyalty.updated_at >= event.updated_at:
        return customer
    balance = Loyalty(
        active=event.active,
        pending=event.pending,
        expiring=_bounded(event.expiring),
        updated_at=event.updated_at,
    )
    return msgspec.structs.replace(customer, loyalty=balance)


def newest(one: Loyalty | None, other: Loyalty | None) -> Loyalty | None:
    """Of two balances of one person the one said last."""
    if one is None or other is None:
        return one or other
    return one if one.updated_at >= other.updated_at else other


def facts(before: Customer, after: Customer, event: BonusBalanceChanged) -> list[Effect]:
    """Each sum that is another one now (M011, M168)."""
    if before.loyalty == after.loyalty or after.loyalty is None:
        return []
    had, has = before.loyalty or NOTHING, after.loyalty
    sums = {
        "bonuses_active": (had.active, has.active),
        "bonuses_pending": (had.pending, has.pending),
    }
    return [
        RecordFact(
            fact=Fact(
                id=ids.derived("bonuses_changed", after.id, name, event.id),
                customer=after.id,
                kind="bonuses_changed",
                at=event.occurred_at,
                name=name,
                before=None if before.loyalty is None else str(old),
                after=str(new),
                cause=event.id,
            )
        )
        for name, (old, new) in sums.items()
        if old != new
    ]


def _bounded(expiring: tuple[Expiring, ...]) -> tuple[Expiring, ...]:
    """The soonest first; what is beyond the cap is one sum at the first of those instants."""
    by_time = sorted(expiring, key=lambda entry: entry.at)
    if len(by_time) <= EXPIRING_MAX:
        return tuple(by_time)
    kept, rest = by_time[: EXPIRING_MAX - 1], by_time[EXPIRING_MAX - 1 :]
    return (*kept, Expiring(rest[0].at, sum((entry.amount for entry in rest), Decimal(0))))
