"""What holds of frequency caps, however decisions and outcomes interleave."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from engine import capping, durations
from engine.capping import Counts, Slot
from engine.caps import Cap
from engine.schedules import local
from engine.schedules.local import Zones
from tests.support.clocks import CHANGES, HOUR_MS, at, only, zone_names
from tests.support.examples import examples

TTL_MS: Final = 20 * HOUR_MS

caps = st.lists(
    st.builds(
        Cap,
        limit=st.integers(1, 2),
        channels=st.sampled_from([(), ("email",), ("sms", "push")]),
        categories=st.sampled_from([(), ("promo",)]),
        window=st.sampled_from(["6h", "1d", "3d"]),
    )
    | st.builds(Cap, limit=st.integers(1, 2), per=st.just("day")),
    min_size=1,
    max_size=3,
)
actions = st.lists(
    st.tuples(
        st.just("decide"), st.sampled_from(["email", "sms"]), st.sampled_from(["promo", None])
    )
    | st.tuples(
        st.sampled_from(["accept", "hear", "accept", "hear", "fail"]), st.integers(0, 2), st.none()
    )
    | st.tuples(st.just("wait"), st.sampled_from([1, 2, 4, 5, 6, 23, 24]), st.none()),
    min_size=10,
    max_size=60,
)


class Mailbox:
    """A customer, a provider, and the news from it, which may come late but comes."""

    def __init__(self, caps: Sequence[Cap], *, zones: Zones, now: int) -> None:
        self.caps, self.zones, self.now = caps, zones, now
        self.counts: Counts = ()
        self.flying: list[tuple[Slot, int]] = []
        self.unheard: list[tuple[Slot, int]] = []
        self.accepted: list[tuple[Slot, int]] = []
        self.decided = 0

    def decide(self, channel: str, category: str | None) -> None:
        """Reserve a place, if it is legal now."""
        slot = Slot(message_id=f"m{self.decided}", channel=channel, category=category)
        self.decided += 1
        if self.legal(slot, self.now) == self.now:
            expires_at = self.now + TTL_MS
            self.counts = capping.reserve(
                self.counts,
                self.caps,
                slot,
                now=self.now,
                expires_at=expires_at,
                zones=self.zones,
            )
            self.flying.append((slot, expires_at))

    def accept(self, place: int) -> None:
        """The provider takes one; we have not heard of it."""
        if self.flying:
            slot, _ = self.flying.pop(place % len(self.flying))
            self.unheard.append((slot, self.now))
            self.accepted.append((slot, self.now))

    def hear(self, place: int) -> None:
        """News of one that was accepted."""
        if self.unheard:
            slot, when = self.unheard.pop(place % len(self.unheard))
            self.counts = capping.commit(
                self.counts, self.caps, slot, accepted_at=when, zones=self.zones
            )

    def fail(self, place: int) -> None:
        """The provider refuses one, and we hear of it."""
        if self.flying:
            slot, _ = self.flying.pop(place % len(self.flying))
            self.counts = capping.give_back(self.counts, slot.message_id)

    def wait(self, hours: int) -> None:
        """Time passes: news comes within a day, and what expired is not sent."""
        self.now += hours * HOUR_MS
        while self.unheard and self.unheard[0][1] + capping.OUTCOME_MS <= self.now:
            self.hear(0)
        self.flying = [one for one in self.flying if one[1] > self.now]

    def legal(self, slot: Slot, now: int) -> int:
        """When the message may go."""
        return capping.earliest_legal(self.counts, self.caps, slot, now=now, zones=self.zones)


def played(
    name: str, found: Sequence[Cap], history: Sequence[tuple[str, object, object]]
) -> Mailbox:
    box = Mailbox(found, zones=only(name), now=at(CHANGES[name][0]) - 20 * HOUR_MS)
    for action, one, other in history:
        if action == "decide":
            box.decide(str(one), None if other is None else str(other))
        else:
            getattr(box, action)(one)
    return box


@settings(max_examples=examples(150))
@given(zone_names, caps, actions)
def test_no_cap_is_ever_exceeded(
    name: str, found: list[Cap], history: list[tuple[str, object, object]]
) -> None:
    """c.2 rule 6: of what the provider accepted, at the instants at which it did."""
    box = played(name, found, history)

    for cap in found:
        times = sorted(when for slot, when in box.accepted if is_of(cap, slot))
        assert most_in_a_window(cap, times, name) <= cap.limit


@given(zone_names, caps, actions, st.integers(0, 99))
def test_the_earliest_legal_instant_is_legal_and_none_before_it_is(
    name: str, found: list[Cap], history: list[tuple[str, object, object]], percent: int
) -> None:
    box = played(name, found, history)
    slot = Slot(message_id="next", channel="email", category="promo")

    opens = box.legal(slot, box.now)

    between = box.now + (opens - box.now) * percent // 100
    assert box.legal(slot, opens) == opens >= box.now
    assert box.legal(slot, between) == opens
    assert box.legal(slot, max(opens - 1, box.now)) == opens


@given(zone_names, caps, actions)
def test_everything_given_back_leaves_what_was_accepted(
    name: str, found: list[Cap], history: list[tuple[str, object, object]]
) -> None:
    box = played(name, found, history)
    while box.unheard:
        box.hear(0)
    while box.flying:
        box.fail(0)

    standing = {one.message_id for one in box.counts if not one.is_reserved}
    reserved = {one.message_id for one in box.counts if one.is_reserved}
    assert standing <= {slot.message_id for slot, _ in box.accepted}
    assert reserved.isdisjoint(standing)


def is_of(cap: Cap, slot: Slot) -> bool:
    is_channel = not cap.channels or slot.channel in cap.channels
    return is_channel and (not cap.categories or slot.category in cap.categories)


def most_in_a_window(cap: Cap, times: Sequence[int], name: str) -> int:
    if cap.window is None:
        days = Counter(local.wall(at, only(name).chosen(cap.tz)).date() for at in times)
        return max(days.values(), default=0)
    length_ms = durations.parse_ms(cap.window)
    return max(
        (sum(first <= other < first + length_ms for other in times) for first in times), default=0
    )
