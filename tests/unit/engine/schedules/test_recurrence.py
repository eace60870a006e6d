"""Dates once and again."""

from itertools import pairwise
from typing import Final

import pytest

from engine.schedules import recurrence
from engine.schedules.recurrence import MissedPolicy, Recurrence
from tests.support.clocks import DAY_MS, at, only

BERLIN: Final = only("Europe/Berlin")
MONDAYS: Final = Recurrence(start="2026-03-02T09:00", rrule="FREQ=WEEKLY;BYDAY=MO")


def dates_of(found: Recurrence, *, after: str, count: int) -> list[int | None]:
    result: list[int | None] = []
    now: int | None = at(after)
    while now is not None and len(result) < count:
        now = recurrence.next_occurrence(found, after=now, zones=BERLIN)
        result.append(now)
    return result


@pytest.mark.parametrize(
    ("start", "rrule", "after", "expected"),
    [
        ("2026-03-20T09:00", None, "2026-03-01", ["2026-03-20T08:00", None]),
        (
            "2026-03-02T09:00",
            "FREQ=WEEKLY;BYDAY=MO",
            "2026-03-22",
            ["2026-03-23T08:00", "2026-03-30T07:00"],  # at nine in summer, too
        ),
        (
            "2026-01-01T18:00",
            "RRULE:FREQ=MONTHLY;BYDAY=-1FR",
            "2026-03-01",
            ["2026-03-27T17:00", "2026-04-24T16:00"],
        ),
        (
            "2026-01-31T08:00",
            "freq=monthly",
            "2026-02-01",
            ["2026-03-31T06:00", "2026-05-31T06:00"],
        ),
        (
            "2026-01-01T00:00",
            "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
            "2026-01-02",
            ["2026-11-25T23:00", "2027-11-24T23:00"],
        ),
        (
            "2026-01-01T10:00",
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            "2026-01-01",
            ["2026-01-30T09:00", "2026-02-27T09:00"],
        ),
        (
            "2026-03-02T09:00",
            "FREQ=DAILY;INTERVAL=2;COUNT=3",
            "2026-03-01",
            ["2026-03-02T08:00", "2026-03-04T08:00", "2026-03-06T08:00", None],
        ),
        (
            "2026-03-02T09:00",
            "FREQ=DAILY;UNTIL=20260303",
            "2026-03-01",
            ["2026-03-02T08:00", "2026-03-03T08:00", None],
        ),
        (
            "2026-03-02T09:00",
            "FREQ=DAILY;UNTIL=20260303T080000Z",
            "2026-03-01",
            ["2026-03-02T08:00", "2026-03-03T08:00", None],
        ),
        (
            "2026-03-02T09:00",
            "FREQ=DAILY;UNTIL=20260303T075959Z",
            "2026-03-01",
            ["2026-03-02T08:00", None],
        ),
        (
            "2026-03-28T02:30",
            "FREQ=DAILY;BYHOUR=2,3;BYMINUTE=0,30",
            "2026-03-29",
            ["2026-03-29T01:00", "2026-03-29T01:30", "2026-03-30T00:00"],  # two are one instant
        ),
    ],
)
def test_a_date_comes_round_as_its_rule_says(
    start: str, rrule: str | None, after: str, expected: list[str | None]
) -> None:
    """T44."""
    found = dates_of(Recurrence(start=start, rrule=rrule), after=after, count=len(expected))

    assert found == [None if one is None else at(one) for one in expected]


def test_a_blackout_day_is_left_out() -> None:
    """T44, blackout_days."""
    quiet = Recurrence(
        start="2026-12-23T09:00", rrule="FREQ=DAILY", blackout_days=("12-24", "2026-12-25")
    )

    found = dates_of(quiet, after="2026-12-23", count=2)
    later = dates_of(quiet, after="2027-12-23T12:00", count=1)

    assert found == [at("2026-12-23T08:00"), at("2026-12-26T08:00")]
    assert later == [at("2027-12-25T08:00")]


@pytest.mark.parametrize(
    ("policy", "now", "expected"),
    [
        ("run_once", "2026-03-16T08:00", "2026-03-16T08:00"),
        ("skip", "2026-03-16T08:10", "2026-03-16T08:00"),
        # Down from the second to the twenty-fifth: three were missed, one is run, or none.
        ("run_once", "2026-03-25T12:00", "2026-03-23T08:00"),
        ("skip", "2026-03-25T12:00", None),
        ("run_once", "2026-03-09T07:59", None),
    ],
)
def test_after_downtime_a_schedule_runs_once_at_most(
    policy: MissedPolicy, now: str, expected: str | None
) -> None:
    """T44, missed_policy (listmonk#1801)."""
    mondays = Recurrence(start=MONDAYS.start, rrule=MONDAYS.rrule, missed_policy=policy)

    found = recurrence.due(mondays, after=at("2026-03-02T08:00"), now=at(now), zones=BERLIN)

    assert found == (None if expected is None else at(expected))


def test_a_run_is_not_repeated() -> None:
    ran = at("2026-03-09T08:00")

    assert recurrence.due(MONDAYS, after=ran, now=ran + DAY_MS, zones=BERLIN) is None


def test_each_day_of_samoas_december_but_one() -> None:
    daily = Recurrence(start="2011-12-28T09:00", rrule="FREQ=DAILY;COUNT=5")
    zones, found = only("Pacific/Apia"), [at("2011-12-28T00:00")]
    while (then := recurrence.next_occurrence(daily, after=found[-1], zones=zones)) is not None:
        found.append(then)

    apart = [later - earlier for earlier, later in pairwise(found[1:])]
    assert len(apart) == 4
    assert min(apart) > 0


@pytest.mark.parametrize(
    ("start", "rrule", "place"),
    [
        ("tomorrow", None, "start"),
        ("2026-02-30T09:00", None, "start"),
        ("2026-03-02T09:00Z", None, "start"),
        ("1066-03-02T09:00", None, "start"),
        ("2026-03-02T09:00", "every day", "rrule"),
        ("2026-03-02T09:00", "FREQ=SECONDLY", "rrule"),
        ("2026-03-02T09:00", "FREQ=DAILY;FREQ=DAILY", "rrule"),
        ("2026-03-02T09:00", "FREQ=DAILY;INTERVAL=0", "rrule"),
        ("2026-03-02T09:00", "FREQ=DAILY;INTERVAL=1,2", "rrule"),
        ("2026-03-02T09:00", "FREQ=DAILY;COUNT=2;UNTIL=20270101", "rrule"),
        ("2026-03-02T09:00", "FREQ=DAILY;UNTIL=20261301", "rrule"),
        ("2026-03-02T09:00", "FREQ=DAILY;BYDAY=2MO", "rrule"),
        ("2026-03-02T09:00", "FREQ=MONTHLY;BYDAY=0MO", "rrule"),
        ("2026-03-02T09:00", "FREQ=WEEKLY;BYMONTHDAY=1", "rrule"),
        ("2026-03-02T09:00", "FREQ=DAILY;BYHOUR=24", "rrule"),
        ("2026-03-02T09:00", "FREQ=DAILY;BYSETPOS=1", "rrule"),
        ("2026-03-02T09:00", "FREQ=YEARLY;BYWEEKNO=20", "rrule"),
        (
            "2026-03-02T09:00",
            "FREQ=DAILY;BYHOUR=0,1,2,3,4;BYMINUTE=0,10,20,30,40",
            "rrule",
        ),
        # Those a library would look for until the end of time.
        ("2026-03-02T09:00", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "rrule"),
        ("2026-03-02T09:00", "FREQ=MONTHLY;INTERVAL=12;BYMONTH=4", "rrule"),
        ("2026-03-03T09:00", "FREQ=DAILY;INTERVAL=7;BYDAY=MO", "rrule"),
    ],
)
def test_absurd_dates_are_refused_with_their_place(
    start: str, rrule: str | None, place: str
) -> None:
    absurd = Recurrence(start=start, rrule=rrule)

    assert [flaw.path for flaw in recurrence.flaws(absurd, path="params")] == [f"params.{place}"]


def test_absurd_blackout_days_are_refused_with_their_place() -> None:
    absurd = Recurrence(
        start="2026-03-02T09:00", blackout_days=("12-24", "2026-12-24", "24.12.", "2026-02-30")
    )

    places = [flaw.path for flaw in recurrence.flaws(absurd, path="params")]

    assert places == ["params.blackout_days[2]", "params.blackout_days[3]"]


def test_a_single_date_on_a_blackout_day_is_refused() -> None:
    never = Recurrence(start="2026-12-24T09:00", blackout_days=("12-24",))

    assert [flaw.path for flaw in recurrence.flaws(never, path="params")] == ["params.start"]
