"""T41: bonuses will soon be gone.

    balance said ──▶ a timer at the first expiry less `days_before` ──▶ fires with its day's sum
                                                                   └─▶ the next expiry

What was spent has left the balance that the programme says, so the sum is asked anew when the
timer rings and before each message.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from engine.conditions.evaluation import Document
from engine.customer import Customer
from engine.definitions.triggers.dates import BonusesExpire
from engine.holdings import Expiring
from engine.reasons import Reason
from engine.schedules import local
from engine.triggers import dating, matching
from engine.triggers.machines import Arm, Began, Disarm, Machine, Outcome, Rung, Seen

BonusAsked = Seen[BonusesExpire] | Rung[BonusesExpire]


def _follow(seen: Seen[BonusesExpire]) -> Iterator[Outcome]:
    was = set(_timers(seen, seen.before, after=seen.now))
    timers = _timers(seen, seen.customer, after=seen.now)
    for name in sorted(was - timers.keys()):
        yield Disarm(name)
    for name, due_at in timers.items():
        yield Arm(due_at, name=name)


def _timers(asked: BonusAsked, customer: Customer, *, after: int) -> dict[str, int]:
    """What is still to come: merged, the first instant; else each expiry under its own name."""
    found = {str(one.at): _due(asked, one.at) for one in _expiring(customer)}
    ahead = {name: at for name, at in found.items() if at > after}
    if not asked.trigger.params.merge_same_day or not ahead:
        return ahead
    return {"": min(ahead.values())}


def _due(asked: BonusAsked, expires_at: int) -> int:
    params = asked.trigger.params
    return dating.due(params, expires_at, days=-params.days_before, zones=dating.zones(asked))


def _rings(rung: Rung[BonusesExpire]) -> Document | None:
    entries = _of_timer(rung)
    instants = [one.at for one in entries]
    amount = _amount(rung.customer, instants)
    if not entries or not _is_enough(rung.trigger, amount):
        return None
    return {"amount": amount, "expires_at": min(instants), "instants": instants}


def _of_timer(rung: Rung[BonusesExpire]) -> list[Expiring]:
    """The expiries that this timer is for."""
    expiring = _expiring(rung.customer)
    params = rung.trigger.params
    if not params.merge_same_day:
        return [one for one in expiring if str(one.at) == rung.name]
    zone = dating.zones(rung).chosen(params.tz)
    days = {
        local.wall(one.at, zone).date() for one in expiring if _due(rung, one.at) == rung.due_at
    }
    return [one for one in expiring if local.wall(one.at, zone).date() in days]


def _again(rung: Rung[BonusesExpire]) -> Iterator[Arm]:
    if not rung.trigger.params.merge_same_day:
        return
    done = {one.at for one in _of_timer(rung)}
    ahead = (_due(rung, one.at) for one in _expiring(rung.customer) if one.at not in done)
    due_at = dating.first(ahead, after=rung.due_at)
    if due_at is not None:
        yield Arm(due_at)


def _refusal(trigger: BonusesExpire, customer: Customer, began: Began) -> Reason | None:
    amount = _amount(customer, _instants(began.event))
    return None if _is_enough(trigger, amount) else "completed"


def _told(
    _trigger: BonusesExpire, customer: Customer, event: dict[str, object]
) -> dict[str, object]:
    return {**event, "amount": str(_amount(customer, _instants(event)))}


def _instants(event: Mapping[str, object]) -> list[int]:
    said = event.get("instants")
    return [one for one in said if isinstance(one, int)] if isinstance(said, list) else []


def _amount(customer: Customer, instants: Iterable[int]) -> Decimal:
    """What will be gone at these instants; never more than there is."""
    wanted = set(instants)
    will = sum((one.amount for one in _expiring(customer) if one.at in wanted), Decimal(0))
    active = Decimal(0) if customer.loyalty is None else customer.loyalty.active
    return min(will, active)


def _is_enough(trigger: BonusesExpire, amount: Decimal) -> bool:
    return amount > 0 and matching.is_between(amount, trigger.params.min_amount, None)


def _expiring(customer: Customer) -> tuple[Expiring, ...]:
    known = () if customer.loyalty is None else customer.loyalty.expiring
    return tuple(one for one in known if one.at in local.INSTANTS)


EXPIRY: Final = Machine(_follow, _rings, _refusal, _again, _told)
