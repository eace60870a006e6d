"""Quiet hours, overnight, in several windows, and where clocks are put forward and back."""

from typing import Final

import msgspec
import pytest

from engine.schedules import quiet
from engine.schedules.quiet import QuietHours, Window
from tests.support.clocks import HOUR_MS, at, only

BERLIN: Final = only("Europe/Berlin")
NIGHT: Final = QuietHours(windows=(Window(start="22:00", end="08:00"),))
WEEK: Final = QuietHours(
    windows=(
        Window(start="21:00", end="09:00", weekdays=("mon", "tue", "wed", "thu", "fri")),
        Window(start="12:30", end="13:30", weekdays=("mon",)),
        Window(start="00:00", end="24:00", weekdays=("sat", "sun")),
    )
)
NEVER: Final = at("2100-01-01")


@pytest.mark.parametrize(
    ("hours", "now", "expected"),
    [
        (NIGHT, "2026-03-02T20:59", "2026-03-02T20:59"),
        (NIGHT, "2026-03-02T21:00", "2026-03-03T07:00"),
        (NIGHT, "2026-03-03T03:00", "2026-03-03T07:00"),
        (NIGHT, "2026-03-03T07:00", "2026-03-03T07:00"),
        # Friday evening is held until Monday morning: Friday's night, Saturday and Sunday.
        (WEEK, "2026-03-06T20:00", "2026-03-08T23:00"),
        (WEEK, "2026-03-02T11:30", "2026-03-02T12:30"),
        (WEEK, "2026-03-03T11:30", "2026-03-03T11:30"),
        # The night of the change to summer time is an hour shorter, in autumn longer.
        (NIGHT, "2026-03-28T21:00", "2026-03-29T06:00"),
        (NIGHT, "2026-10-24T20:00", "2026-10-25T07:00"),
    ],
)
def test_a_message_is_held_until_the_window_ends(
    hours: QuietHours, now: str, expected: str
) -> None:
    """c.2 rule 4; mautic#837: with an end before its start a window is overnight."""
    assert quiet.next_allowed(hours, now=at(now), zones=BERLIN) == at(expected)


def test_an_hour_shown_twice_is_quiet_both_times() -> None:
    hours = QuietHours(windows=(Window(start="22:00", end="02:30"),))

    allowed = quiet.next_allowed(hours, now=at("2026-10-25T00:45"), zones=BERLIN)

    assert allowed == at("2026-10-25T01:30")


def test_quiet_is_the_recipients_night_unless_told_otherwise() -> None:
    """g04: neither the server's zone nor the workspace's."""
    zones = BERLIN._replace(recipient="America/New_York")
    now = at("2026-03-03T03:00")

    allowed = [
        quiet.next_allowed(msgspec.structs.replace(NIGHT, tz=tz), now=now, zones=zones)
        for tz in ("recipient", "company", "UTC")
    ]

    assert allowed == [at("2026-03-03T13:00"), at("2026-03-03T07:00"), at("2026-03-03T08:00")]


def test_what_was_held_overnight_does_not_leave_in_one_instant() -> None:
    """c.2 rule 4: everyone held is released at one instant elsewhere, so we smear."""
    opens = at("2026-03-03T07:00")

    places = [
        quiet.release(NIGHT, f"m{one}", now=opens - HOUR_MS, expires_at=NEVER, zones=BERLIN)
        for one in range(3_000)
    ]

    by_minute = [0] * 30
    for place in places:
        assert place is not None
        by_minute[(place - opens) // 60_000] += 1
    assert 60 < min(by_minute) <= max(by_minute) < 145


def test_nothing_that_is_not_held_is_smeared() -> None:
    now = at("2026-03-02T12:00")

    assert quiet.release(NIGHT, "m1", now=now, expires_at=NEVER, zones=BERLIN) == now


def test_without_a_smear_all_leave_at_the_end() -> None:
    hours = msgspec.structs.replace(NIGHT, smear=None)

    place = quiet.release(hours, "m1", now=at("2026-03-02T23:00"), expires_at=NEVER, zones=BERLIN)

    assert place == at("2026-03-03T07:00")


def test_what_expires_in_a_window_is_not_sent() -> None:
    expires_at = at("2026-03-03T07:00")

    place = quiet.release(
        NIGHT, "m1", now=at("2026-03-02T23:00"), expires_at=expires_at, zones=BERLIN
    )

    assert place is None


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("{}", []),
        ('{"windows": [{"start": "00:00", "end": "24:00", "weekdays": ["sun"]}]}', []),
        ('{"windows": []}', ["q.windows"]),
        (
            '{"windows": [{"start": "9", "end": "25:00"}]}',
            ["q.windows[0].start", "q.windows[0].end"],
        ),
        ('{"windows": [{"start": "24:00", "end": "09:00"}]}', ["q.windows[0].start"]),
        ('{"windows": [{"start": "09:00", "end": "09:00"}]}', ["q.windows[0].end"]),
        (
            '{"windows": [{"start": "09:00", "end": "10:00", "weekdays": ["sat", "sat"]}]}',
            ["q.windows[0].weekdays"],
        ),
        ('{"windows": [{"start": "00:00", "end": "24:00"}]}', ["q.windows"]),
        ('{"windows": [{"start": "09:00", "end": "08:00"}]}', []),
        (
            '{"windows": [{"start": "09:00", "end": "20:00"}, {"start": "20:00", "end": "08:55"}]}',
            ["q.windows"],
        ),
        ('{"smear": "13h"}', ["q.smear"]),
        ('{"smear": "a while"}', ["q.smear"]),
    ],
)
def test_absurd_quiet_hours_are_refused_with_their_place(text: str, places: list[str]) -> None:
    hours = msgspec.json.decode(text, type=QuietHours)

    assert [flaw.path for flaw in quiet.flaws(hours, path="q")] == places
