"""Days, instants and spans, where clocks change too."""

from datetime import date

import pytest

from engine import dates

MARCH = date(2025, 3, 30)
"""Clocks go on in Berlin: a day of 23 hours."""

OCTOBER = date(2025, 10, 26)
"""They go back: 25 hours."""

HOUR = 3_600_000


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("2026-01-31", date(2026, 1, 31)),
        ("2026-02-30", None),
        ("1970-01-01T00:00:01Z", 1_000),
        ("1970-01-01 02:00+02:00", 0),
        ("1970-01-01T00:00:00.0019", 1),
        ("1969-12-31T23:59:59.9991Z", -1),
        ("2026-01-31T24:00:00Z", None),
        ("2026-01-31T10", None),
        ("1899-12-31", None),
        ("2300-01-01", None),
        ("20260131", None),
        (" 2026-01-31", None),
        ("\u0662026-01-31", None),
        (1_000, 1_000),
        (True, None),
        (1.5, None),
        (None, None),
    ],
)
def test_what_is_read_as_a_date(said: object, expected: object) -> None:
    assert dates.read(said) == expected


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        (MARCH, "Europe/Berlin", 23),
        (OCTOBER, "Europe/Berlin", 25),
        (date(2018, 11, 4), "America/Sao_Paulo", 23),  # midnight itself is skipped
        (date(2011, 12, 30), "Pacific/Apia", 0),  # no such day: it crossed the date line
        (date(2025, 10, 4), "Australia/Lord_Howe", 24),
        (date(2025, 10, 5), "Australia/Lord_Howe", 23.5),
    ],
)
def test_a_day_is_as_long_as_its_zone_makes_it(day: date, zone: str, hours: float) -> None:
    following = date.fromordinal(day.toordinal() + 1)

    assert dates.begins(following, zone) - dates.begins(day, zone) == hours * HOUR


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Sao_Paulo", "Asia/Tokyo"])
def test_a_day_begins_at_the_first_instant_that_falls_on_it(zone: str) -> None:
    day = date(2018, 11, 4)
    begin = dates.begins(day, zone)

    assert dates.local(begin, zone) == day
    assert dates.local(begin - 1, zone) < day


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2024, 3, 31), -1, date(2024, 2, 29)),
        (date(2024, 12, 31), 2, date(2025, 2, 28)),
        (date(2024, 1, 15), -13, date(2022, 12, 15)),
    ],
)
def test_a_month_on_is_the_same_day_or_the_last_there_is(
    day: date, months: int, expected: date
) -> None:
    assert dates.moved(day, months) == expected


def test_somebody_of_29_february_is_a_year_older_on_1_march() -> None:
    born = date(2004, 2, 29)

    assert dates.years_between(born, date(2025, 2, 28)) == 20
    assert dates.years_between(born, date(2025, 3, 1)) == 21
    assert dates.anniversary(born, 2025) == date(2025, 3, 1)
    assert dates.anniversary(born, 2028) == date(2028, 2, 29)


@pytest.mark.parametrize("text", ["", "7", "7 d", "0d", "121y", "1500mo", "44000d", "-1d", "1M"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"span|longer"):
        dates.span(text)


def test_a_span_may_be_a_lifetime_long() -> None:
    assert dates.span("120y").months == 120 * 12
