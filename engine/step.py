"""The one door into the engine: (customer, event, definitions, now) -> (customer, effects).

First the event is applied to the customer, then what may follow from it is evaluated.
"""

from typing import Final, NamedTuple, assert_never, get_args

import msgspec

from engine import (
    agreement,
    carts,
    checkouts,
    clocks,
    companies,
    contacts,
    counting,
    favourites,
    filling,
    identity,
    interests,
    metric_changes,
    orderstatuses,
    purchase_counting,
    purchases,
    responses,
    rhythm,
    suppressing,
    views,
)
from engine.claims import ClaimGranted, ClaimRefused
from engine.commands import Activated, Backfilled, Called, Enrolled, Reassessed
from engine.customer import Customer
from engine.declarations import ProfileUpdated, SubscriptionsChanged
from engine.definitions.folded import Definitions
from engine.effects import Effect
from engine.events import (
    Aliased,
    BonusBalanceChanged,
    CartItemAdded,
    CartItemRemoved,
    CartReplaced,
    CategoryViewed,
    ErasureRequested,
    Event,
    Grouped,
    Identified,
    OrderCancelled,
    OrderCompleted,
    OrderRefunded,
    OrderUpdated,
    PageViewed,
    ProductViewed,
    PromoCodeIssued,
    RecheckRequested,
    Responded,
    RewriteRequested,
    SourceEvent,
    TagsChanged,
    TimerFired,
    Tracked,
)
from engine.journeys import crossing, following, rechecking, settling
from engine.journeys.moments import Moment
from engine.lists import lists
from engine.mergers import (
    LogMarked,
    MergeRefused,
    MergeRequested,
    Moved,
    ReleaseRequested,
    Restored,
    Unlinked,
    Unmerged,
    UnmergeRequested,
)
from engine.points import PointsChanged
from engine.purchases import PurchaseEvent
from engine.segments import members
from engine.suppressions import SuppressionChanged
from engine.transactions import OrderPlaced, OrderStatusChanged, ReceiptIssued

_PURCHASES: Final = frozenset(get_args(PurchaseEvent))
"""Nothing else changes a ledger."""


class Decision(NamedTuple):
    """What one event led to."""

    customer: Customer
    effects: list[Effect]


def step(customer: Customer, event: Event, definitions: Definitions, now: int) -> Decision:
    """Advance one customer by one event.

    Args:
        now: Log time, epoch ms UTC; never earlier than at the last call for this customer. The
            caller keeps that promise (`engine.rows`).
    """
    if isinstance(event, Responded):
        event = responses.named(customer, event)
    applied = counting.count(
        _apply(_seen(customer, event), event, definitions, now=now),
        event,
        definitions.counters,
        now=now,
    )
    if type(event) in _PURCHASES:
        applied = favourites.follow(customer, applied, event)
        applied = purchase_counting.count(customer, applied, event, definitions.counters, now=now)
    applied = interests.follow(applied, event, definitions, now=now)
    moment = Moment(customer, event, definitions, now)
    kept = members.follow(customer, applied, moment.times)
    evaluated = _evaluate(kept.customer, moment)
    after, effects = crossing.settle(kept, evaluated, moment)
    metrics = metric_changes.effects(
        customer, applied, event, definitions.counters, rfm=definitions.rfm, now=now
    )
    reached = contacts.changes(customer, after, event)
    agreed = agreement.changes(customer, after, event)
    told = _of_addresses(customer, after, event)
    return Decision(after, [*reached, *agreed, *told, *effects, *metrics])


def _of_addresses(before: Customer, after: Customer, event: Event) -> list[Effect]:
    match event:
        case Responded():
            return list(suppressing.reports(before, event))
        case SuppressionChanged():
            return list(suppressing.changes(before, after, event))
        case _:
            return []


def _seen(customer: Customer, event: Event) -> Customer:
    if not customer.source and event.source:
        customer = msgspec.structs.replace(customer, source=event.source)
    if not isinstance(event, SourceEvent):
        return customer
    at = event.occurred_at
    first, last = customer.first_seen_at, customer.last_seen_at
    return msgspec.structs.replace(
        customer,
        first_seen_at=at if first is None or at < first else first,
        last_seen_at=at if last is None or at > last else last,
        events_count=customer.events_count + 1,
        zones=clocks.heard(customer.zones, event.zones, at=at),
        tokens=contacts.heard(customer.tokens, event.token),
    )


def _apply(  # noqa: C901, PLR0911, PLR0912 one arm per event
    customer: Customer, event: Event, definitions: Definitions, *, now: int
) -> Customer:
    """An arm costs what those above it do: nine events of ten are views."""
    match event:
        case ProductViewed():
            return views.view(customer, event)
        case PageViewed() | CategoryViewed() | Aliased() | TimerFired() | ClaimRefused() | Moved():
            return customer
        case CartItemAdded():
            return carts.add(customer, event)
        case CartItemRemoved():
            return carts.remove(customer, event)
        case CartReplaced():
            return carts.replace(customer, event)
        case ReceiptIssued() | OrderCompleted() | OrderPlaced() | OrderStatusChanged():
            return _booked(customer, event)
        case OrderUpdated() | OrderRefunded() | OrderCancelled():
            return _booked(customer, event)
        case Identified() | ProfileUpdated():
            declared = definitions.settings.custom_fields.customer
            return identity.identify(customer, event, declared, now=now)
        case SubscriptionsChanged():
            return agreement.change(customer, event)
        case BonusBalanceChanged() | PromoCodeIssued() | TagsChanged() | PointsChanged():
            return lists.apply(customer, event, now=now)
        case Tracked():
            return checkouts.follow(lists.apply(customer, event, now=now), event)
        case Responded():
            return _told(customer, event, definitions)
        case Grouped():
            return companies.join(customer, event)
        case RecheckRequested() | RewriteRequested() | ErasureRequested() | Called() | Activated():
            return customer
        case SuppressionChanged():
            return suppressing.change(customer, event)
        case Backfilled():
            return filling.fill(customer, event, definitions.counters, now=now)
        case MergeRequested() | ReleaseRequested() | MergeRefused() | Unlinked() | ClaimGranted():
            return customer
        case UnmergeRequested() | LogMarked() | Unmerged() | Restored() | Reassessed() | Enrolled():
            return customer
        case _:
            assert_never(event)


def _booked(customer: Customer, event: PurchaseEvent) -> Customer:
    booked = orderstatuses.follow(purchases.apply(customer, event), event)
    return checkouts.complete(booked, event)


def _evaluate(customer: Customer, moment: Moment) -> Decision:
    before, event, definitions, now, _ = moment
    match event:
        case RecheckRequested():
            return Decision(*rechecking.recheck(customer, event, definitions, now=now))
        case BonusBalanceChanged() | TagsChanged() | PointsChanged():
            facts = lists.facts(before, customer, event, now=now)
        case Responded():
            customer, facts = settling.settle(customer, event, definitions)
        case _:
            facts = []
    if not following.is_watched(customer, event, definitions):
        return Decision(customer, facts)
    after, effects = following.follow(customer, moment)
    return Decision(after, [*facts, *effects])


def _told(customer: Customer, event: Responded, definitions: Definitions) -> Customer:
    told = responses.respond(contacts.respond(customer, event), event)
    told = rhythm.heard(told, event, company=definitions.settings.timezone)
    return agreement.respond(told, event)
