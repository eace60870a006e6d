"""Delays, at ordinary times and where clocks are put forward and back."""

from datetime import date, datetime
from typing import Final

import msgspec
import pytest

from engine.schedules import delays, local
from engine.schedules.delays import Delay, Due, Past
from tests.support.clocks import HOUR_MS, at, only

BERLIN: Final = only("Europe/Berlin")


def written(text: str) -> Delay:
    return msgspec.json.decode(text, type=Delay)


@pytest.mark.parametrize(
    ("delay", "now", "expected"),
    [
        # Monday 2 March 2026, 15:00 in Berlin.
        ('{"for": "90s"}', "2026-03-02T14:00", "2026-03-02T14:01:30"),
        ('{"for": "2d"}', "2026-03-02T14:00", "2026-03-04T14:00"),
        ('{"days": 2}', "2026-03-02T14:00", "2026-03-04T14:00"),
        ('{"days": 2, "until": "09:00"}', "2026-03-02T14:00", "2026-03-04T08:00"),
        ('{"for": "2d", "until": "09:00"}', "2026-03-02T14:00", "2026-03-05T08:00"),
        ('{"until": "09:00"}', "2026-03-02T14:00", "2026-03-03T08:00"),
        ('{"until": "16:00"}', "2026-03-02T14:00", "2026-03-02T15:00"),
        ('{"until": "15:00"}', "2026-03-02T14:00", "2026-03-03T14:00"),
        ('{"weekdays": ["mon"]}', "2026-03-02T14:00", "2026-03-02T14:00"),
        ('{"weekdays": ["thu", "sun"]}', "2026-03-02T14:00", "2026-03-04T23:00"),
        ('{"weekdays": ["mon"], "until": "09:00"}', "2026-03-02T14:00", "2026-03-09T08:00"),
        ('{"for": "1h", "weekdays": ["tue"]}', "2026-03-02T14:00", "2026-03-02T23:00"),
        ('{"days": 1, "weekdays": ["thu"]}', "2026-03-02T14:00", "2026-03-05T14:00"),
        # Friday to Monday, and over a holiday.
        ('{"business_days": 1}', "2026-03-06T14:00", "2026-03-09T14:00"),
        ('{"business_days": 1}', "2026-03-07T14:00", "2026-03-09T14:00"),
        ('{"business_days": 5, "until": "09:00"}', "2026-03-06T14:00", "2026-03-13T08:00"),
        (
            '{"business_days": 1, "holidays": ["2026-04-03", "2026-04-06"]}',
            "2026-04-02T08:00",
            "2026-04-07T08:00",
        ),
        # Clocks go forward on Sunday 29 March at 02:00, back on 25 October at 03:00.
        ('{"for": "1d"}', "2026-03-28T11:00", "2026-03-29T11:00"),
        ('{"days": 1}', "2026-03-28T11:00", "2026-03-29T10:00"),
        ('{"days": 1}', "2026-03-28T01:30", "2026-03-29T01:00"),
        ('{"until": "02:30"}', "2026-03-28T12:00", "2026-03-29T01:00"),
        ('{"until": "02:30"}', "2026-10-24T12:00", "2026-10-25T00:30"),
        ('{"until": "02:30"}', "2026-10-25T00:45", "2026-10-26T01:30"),
    ],
)
def test_a_delay_ends_when_it_says(delay: str, now: str, expected: str) -> None:
    """c.1, Delay: fixed, calendar days, time of day, weekdays, business days."""
    assert delays.resolve(written(delay), now=at(now), zones=BERLIN) == Due(at(expected))


@pytest.mark.parametrize(
    ("delay", "value", "expected"),
    [
        ('{"date": "due"}', date(2026, 3, 10), Due(at("2026-03-09T23:00"))),
        ('{"date": "due", "until": "09:00"}', date(2026, 3, 10), Due(at("2026-03-10T08:00"))),
        (
            '{"date": "due", "offset": "-3d", "until": "09:00"}',
            date(2026, 3, 10),
            Due(at("2026-03-07T08:00")),
        ),
        ('{"date": "due", "offset": "7d"}', date(2026, 2, 28), Due(at("2026-03-06T23:00"))),
        # An instant keeps its time of day; hours go by the clock, days by the calendar.
        ('{"date": "due"}', at("2026-03-10T10:30"), Due(at("2026-03-10T10:30"))),
        ('{"date": "due", "offset": "-2h"}', at("2026-03-29T02:00"), Due(at("2026-03-29T00:00"))),
        ('{"date": "due", "offset": "-1d"}', at("2026-03-29T10:00"), Due(at("2026-03-28T11:00"))),
        ('{"date": "due"}', date(2026, 3, 1), Past(at("2026-02-28T23:00"))),
        ('{"date": "due", "offset": "-9d"}', date(2026, 3, 10), Past(at("2026-02-28T23:00"))),
        ('{"date": "due"}', at("2026-03-02T14:00"), Due(at("2026-03-02T14:00"))),
        ('{"date": "due"}', at("2026-03-02T14:00") - 1, Past(at("2026-03-02T14:00") - 1)),
        ('{"date": "due"}', None, Past(None)),
        ('{"date": "due"}', date(9999, 12, 31), Past(None)),
        ('{"date": "due", "offset": "-1d"}', date(1, 1, 1), Past(None)),
        ('{"date": "due"}', 10**18, Past(None)),
    ],
)
def test_a_date_that_is_over_is_said_to_be(
    delay: str, value: date | int | None, expected: Due | Past
) -> None:
    """c.1, Delay: a date already past is an explicit choice, not silence."""
    now = at("2026-03-02T14:00")

    assert delays.resolve(written(delay), now=now, zones=BERLIN, value=value) == expected


def test_the_recipients_clock_counts_unless_another_is_chosen() -> None:
    zones = only("Europe/Berlin")._replace(recipient="Asia/Kolkata")
    now = at("2026-03-02T12:00")

    ends = [
        delays.resolve(Delay(until="18:00", tz=tz), now=now, zones=zones)
        for tz in ("recipient", "company", "UTC")
    ]

    hours = [Due(now + int(hours * HOUR_MS)) for hours in (0.5, 5, 6)]
    assert ends == hours


@pytest.mark.parametrize(
    ("delay", "place"),
    [
        ("{}", "steps.s1"),
        ('{"tz": "UTC"}', "steps.s1"),
        ('{"for": "2d", "days": 2}', "steps.s1.days"),
        ('{"for": "0s"}', "steps.s1.for"),
        ('{"for": "400d"}', "steps.s1.for"),
        ('{"days": 0}', "steps.s1.days"),
        ('{"days": 367}', "steps.s1.days"),
        ('{"business_days": -1}', "steps.s1.business_days"),
        ('{"until": "25:00"}', "steps.s1.until"),
        ('{"weekdays": ["mon", "mon"]}', "steps.s1.weekdays"),
        ('{"days": 1, "holidays": ["2026-12-25"]}', "steps.s1.holidays"),
        ('{"days": 1, "offset": "1d"}', "steps.s1.offset"),
        ('{"days": 1, "past": "exit"}', "steps.s1.past"),
        ('{"date": "due", "offset": "--1d"}', "steps.s1.offset"),
        ('{"date": "due", "offset": "soon"}', "steps.s1.offset"),
        ('{"date": ""}', "steps.s1.date"),
        ('{"date": "due", "weekdays": ["mon"]}', "steps.s1.weekdays"),
    ],
)
def test_an_absurd_delay_is_refused_with_its_place(delay: str, place: str) -> None:
    assert [flaw.path for flaw in delays.flaws(written(delay), path="steps.s1")] == [place]


def test_a_sound_delay_has_no_flaws() -> None:
    delay = written('{"date": "due", "offset": "+2h", "until": "09:00", "past": "branch"}')

    assert delays.flaws(delay, path="") == []


@pytest.mark.parametrize("text", ['{"hours": 1}', '{"weekdays": ["Monday"]}', '{"tz": "Mars"}'])
def test_what_no_delay_says_is_refused(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        written(text)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("2026-03-10", date(2026, 3, 10)),
        ("2026-03-10T10:30:00Z", at("2026-03-10T10:30")),
        ("2026-03-10T10:30:00+02:00", at("2026-03-10T08:30")),
        ("2026-03-10T10:30", datetime(2026, 3, 10, 10, 30)),  # noqa: DTZ001 - what clocks show
        ("soon", None),
        ("", None),
        (20260310, None),
        (None, None),
        (["2026-03-10"], None),
    ],
)
def test_a_date_is_read_from_what_an_attribute_says(
    said: object, expected: date | int | None
) -> None:
    assert local.read_date(said) == expected


def test_a_day_and_time_without_a_zone_are_the_recipients() -> None:
    value = local.read_date("2026-03-10T10:30")

    found = delays.resolve(
        Delay(date="due"), now=at("2026-03-02"), zones=only("Asia/Kolkata"), value=value
    )

    assert found == Due(at("2026-03-10T05:00"))


@pytest.mark.parametrize("said", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_a_date_at_the_end_of_all_dates_is_none(said: str) -> None:
    value = local.read_date(said)

    found = delays.resolve(Delay(date="due"), now=at("2026-03-02"), zones=BERLIN, value=value)

    assert found == Past(None)


@pytest.mark.parametrize(
    ("text", "always"),
    [
        ('{"for": "1m"}', True),
        ('{"days": 1, "weekdays": ["mon"]}', True),
        ('{"business_days": 1}', True),
        ('{"until": "09:00"}', True),
        ('{"weekdays": ["mon"]}', False),  # on a Monday nobody waits
        ('{"date": "due", "until": "09:00"}', False),
    ],
)
def test_a_loop_can_tell_a_delay_that_always_waits(text: str, *, always: bool) -> None:
    assert written(text).always_waits == always
