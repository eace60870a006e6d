"""Which list an event belongs to."""

from typing import TypeAlias, assert_never

from engine.customer import Customer
from engine.effects import Effect
from engine.events import BonusBalanceChanged, HoldingEvent, PromoCodeIssued, TagsChanged, Tracked
from engine.lists import accruals, loyalty, promocodes, surveys, tags
from engine.points import PointsChanged

ListEvent: TypeAlias = HoldingEvent | Tracked


def apply(customer: Customer, event: ListEvent, *, now: int) -> Customer:
    """Take the event into its list; a tracked event that is no survey changes nothing."""
    match event:
        case BonusBalanceChanged():
            return loyalty.set_balance(customer, event)
        case PromoCodeIssued():
            return promocodes.issue(customer, event)
        case TagsChanged():
            return tags.change(customer, event)
        case PointsChanged():
            return accruals.change(customer, event, now=now)
        case Tracked():
            return surveys.complete(customer, event)
        case _:
            assert_never(event)


def facts(before: Customer, after: Customer, event: ListEvent, *, now: int) -> list[Effect]:
    """What changed, for the history."""
    match event:
        case BonusBalanceChanged():
            return loyalty.facts(before, after, event)
        case TagsChanged():
            return tags.facts(before, after, event)
        case PointsChanged():
            return [*accruals.facts(before, after, now=now, cause=event.id)]
        case _:
            return []
