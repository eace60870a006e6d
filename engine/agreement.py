"""What a customer agreed to, as the row keeps it, and every change of it as a fact."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import msgspec

from engine import consent, ids
from engine.baseevent import BaseEvent
from engine.consent import CATEGORIES_MAX, WHOLE, Answer, Answers
from engine.customer import Customer, Preference
from engine.declarations import (
    ConsentOrigin,
    DatedAnswer,
    Preferred,
    Subscriptions,
    SubscriptionsChanged,
)
from engine.effects import RecordFact
from engine.events import Responded
from engine.facts import Fact

PREFERRED_MAX: Final = CATEGORIES_MAX
"""Categories with a preferred channel; the oldest word leaves first. About 40 bytes each."""

WITHDRAWN: Final = frozenset({"complained", "unsubscribed"})
"""Responses that mean no to their channel."""

RESUMED: Final = "resubscribed"
"""The one that means yes."""


def agree(customer: Customer, said: Subscriptions, *, at: int, origin: ConsentOrigin) -> Customer:
    """Take answers given at that time; older ones than we have change nothing."""
    if not said:
        return customer
    before = consent.known(customer.subscriptions, customer.answers)
    return _with(customer, consent.joined(before, consent.answers(said, at=at, origin=origin)))


def recall(customer: Customer, said: Iterable[DatedAnswer]) -> Customer:
    """Take answers that bring their own times; what is known already changes nothing."""
    before = consent.known(customer.subscriptions, customer.answers)
    after = before
    for one in said:
        answer = Answer(one.is_yes, one.at, one.origin)
        after = consent.joined(after, {one.channel: {one.category: answer}})
    return customer if after == before else _with(customer, after)


def prefer(customer: Customer, said: Preferred, *, at: int) -> Customer:
    """Take preferred channels by category; a later word of the source stays."""
    newer = {
        category: Preference(channel, at)
        for category, channel in said.items()
        if at >= customer.preferred.get(category, Preference(None, consent.NEVER)).at
    }
    if not newer:
        return customer
    return msgspec.structs.replace(customer, preferred=bounded({**customer.preferred, **newer}))


def bounded(preferred: dict[str, Preference]) -> dict[str, Preference]:
    """Keep the latest words."""
    if len(preferred) <= PREFERRED_MAX:
        return preferred
    by_time = sorted(preferred.items(), key=lambda item: (item[1].at, item[0]))
    return dict(by_time[-PREFERRED_MAX:])


def change(customer: Customer, event: SubscriptionsChanged) -> Customer:
    """Take what an operator, a complaint or an import says."""
    at = event.occurred_at
    agreed = agree(customer, event.subscriptions, at=at, origin=event.origin)
    return prefer(agreed, event.preferred, at=at)


def respond(customer: Customer, event: Responded) -> Customer:
    """Take a complaint, or a word said at the provider, for an answer about its channel."""
    if not event.channel or event.response not in {*WITHDRAWN, RESUMED}:
        return customer
    origin: ConsentOrigin = "complaint" if event.response == "complained" else "customer"
    return agree(
        customer, {event.channel: event.response == RESUMED}, at=event.occurred_at, origin=origin
    )


def changes(before: Customer, after: Customer, event: BaseEvent) -> Iterator[RecordFact]:
    """Every channel and category whose state is another now, and every preference."""
    if before.subscriptions is not after.subscriptions:
        for channel, category in _asked(before.subscriptions, after.subscriptions):
            was, now = (
                consent.state(customer.subscriptions, channel, category)
                for customer in (before, after)
            )
            if was != now:
                name = f"{channel}/{category}" if category else channel
                origin = _origin(after, channel, category)
                yield _fact(after, event, _Change(name, (was, now), origin))
    if before.preferred is not after.preferred:
        for category in {**before.preferred, **after.preferred}:
            chosen = (_chosen(before, category), _chosen(after, category))
            if chosen[0] != chosen[1]:
                yield _fact(after, event, _Change(f"preferred/{category}", chosen, ""))


def _with(customer: Customer, dated: Answers) -> Customer:
    return msgspec.structs.replace(
        customer, answers=dated, subscriptions=consent.subscriptions(dated)
    )


def _asked(before: Subscriptions, after: Subscriptions) -> list[tuple[str, str]]:
    found: dict[tuple[str, str], None] = {}
    for subscriptions in (before, after):
        for channel, said in subscriptions.items():
            found[channel, WHOLE] = None
            if isinstance(said, dict):
                found |= dict.fromkeys((channel, category) for category in said)
    return list(found)


def _origin(customer: Customer, channel: str, category: str) -> str:
    said = customer.answers.get(channel, {})
    answer = said.get(category) or said.get(WHOLE)
    return "" if answer is None else answer.origin


def _chosen(customer: Customer, category: str) -> str | None:
    known = customer.preferred.get(category)
    return None if known is None else known.channel


class _Change(NamedTuple):
    name: str
    values: tuple[str | None, str | None]
    origin: str


def _fact(customer: Customer, event: BaseEvent, change: _Change) -> RecordFact:
    return RecordFact(
        fact=Fact(
            id=ids.derived(
                "consent_changed", customer.id, change.name, event.id, event.occurred_at
            ),
            customer=customer.id,
            kind="consent_changed",
            at=event.occurred_at,
            name=change.name,
            before=change.values[0],
            after=change.values[1],
            cause=event.id,
            origin=change.origin,
        )
    )
