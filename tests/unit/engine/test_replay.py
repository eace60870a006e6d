"""The virtual clock: timers before events, nothing past the end, one row per customer."""

from collections.abc import Iterator
from typing import Final, Protocol

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import replay
from engine.definitions import folded
from engine.definitions.changes import Change, DefinitionKind
from engine.definitions.folded import Definitions
from engine.events import CartItemAdded, Event, Identified, OrderCompleted, PageViewed
from engine.facts import Fact
from engine.messages import Message
from engine.products import Product
from engine.replay import Occurrence, Refused

MINUTE: Final = 60_000
CAMPAIGN: Final = b"""{"id": "cart", "triggers": [{"id": "idle", "type": "T01",
 "params": {"idle": "30m"}}], "start": "s1",
 "steps": {"s1": {"type": "send", "channel": "email", "template": "mail"}}}"""
TEMPLATE: Final = b'{"id": "mail", "subject": "Your cart", "text": "It waits."}'


@pytest.fixture(scope="module")
def definitions() -> Definitions:
    return published()


def published() -> Definitions:
    definitions = Definitions()
    for offset, change in enumerate(
        [
            put("templates", "mail", TEMPLATE),
            put("campaigns", "cart", CAMPAIGN),
            Change(change_id="p", kind="campaigns", id="cart", action="publish", based_on=1, at=0),
        ]
    ):
        definitions = folded.fold(definitions, change, offset=offset).definitions
    return definitions


def put(kind: DefinitionKind, definition_id: str, body: bytes) -> Change:
    return Change(
        change_id=definition_id,
        kind=kind,
        id=definition_id,
        action="put",
        based_on=0,
        body=msgspec.Raw(body),
        at=0,
    )


def add(customer: str, *, minute: int) -> Occurrence:
    event = CartItemAdded(
        id=f"add:{customer}:{minute}", occurred_at=minute * MINUTE, product=Product(id="tea")
    )
    return Occurrence(f"u:{customer}", event, minute * MINUTE)


def buy(customer: str, *, minute: int) -> Occurrence:
    event = OrderCompleted(
        id=f"buy:{customer}:{minute}",
        occurred_at=minute * MINUTE,
        order_id=f"order:{minute}",
        products=(Product(id="tea"),),
    )
    return Occurrence(f"u:{customer}", event, minute * MINUTE)


def look(customer: str, *, minute: int) -> Occurrence:
    event: Event = PageViewed(id=f"look:{customer}:{minute}", occurred_at=minute * MINUTE)
    return Occurrence(f"u:{customer}", event, minute * MINUTE)


class Maker(Protocol):
    """Makes what somebody did at some minute."""

    def __call__(self, customer: str, *, minute: int) -> Occurrence:
        """Name the customer and the minute."""


MAKERS: Final[list[Maker]] = [add, buy, look]


def firings(decisions: Iterator[replay.Decision]) -> list[tuple[str, int]]:
    return [
        (decision.customer, decision.at // MINUTE)
        for decision in decisions
        if isinstance(decision, Fact) and decision.kind == "fired"
    ]


def test_a_timer_due_at_the_time_of_an_event_fires_before_it(definitions: Definitions) -> None:
    log = [add("ann", minute=0), buy("ann", minute=30)]

    assert firings(replay.replay(log, definitions)) == [("ann", 30)]


def test_a_purchase_a_millisecond_before_the_timer_cancels_it(definitions: Definitions) -> None:
    bought = buy("ann", minute=30)._replace(at=30 * MINUTE - 1)
    log = [add("ann", minute=0), bought, look("bob", minute=60)]

    assert firings(replay.replay(log, definitions)) == []


def test_timers_of_several_customers_fire_in_the_order_of_time(definitions: Definitions) -> None:
    log = [add("bob", minute=1), add("ann", minute=2), add("bob", minute=3), look("x", minute=90)]

    assert firings(replay.replay(log, definitions)) == [("ann", 32), ("bob", 33)]


def test_the_clock_stops_at_the_last_event(definitions: Definitions) -> None:
    log = [add("ann", minute=0), add("bob", minute=1), look("x", minute=30)]

    assert firings(replay.replay(log, definitions)) == [("ann", 30)]


def test_until_goes_on_past_the_last_event(definitions: Definitions) -> None:
    log = [add("ann", minute=0)]

    assert firings(replay.replay(log, definitions, until=30 * MINUTE)) == [("ann", 30)]


def test_until_stops_before_later_events(definitions: Definitions) -> None:
    log = [add("ann", minute=0), add("bob", minute=1), look("x", minute=90)]

    assert firings(replay.replay(log, definitions, until=30 * MINUTE)) == [("ann", 30)]


def test_after_a_firing_the_next_add_arms_anew(definitions: Definitions) -> None:
    log = [add("ann", minute=0), add("ann", minute=40), look("x", minute=90)]

    assert firings(replay.replay(log, definitions)) == [("ann", 30), ("ann", 70)]


def test_a_customer_who_said_yes_gets_a_message(definitions: Definitions) -> None:
    agreed = Identified(
        id="i", occurred_at=0, traits={"email": "ann@example.com"}, subscriptions={"email": True}
    )
    log = [Occurrence("u:ann", agreed, 0), add("ann", minute=0), look("x", minute=90)]

    messages = [
        decision for decision in replay.replay(log, definitions) if isinstance(decision, Message)
    ]

    assert [(message.to, message.decided_at) for message in messages] == [
        ("ann@example.com", 30 * MINUTE)
    ]


def test_decisions_come_while_the_events_are_still_read(definitions: Definitions) -> None:
    def endless() -> Iterator[Occurrence]:
        minute = 0
        while True:
            yield add(f"c{minute}", minute=minute)
            minute += 1

    decisions = replay.replay(endless(), definitions)

    assert isinstance(next(decisions), Fact)


def test_what_a_worker_would_refuse_is_told_and_stops_nothing(definitions: Definitions) -> None:
    agreed = Identified(
        id="i",
        occurred_at=0,
        traits={"email": "ann@example.com", "novel": "x" * 200_000},
        subscriptions={"email": True},
    )
    log = [
        Occurrence("u:ann", agreed, 0),
        add("ann", minute=0),
        add("bob", minute=1),
        look("x", minute=90),
    ]

    decisions = list(replay.replay(log, definitions))

    (refused,) = [decision for decision in decisions if isinstance(decision, Refused)]
    assert (refused.key, refused.error.code) == ("u:ann", "effect_too_large")
    assert firings(iter(decisions)) == [("bob", 31)]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(MAKERS),
            st.sampled_from(["ann", "bob", "cid"]),
            st.integers(0, 200),
        ),
        max_size=40,
    )
)
def test_the_interleaving_of_customers_does_not_change_what_each_one_gets(
    told: list[tuple[Maker, str, int]],
) -> None:
    log = sorted(
        (make(customer, minute=minute) for make, customer, minute in told),
        key=lambda occurrence: occurrence.at,
    )
    definitions = published()

    together = firings(replay.replay(log, definitions, until=300 * MINUTE))
    apart = [
        firing
        for key in ("u:ann", "u:bob", "u:cid")
        for firing in firings(
            replay.replay(
                [occurrence for occurrence in log if occurrence.key == key],
                definitions,
                until=300 * MINUTE,
            )
        )
    ]

    assert sorted(together) == sorted(apart)
    assert [at for _, at in together] == sorted(at for _, at in together)
