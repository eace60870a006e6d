"""Points of a customer: entered by campaigns and operators, told as facts."""

from collections.abc import Iterator

import msgspec

from engine import ids, points
from engine.customer import Customer
from engine.effects import RecordFact
from engine.facts import Fact
from engine.points import PointsChanged, PointsEntry


def change(customer: Customer, event: PointsChanged, *, now: int) -> Customer:
    """Enter what an operator gives or takes; more than there is changes nothing."""
    entry = PointsEntry(
        id=event.id,
        at=event.occurred_at,
        amount=event.amount,
        expires_at=event.expires_at,
        reason=event.reason,
        origin=event.origin,
    )
    entered = points.enter(customer.points, entry, now=now)
    if entered is None:
        return customer
    return msgspec.structs.replace(customer, points=entered)


def facts(before: Customer, after: Customer, *, now: int, cause: str) -> list[RecordFact]:
    """What expired since the last entry, and the entry (M011)."""
    if before.points is after.points:
        return []
    return [RecordFact(fact=fact) for fact in _facts(before, after, now=now, cause=cause)]


def _facts(before: Customer, after: Customer, *, now: int, cause: str) -> Iterator[Fact]:
    standing = sum(one.left for one in before.points)
    for one in points.expired(before.points, now=now):
        was, standing = standing, standing - one.left
        at = now if one.expires_at is None else one.expires_at
        told = _told(after, one, before=was, after=standing, cause=cause)
        fact_id = ids.derived("points_expired", after.id, one.id)
        yield msgspec.structs.replace(told, id=fact_id, at=at, origin="expired")
    known = {one.id for one in before.points}
    for one in after.points:
        if one.id not in known:
            has = points.balance(after.points, now=now)
            yield _told(after, one, before=standing, after=has, cause=cause)


def _told(customer: Customer, entry: PointsEntry, *, before: int, after: int, cause: str) -> Fact:
    return Fact(
        id=ids.derived("points_changed", customer.id, entry.id),
        customer=customer.id,
        kind="points_changed",
        at=entry.at,
        campaign=entry.campaign,
        instance=entry.run,
        name=entry.reason,
        before=str(before),
        after=str(after),
        cause=cause,
        origin=entry.origin,
    )
