"""What holds of delays in every zone, whatever its clocks do."""

from datetime import date, datetime, time, timedelta
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from engine.schedules import delays, local
from engine.schedules.delays import Delay, Due
from engine.schedules.local import WEEKDAYS, ZoneChoice
from tests.support.clocks import HOUR_MS, moments, only

RECIPIENT: Final[ZoneChoice] = "recipient"

times = st.builds(
    lambda hour, minute: f"{hour:02}:{minute:02}", st.integers(0, 23), st.integers(0, 59)
)
some_weekdays = st.lists(st.sampled_from(WEEKDAYS), max_size=3, unique=True).map(tuple)


@given(
    moments(),
    st.sampled_from([{"length": "90m"}, {"length": "3d"}, {"days": 2}, {"business_days": 3}, {}]),
    st.none() | times,
    some_weekdays,
)
def test_a_delay_never_ends_before_it_began_nor_on_another_day(
    moment: tuple[str, int], form: dict[str, object], until: str | None, weekdays: tuple[str, ...]
) -> None:
    name, now = moment
    delay = delays_of(form, until, weekdays)

    end = end_of(delay, moment)

    assert now <= end < now + 40 * 24 * HOUR_MS
    shown = local.wall(end, only(name).chosen(RECIPIENT))
    if weekdays and until is None and not form:
        assert WEEKDAYS[shown.weekday()] in weekdays


@given(moments(), st.integers(1, 60), times)
def test_calendar_days_end_on_their_day_at_their_time(
    moment: tuple[str, int], days: int, until: str
) -> None:
    name, now = moment
    zone = only(name).chosen(RECIPIENT)
    day = local.wall(now, zone).date() + timedelta(days=days)

    end = end_of(Delay(days=days, until=until), moment)

    wanted = datetime.combine(day, time.fromisoformat(until))
    is_skipped = local.wall(local.instant(wanted, zone), zone) != wanted
    assert local.wall(end, zone) == wanted or is_skipped or end == now


@given(moments(), times)
def test_until_is_the_next_time_that_clocks_show_it(moment: tuple[str, int], until: str) -> None:
    name, now = moment
    zone = only(name).chosen(RECIPIENT)
    today = local.wall(now, zone).date()

    end = end_of(Delay(until=until), moment)

    assert end > now
    assert not [
        day
        for day in (today - timedelta(days=1), today, today + timedelta(days=1))
        if local.exists(day, zone)
        and now < local.on_day(day, time.fromisoformat(until), zone) < end
    ]


@given(moments(), st.integers(1, 30))
def test_business_days_are_counted_one_by_one(moment: tuple[str, int], count: int) -> None:
    name, now = moment
    zone = only(name).chosen(RECIPIENT)
    first = local.wall(now, zone).date()

    end = end_of(Delay(business_days=count), moment)

    last = local.wall(end, zone).date()
    assert workdays(name, first, last) == count


def end_of(delay: Delay, moment: tuple[str, int]) -> int:
    found = delays.resolve(delay, now=moment[1], zones=only(moment[0]))
    assert isinstance(found, Due)
    return found.at


def workdays(name: str, first: date, last: date) -> int:
    """After the first, up to the last, inclusive."""
    zone = only(name).chosen(RECIPIENT)
    days = [first + timedelta(days=ahead + 1) for ahead in range((last - first).days)]
    return sum(day.weekday() < 5 and local.exists(day, zone) for day in days)


def delays_of(form: dict[str, object], until: str | None, weekdays: tuple[str, ...]) -> Delay:
    """One that says something at least."""
    fallback = {} if form or until or weekdays else {"days": 1}
    return Delay(**form, **fallback, until=until, weekdays=weekdays)  # type: ignore[arg-type]  # drawn
