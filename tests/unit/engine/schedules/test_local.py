"""Local times where clocks are put forward and back."""

from datetime import date, datetime

import pytest

from engine.schedules import local
from engine.schedules.local import Zones
from tests.support.clocks import at, only


@pytest.mark.parametrize(
    ("zone", "shown", "expected"),
    [
        ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00"),  # skipped: 03:00 summer time
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30"),  # doubled: the first
        ("America/New_York", "2026-03-08T02:00", "2026-03-08T07:00"),
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30"),  # to 02:30
        ("Asia/Kolkata", "2026-03-29T02:30", "2026-03-28T21:00"),
        ("America/Sao_Paulo", "2018-11-04T00:00", "2018-11-04T03:00"),  # a day begins at 01:00
        ("Pacific/Apia", "2011-12-30T09:00", "2011-12-30T10:00"),  # a day that was not
        ("UTC", "2026-03-29T02:30", "2026-03-29T02:30"),
    ],
)
def test_a_local_time_is_one_instant(zone: str, shown: str, expected: str) -> None:
    clock = only(zone).chosen("company")

    assert local.instant(datetime.fromisoformat(shown), clock) == at(expected)


def test_the_second_of_two_can_be_asked_for() -> None:
    clock = only("Europe/Berlin").chosen("company")
    shown = datetime(2026, 10, 25, 2, 30)  # noqa: DTZ001 - what clocks show

    assert local.instant(shown, clock, is_last=True) == at("2026-10-25T01:30")


def test_samoa_had_no_thirtieth_of_december() -> None:
    clock = only("Pacific/Apia").chosen("company")

    assert [local.exists(date(2011, 12, day), clock) for day in (29, 30, 31)] == [True, False, True]


@pytest.mark.parametrize(
    ("recipient", "company", "choice", "expected"),
    [
        ("Asia/Kolkata", "Europe/Berlin", "recipient", "Asia/Kolkata"),
        ("Asia/Kolkata", "Europe/Berlin", "company", "Europe/Berlin"),
        ("Asia/Kolkata", "Europe/Berlin", "UTC", "UTC"),
        (None, "Europe/Berlin", "recipient", "Europe/Berlin"),
        ("Mars/Olympus", "Europe/Berlin", "recipient", "Europe/Berlin"),
        ("../etc/passwd", "Europe/Berlin", "recipient", "Europe/Berlin"),
        ("Europe", "Europe/Berlin", "recipient", "Europe/Berlin"),
        (None, "Mars/Olympus", "recipient", "UTC"),
    ],
)
def test_a_zone_nobody_knows_gives_way(
    recipient: str | None, company: str, choice: local.ZoneChoice, expected: str
) -> None:
    assert Zones(recipient=recipient, company=company).chosen(choice).key == expected


@pytest.mark.parametrize("text", ["9:00", "24:00", "09:60", "0900", "09:00 ", "\u0660\u0669:00"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no time of day"):
        local.parse_time(text)
