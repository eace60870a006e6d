"""Birthdays and anniversaries."""

from datetime import date
from typing import Final, Literal

import pytest

from engine.schedules import dates
from engine.schedules.dates import Anniversary, Occurrence
from tests.support.clocks import at, only

BERLIN: Final = only("Europe/Berlin")


def test_a_birthday_is_due_at_its_time_in_the_recipients_zone() -> None:
    """T42."""
    zones = BERLIN._replace(recipient="Asia/Kolkata")
    birthday = Anniversary(field="birthday", at_time="10:00")

    found = dates.next_occurrence(birthday, date(1990, 5, 14), after=at("2026-03-01"), zones=zones)

    assert found == Occurrence(at("2026-05-14T04:30"), 2026)


@pytest.mark.parametrize(
    ("feb29", "after", "expected"),
    [
        ("feb28", "2026-01-01", "2026-02-28T09:00"),
        ("mar1", "2026-01-01", "2026-03-01T09:00"),
        ("leap_only", "2026-01-01", "2028-02-29T09:00"),
        ("feb28", "2028-01-01", "2028-02-29T09:00"),
        ("leap_only", "2096-03-01", "2104-02-29T09:00"),
    ],
)
def test_the_twenty_ninth_of_february_is_kept_as_chosen(
    feb29: Literal["feb28", "mar1", "leap_only"], after: str, expected: str
) -> None:
    """T42, feb29."""
    birthday = Anniversary(field="birthday", feb29=feb29)

    found = dates.next_occurrence(birthday, date(1992, 2, 29), after=at(after), zones=BERLIN)

    assert found is not None
    assert found.at == at(expected)


def test_days_before_count_for_the_year_of_the_birthday() -> None:
    soon = Anniversary(field="birthday", offset_days=-7)

    found = dates.next_occurrence(soon, date(1990, 1, 2), after=at("2026-12-01"), zones=BERLIN)

    assert found == Occurrence(at("2026-12-26T09:00"), 2027)


def test_an_edited_birthday_fires_once_a_year() -> None:
    """T42: one firing per year even if the date field is edited."""
    birthday = Anniversary(field="birthday")

    found = dates.next_occurrence(
        birthday, date(1990, 8, 1), after=at("2026-05-20"), zones=BERLIN, done_year=2026
    )

    assert found == Occurrence(at("2027-08-01T08:00"), 2027)


def test_at_the_instant_itself_the_next_year_counts() -> None:
    birthday = Anniversary(field="birthday")
    due = at("2026-05-14T08:00")

    just_before, then = (
        dates.next_occurrence(birthday, date(1990, 5, 14), after=now, zones=BERLIN)
        for now in (due - 1, due)
    )

    assert just_before == Occurrence(due, 2026)
    assert then == Occurrence(at("2027-05-14T08:00"), 2027)


def test_the_day_itself_is_no_anniversary() -> None:
    found = dates.next_occurrence(
        Anniversary(field="child.birthday"), date(2026, 5, 14), after=at("2026-05-01"), zones=BERLIN
    )

    assert found == Occurrence(at("2027-05-14T08:00"), 2027)


@pytest.mark.parametrize("began", [date(1, 1, 1), date(9999, 12, 31)])
def test_a_birthday_nobody_can_have_is_never_due(began: date) -> None:
    birthday = Anniversary(field="birthday")

    found = dates.next_occurrence(birthday, began, after=at("2026-05-01"), zones=BERLIN)

    assert found is None


def test_absurd_anniversaries_are_refused_with_their_places() -> None:
    absurd = Anniversary(field="", offset_days=-181, at_time="10")

    places = [flaw.path for flaw in dates.flaws(absurd, path="params")]

    assert places == ["params.field", "params.offset_days", "params.at_time"]
    assert dates.flaws(Anniversary(field="birthday"), path="params") == []
