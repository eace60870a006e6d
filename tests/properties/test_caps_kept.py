"""Caps are kept of customers and addresses, whatever campaigns, providers and identities do."""

from collections import Counter
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from engine import durations
from engine.definitions.folded import Definitions
from engine.events import Identified, Tracked
from tests.support.examples import examples
from tests.support.journeys import book, delay, journey, mail
from tests.support.story import MINUTE
from tests.support.town import Outcome, Town

HOUR: Final = 60
DAY: Final = 24 * HOUR

PEOPLE: Final = {"ann": "ann@shop.io", "anna": "ann@shop.io", "ben": "ben@shop.io"}

CAPS: Final = st.lists(
    st.builds(
        lambda limit, window, categories: {
            "limit": limit,
            "window": window,
            "categories": categories,
        },
        st.integers(1, 2),
        st.sampled_from(["6h", "1d", "3d"]),
        st.sampled_from([[], ["promo"]]),
    ),
    min_size=1,
    max_size=2,
)

CAMPAIGNS: Final = st.lists(
    st.builds(
        lambda category, priority, length: {
            **journey(
                {
                    "one": mail("first", "later", ttl="7d"),
                    "later": delay(length, "two"),
                    "two": mail("second", ttl="2d"),
                },
                trigger={"type": "T31", "params": {"event": "go"}},
            ),
            "category": category,
            "priority": priority,
        },
        st.sampled_from(["promo", "cart"]),
        st.integers(0, 2),
        st.sampled_from(["1h", "1d"]),
    ),
    min_size=1,
    max_size=4,
)

HAPPENS: Final = st.lists(
    st.tuples(st.sampled_from([*PEOPLE, "device"]), st.integers(0, DAY)), min_size=3, max_size=12
)

OUTCOMES: Final = st.lists(
    st.builds(
        Outcome,
        st.sampled_from(["accepted", "accepted", "failed", "expired"]),
        st.sampled_from([0, 1_000, 4 * MINUTE, 3 * HOUR * MINUTE]),
    ),
    min_size=1,
    max_size=5,
)


def published(
    campaigns: list[dict[str, object]], caps: list[dict[str, object]], window: str | None
) -> Definitions:
    bodies = [{**body, "id": f"c{number}"} for number, body in enumerate(campaigns)]
    found = book(bodies[0])
    for body in bodies[1:]:
        found.publish(body)
    policy = {"id": "default", "caps": caps, "priority_window": window}
    return found.change("policies", "default", "put", policy).definitions


def lived(definitions: Definitions, days: list[tuple[str, int]], outcomes: list[Outcome]) -> Town:
    """Everybody is let into every campaign again and again; Ann's device becomes hers."""
    found = Town(definitions, lambda message: outcomes[int(message.id, 16) % len(outcomes)])
    for who, email in PEOPLE.items():
        found.joins(who, email=email)
    found.says_as("a:device", _consent(found))
    for who, later in days:
        found.wait(found.now // MINUTE + later)
        for key in PEOPLE if who == "device" else (who,):
            found.says(key, Tracked(id=found.id(), occurred_at=found.now, name="go"))
        if who == "device":
            seen = Tracked(id=found.id(), occurred_at=found.now, name="go")
            found.says_as("a:device", seen)
        if who == "ann":
            shown = Identified(
                id=found.id(), occurred_at=found.now, user_id="ann", anonymous_id="device"
            )
            found.says("ann", shown)
    return found.wait(found.now // MINUTE + 30 * DAY)


def _consent(found: Town) -> Identified:
    return Identified(
        id=found.id(),
        occurred_at=0,
        anonymous_id="device",
        traits={"email": PEOPLE["ann"]},
        subscriptions={"email": True},
    )


def most_in_a_window(times: list[int], length_ms: int) -> int:
    return max(
        (sum(first <= other < first + length_ms for other in times) for first in times), default=0
    )


TOWNS: Final = st.builds(
    lived,
    st.builds(published, CAMPAIGNS, CAPS, st.sampled_from([None, "5m", "1h"])),
    HAPPENS,
    OUTCOMES,
)


@settings(max_examples=examples(60), deadline=None)
@given(TOWNS)
def test_no_address_is_ever_sent_more_than_its_caps_allow(found: Town) -> None:
    """c.2 rules 6 and 13: by when the provider accepted; merges and duplicates included."""
    for cap in found.definitions.policies["default"].latest.caps:
        by_address: dict[str, list[int]] = {}
        for message, at in found.accepted:
            if not cap.categories or message.category in cap.categories:
                by_address.setdefault(message.to, []).append(at)
        length_ms = durations.parse_ms(str(cap.window))
        for times in by_address.values():
            assert most_in_a_window(times, length_ms) <= cap.limit
    assert set(Counter(one.id for one in found.messages).values()) <= {1}


@settings(max_examples=examples(40), deadline=None)
@given(TOWNS)
def test_every_run_ends_and_every_place_is_settled(found: Town) -> None:
    """c.2 rule 14: nobody waits for ever, and no place is lost."""
    for row in found.rows.values():
        if not row.forward:
            assert (row.customer.runs, row.claims) == ((), {})
            assert not any(one.is_reserved for one in row.customer.counts)
    for counter in found.counters.values():
        assert not any(one.is_reserved for one in counter.counts)
