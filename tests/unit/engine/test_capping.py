"""Frequency caps: what is counted, and when the next message may go."""

from typing import Final

import msgspec
import pytest

from engine import capping
from engine.capping import COUNTS_MAX, IN_FLIGHT_MAX, LOOK_MS, OUTCOME_MS, Counts, Slot
from engine.caps import Cap, flaws
from tests.support.clocks import DAY_MS, HOUR_MS, at, only

BERLIN: Final = only("Europe/Berlin")
NOW: Final = at("2026-03-02T12:00")
EXPIRES: Final = NOW + DAY_MS
WEEKLY: Final = (Cap(limit=2, window="7d"),)


def slot(message_id: str, channel: str = "email", category: str | None = "promo") -> Slot:
    return Slot(message_id=message_id, channel=channel, category=category)


def accepted(*found: tuple[Slot, int]) -> Counts:
    counts: Counts = ()
    for one, when in found:
        counts = capping.commit(counts, WEEKLY, one, accepted_at=when, zones=BERLIN)
    return counts


def reserved(counts: Counts, one: Slot, caps: tuple[Cap, ...] = WEEKLY) -> Counts:
    return capping.reserve(counts, caps, one, now=NOW, expires_at=EXPIRES, zones=BERLIN)


def legal(counts: Counts, one: Slot, caps: tuple[Cap, ...] = WEEKLY) -> int:
    return capping.earliest_legal(counts, caps, one, now=NOW, zones=BERLIN)


def test_below_the_limit_a_message_goes_now() -> None:
    assert legal(accepted((slot("m1"), NOW - HOUR_MS)), slot("m2")) == NOW


def test_at_the_limit_it_waits_until_the_oldest_leaves_the_window() -> None:
    """c.2 rule 6: on_cap defers to the earliest legal instant."""
    counts = accepted((slot("m1"), NOW - 5 * DAY_MS), (slot("m2"), NOW - DAY_MS))

    assert legal(counts, slot("m3")) == NOW + 2 * DAY_MS


def test_two_campaigns_at_once_cannot_both_pass() -> None:
    """c.2 rule 6: reserve, then commit."""
    counts = reserved(accepted((slot("m1"), NOW - DAY_MS)), slot("m2"))

    assert legal(counts, slot("m3")) > NOW


def test_a_message_that_bounced_does_not_count() -> None:
    """c.2 rule 6: Smart Sending elsewhere counts bounced sends."""
    counts = reserved(accepted((slot("m1"), NOW - DAY_MS)), slot("m2"))

    assert legal(capping.give_back(counts, "m2"), slot("m3")) == NOW


def test_what_was_accepted_is_not_given_back() -> None:
    counts = accepted((slot("m1"), NOW - DAY_MS), (slot("m2"), NOW - DAY_MS))

    assert capping.give_back(counts, "m2") == counts


def test_a_message_counts_from_when_it_was_accepted() -> None:
    counts = reserved(accepted((slot("m1"), NOW - 6 * DAY_MS)), slot("m2"))

    later = capping.commit(counts, WEEKLY, slot("m2"), accepted_at=NOW + HOUR_MS, zones=BERLIN)

    opens = capping.earliest_legal(later, WEEKLY, slot("m3"), now=NOW + DAY_MS, zones=BERLIN)
    assert [one.at for one in later] == [NOW - 6 * DAY_MS, NOW + HOUR_MS]
    assert opens == NOW + DAY_MS


def test_an_outcome_nobody_hears_of_does_not_count_for_ever() -> None:
    counts = reserved(accepted((slot("m1"), NOW - DAY_MS)), slot("m2"))

    assert legal(counts, slot("m3")) == EXPIRES + OUTCOME_MS


def test_asked_again_a_message_does_not_count_itself() -> None:
    """c.2 rule 5: what was held is asked again at its release."""
    counts = reserved(accepted((slot("m1"), NOW - DAY_MS)), slot("m2"))

    assert legal(counts, slot("m2")) == NOW
    assert reserved(counts, slot("m2")) == counts


def test_the_same_outcome_twice_counts_once() -> None:
    counts = accepted((slot("m1"), NOW))

    again = capping.commit(counts, WEEKLY, slot("m1"), accepted_at=NOW + 1, zones=BERLIN)

    assert again == counts


@pytest.mark.parametrize(
    ("cap", "is_capped"),
    [
        (Cap(limit=1, window="7d"), True),
        (Cap(limit=1, window="7d", channels=("email", "sms")), True),
        (Cap(limit=1, window="7d", channels=("sms",)), False),
        (Cap(limit=1, window="7d", categories=("promo",)), True),
        (Cap(limit=1, window="7d", categories=("cart",)), False),
        (Cap(limit=1, window="7d", channels=("email",), categories=("cart",)), False),
    ],
)
def test_a_cap_is_of_its_channels_and_categories(cap: Cap, *, is_capped: bool) -> None:
    """c.2 rule 6: by the category at the time of sending."""
    counts = accepted((slot("m1"), NOW - DAY_MS))

    assert (legal(counts, slot("m2"), (cap,)) > NOW) == is_capped


def test_a_message_of_no_category_is_of_every_category_only() -> None:
    counts = accepted((slot("m1", category=None), NOW - DAY_MS))
    caps = (Cap(limit=1, window="7d", categories=("promo",)),)

    assert legal(counts, slot("m2"), caps) == NOW
    assert legal(counts, slot("m2", category=None), (Cap(limit=1, window="7d"),)) > NOW


def test_the_strictest_of_several_caps_decides() -> None:
    counts = accepted((slot("m1"), NOW - DAY_MS))
    caps = (Cap(limit=1, window="2d"), Cap(limit=1, window="3d"), Cap(limit=2, window="30d"))

    assert legal(counts, slot("m2"), caps) == NOW + 2 * DAY_MS


@pytest.mark.parametrize(
    ("recipient", "expected"),
    [("Europe/Berlin", "2026-03-29T22:00"), ("Asia/Kolkata", "2026-03-29T18:30")],
)
def test_a_calendar_day_is_the_recipients(recipient: str, expected: str) -> None:
    """The day on which clocks are put forward ends after 23 hours."""
    zones = BERLIN._replace(recipient=recipient)
    now = at("2026-03-29T10:00")
    caps = (Cap(limit=1, per="day"),)
    counts = capping.commit((), caps, slot("m1"), accepted_at=at("2026-03-29T00:30"), zones=zones)

    opens = capping.earliest_legal(counts, caps, slot("m2"), now=now, zones=zones)

    assert opens == at(expected)


def test_what_a_cap_needs_outlives_a_flood_of_what_none_does() -> None:
    """The row keeps so many and no more; a cap's own counts are among them."""
    caps = (Cap(limit=2, window="31d", channels=("sms",)),)
    counts: Counts = ()
    for one in range(2):
        counts = capping.commit(counts, caps, slot(f"s{one}", "sms"), accepted_at=NOW, zones=BERLIN)
    for one in range(COUNTS_MAX + 50):
        when = NOW + one * 60_000
        counts = capping.commit(counts, caps, slot(f"m{one}"), accepted_at=when, zones=BERLIN)

    assert len(counts) == COUNTS_MAX
    assert legal(counts, slot("s2", "sms"), caps) == NOW + 31 * DAY_MS


def test_so_many_on_their_way_at_once_and_no_more() -> None:
    counts: Counts = ()
    for one in range(IN_FLIGHT_MAX):
        assert legal(counts, slot(f"m{one}"), ()) == NOW
        counts = reserved(counts, slot(f"m{one}"), ())

    assert legal(counts, slot("next"), ()) == EXPIRES + OUTCOME_MS


def test_a_full_row_costs_what_it_says() -> None:
    counts: Counts = ()
    for one in range(COUNTS_MAX):
        message = slot(f"{one:032x}", "email", "promo")
        counts = capping.commit(counts, (), message, accepted_at=NOW + one, zones=BERLIN)

    assert len(counts) == COUNTS_MAX
    assert len(msgspec.msgpack.encode(counts)) <= COUNTS_MAX * 64


def test_what_no_window_can_hold_leaves_the_row() -> None:
    counts = accepted((slot("m1"), NOW - 31 * DAY_MS), (slot("m2"), NOW))

    assert [one.message_id for one in counts] == ["m2"]


@pytest.mark.parametrize(
    ("caps", "places"),
    [
        ((), []),
        ((Cap(limit=2, window="7d"), Cap(limit=1, per="day")), []),
        ((Cap(limit=0, window="7d"),), ["caps[0].limit"]),
        ((Cap(limit=65, window="7d"),), ["caps[0].limit"]),
        ((Cap(limit=1),), ["caps[0]"]),
        ((Cap(limit=1, window="7d", per="day"),), ["caps[0]"]),
        ((Cap(limit=1, window="32d"),), ["caps[0].window"]),
        ((Cap(limit=1, window="week"),), ["caps[0].window"]),
        ((Cap(limit=1, window="7d", channels=("sms", "sms")),), ["caps[0].channels"]),
        ((Cap(limit=1, window="7d", categories=("",)),), ["caps[0].categories"]),
        ((Cap(limit=40, window="7d"), Cap(limit=40, window="1d")), ["caps"]),
        ((Cap(limit=1, window="7d"),) * 21, ["caps"]),
    ],
)
def test_absurd_caps_are_refused_with_their_place(caps: tuple[Cap, ...], places: list[str]) -> None:
    assert [flaw.path for flaw in flaws(caps, path="caps")] == places


def test_a_week_of_the_calendar_begins_on_monday() -> None:
    """On a Monday at noon: the next one, by clocks that change in between."""
    caps = (Cap(limit=1, per="week", tz="Europe/Berlin"),)
    sunday, monday = at("2026-03-29T20:00"), at("2026-03-30T10:00")
    counts = capping.commit((), caps, slot("m1"), accepted_at=sunday, zones=only("Asia/Tokyo"))

    def opens(now: int) -> int:
        return capping.earliest_legal(counts, caps, slot("m2"), now=now, zones=only("Asia/Tokyo"))

    assert opens(sunday) == at("2026-03-29T22:00")
    assert opens(monday) == monday


def test_a_place_that_is_only_reserved_is_asked_for_again_soon() -> None:
    once = (Cap(limit=1, window="7d"),)
    counts = reserved((), slot("m1"), once)

    assert capping.look_at(counts, once, slot("m2"), now=NOW, zones=BERLIN) == NOW + LOOK_MS


def test_of_two_identities_each_message_counts_once_and_an_outcome_goes_before_a_reservation() -> (
    None
):
    mine = reserved(accepted((slot("m1"), NOW)), slot("m2"))
    theirs = accepted((slot("m2"), NOW))

    for found in (capping.merged(mine, theirs), capping.merged(theirs, mine)):
        assert sorted((one.message_id, one.is_reserved) for one in found) == [
            ("m1", False),
            ("m2", False),
        ]
