"""Consent goes by when an answer was given, in whatever order answers arrive (M195, M196, X49)."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from engine import agreement, consent
from engine.consent import WHOLE
from engine.customer import Customer
from engine.declarations import ProfileUpdated, Subscriptions, SubscriptionsChanged
from engine.definitions.folded import Definitions
from engine.events import Event, Identified
from engine.step import step
from tests.support.examples import examples

CHANNELS: Final = ("email", "sms")
CATEGORIES: Final = ("promo", "news")

answers = st.booleans() | st.dictionaries(st.sampled_from(CATEGORIES), st.booleans())
subscriptions = st.dictionaries(st.sampled_from(CHANNELS), answers)
instants = st.integers(0, 6)
"""Few, so that answers of one instant meet."""

events: st.SearchStrategy[Event] = st.one_of(
    st.builds(
        SubscriptionsChanged,
        id=st.uuids().map(str),
        occurred_at=instants,
        subscriptions=subscriptions,
        origin=st.just("operator"),
    ),
    st.builds(
        Identified, id=st.uuids().map(str), occurred_at=instants, subscriptions=subscriptions
    ),
    st.builds(
        ProfileUpdated, id=st.uuids().map(str), occurred_at=instants, subscriptions=subscriptions
    ),
)


class Word(NamedTuple):
    """An answer; sorted, the one that stands comes last."""

    at: int
    is_no: bool


def after(history: Sequence[Event]) -> Customer:
    customer = Customer(id="c")
    for now, event in enumerate(history):
        customer = step(customer, event, Definitions(), now).customer
    return customer


def words(history: Sequence[Event], channel: str, category: str) -> list[Word]:
    found = []
    for event in history:
        said: Subscriptions = getattr(event, "subscriptions", {})
        answer = said.get(channel)
        if isinstance(answer, bool) and category == WHOLE:
            found.append(Word(event.occurred_at, is_no=not answer))
        if isinstance(answer, dict) and category in answer:
            found.append(Word(event.occurred_at, is_no=not answer[category]))
    return found


def state(history: Sequence[Event], channel: str, category: str) -> consent.Consent:
    """A no to the channel is one to its categories; else the last word, of one instant the no."""
    whole = max(words(history, channel, WHOLE), default=None)
    own = max(words(history, channel, category), default=None) if category else None
    if own is None or (whole is not None and (whole.is_no or whole > own)):
        own = whole
    if own is None:
        return "unknown"
    return "no" if own.is_no else "yes"


@settings(max_examples=examples(300))
@given(st.lists(events, max_size=8))
def test_the_last_word_on_the_category_or_the_channel_stands(history: list[Event]) -> None:
    known = after(history).subscriptions

    for channel in CHANNELS:
        for category in (WHOLE, *CATEGORIES):
            assert consent.state(known, channel, category) == state(history, channel, category)


@settings(max_examples=examples(300))
@given(st.lists(events, max_size=8), st.data())
def test_any_order_of_deliveries_with_repetitions_gives_the_same(
    history: list[Event], data: st.DataObject
) -> None:
    again = data.draw(st.lists(st.sampled_from(history), max_size=4)) if history else []
    delivered = data.draw(st.permutations([*history, *again]))

    assert after(delivered).answers == after(history).answers


@settings(max_examples=examples(200))
@given(st.lists(events, max_size=6), st.lists(events, max_size=6))
def test_two_identities_agreed_to_what_one_would_have(one: list[Event], other: list[Event]) -> None:
    joined = consent.joined(after(one).answers, after(other).answers)

    assert joined == after([*one, *other]).answers


@given(st.lists(events, max_size=8))
def test_every_change_of_an_answer_is_a_fact(history: list[Event]) -> None:
    """X49."""
    customer = Customer(id="c")
    for now, event in enumerate(history):
        before, customer = customer, step(customer, event, Definitions(), now).customer
        facts = [effect.fact for effect in agreement.changes(before, customer, event)]
        for fact in facts:
            channel, _, category = fact.name.partition("/")
            was = consent.state(before.subscriptions, channel, category)
            is_now = consent.state(customer.subscriptions, channel, category)
            assert (fact.before, fact.after, fact.cause) == (was, is_now, event.id)
        told = {fact.name for fact in facts}
        assert told >= {
            channel
            for channel in CHANNELS
            if consent.state(before.subscriptions, channel, None)
            != consent.state(customer.subscriptions, channel, None)
        }
