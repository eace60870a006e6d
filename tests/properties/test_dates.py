"""What holds of dates that come round, in every zone."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Final

from dateutil.rrule import rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.schedules import dates, local, recurrence, rrules
from engine.schedules.dates import Anniversary
from engine.schedules.recurrence import Recurrence
from tests.support.clocks import DAY_MS, moments, only, zone_names
from tests.support.examples import examples

LAST: Final = datetime(2032, 1, 1)  # noqa: DTZ001 - what clocks show

began_on = st.dates(date(1920, 1, 1), date(2030, 12, 31)) | st.just(date(1992, 2, 29))
anniversaries = st.builds(
    Anniversary,
    field=st.just("birthday"),
    offset_days=st.integers(-180, 180),
    at_time=st.sampled_from(["00:00", "02:30", "10:00", "23:59"]),
    feb29=st.sampled_from(["feb28", "mar1", "leap_only"]),
)


@given(anniversaries, began_on, moments())
def test_a_birthday_comes_once_in_each_year(
    anniversary: Anniversary, began: date, moment: tuple[str, int]
) -> None:
    name, now = moment
    found = []
    for _ in range(4):
        one = dates.next_occurrence(anniversary, began, after=now, zones=only(name))
        assert one is not None
        assert one.at > now
        found.append(one)
        now = one.at

    is_leap_only = anniversary.feb29 == "leap_only" and (began.month, began.day) == (2, 29)
    step = {4, 8} if is_leap_only else {1}
    assert {later.year - earlier.year for earlier, later in pairwise(found)} <= step


@st.composite
def rules(draw: st.DrawFn) -> str:
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = [f"FREQ={frequency}", f"INTERVAL={draw(st.integers(1, 5))}"]
    if draw(st.booleans()):
        parts.append(f"WKST={draw(st.sampled_from(rrules.DAYS))}")
    if draw(st.booleans()):
        parts.append(f"BYMONTH={listed(draw, st.integers(1, 12))}")
    if frequency != "WEEKLY" and draw(st.booleans()):
        parts.append(f"BYMONTHDAY={listed(draw, st.integers(1, 31) | st.integers(-31, -1))}")
    if draw(st.booleans()):
        days = st.sampled_from(rrules.DAYS)
        if frequency in {"MONTHLY", "YEARLY"} and draw(st.booleans()):
            days = st.builds("{}{}".format, st.sampled_from([1, 2, 5, -1, -2]), days)
        parts.append(f"BYDAY={listed(draw, days)}")
    if draw(st.booleans()):
        parts.append(f"BYHOUR={listed(draw, st.integers(0, 23))}")
    has_set = any(part.startswith(("BYDAY", "BYMONTH")) for part in parts)
    if has_set and frequency != "WEEKLY" and draw(st.booleans()):
        parts.append(f"BYSETPOS={draw(st.sampled_from([1, 2, -1]))}")
    if draw(st.booleans()):
        parts.append(draw(st.sampled_from(["COUNT=7", "UNTIL=20271231", "UNTIL=20270601T120000"])))
    return ";".join(parts)


def listed(draw: st.DrawFn, values: st.SearchStrategy[object]) -> str:
    return ",".join(
        str(one) for one in draw(st.lists(values, min_size=1, max_size=3, unique_by=str))
    )


starts = st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 31)).map(  # noqa: DTZ001
    lambda one: one.replace(second=0, microsecond=0)
)


@settings(max_examples=examples(50))
@given(rules(), starts)
def test_a_rule_gives_the_dates_that_python_dateutil_gives(rule: str, start: datetime) -> None:
    """Not where it would go on to the year 9999 for a date that never comes."""
    ours = Recurrence(start=start.isoformat(timespec="minutes"), rrule=rule, tz="UTC")
    assume(not recurrence.flaws(ours, path=""))

    found = list(between(ours, start, LAST))

    expected = rrulestr(rule, dtstart=start).between(start, LAST, inc=True)
    assert found == expected[: len(found)]
    assert len(found) == min(len(expected), 50)


@settings(max_examples=examples(50))
@given(rules(), starts, zone_names, st.integers(0, 2_000))
def test_the_next_date_is_the_first_after_now(
    rule: str, start: datetime, name: str, days: int
) -> None:
    ours = Recurrence(start=start.isoformat(timespec="minutes"), rrule=rule)
    assume(not recurrence.flaws(ours, path=""))
    zone = only(name).chosen("company")
    now = local.instant(start, zone) + days * DAY_MS

    found = recurrence.next_occurrence(ours, after=now, zones=only(name))

    assume(found is not None)
    assert found is not None
    assert found > now
    assert recurrence.next_occurrence(ours, after=found - 1, zones=only(name)) == found
    assert recurrence.due(ours, after=found - 1, now=found, zones=only(name)) == found
    assert recurrence.due(ours, after=now, now=found - 1, zones=only(name)) is None


def between(ours: Recurrence, start: datetime, last: datetime) -> Sequence[datetime]:
    """At most fifty of them."""
    utc = only("UTC").chosen("UTC")
    now, found = local.instant(start, utc) - 1, list[datetime]()
    while len(found) < 50:
        then = recurrence.next_occurrence(ours, after=now, zones=only("UTC"))
        if then is None or local.wall(then, utc) > last:
            break
        found.append(local.wall(then, utc))
        now = then
    return found


def test_leap_days_are_found() -> None:
    """The rarest date there is."""
    leap = Recurrence(start="2025-01-01T09:00", rrule="FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29")

    found = between(leap, datetime(2025, 1, 1), datetime(2040, 1, 1))  # noqa: DTZ001

    assert [one.year for one in found] == [2028, 2032, 2036]
    assert {one.time() for one in found} == {time(9)}
    assert found[0] - timedelta(days=1) == datetime(2028, 2, 28, 9)  # noqa: DTZ001
