"""What holds of local times in every zone, whatever its clocks do."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.schedules import local
from tests.support.clocks import moments, only, zone_names

shown_times = st.datetimes(
    min_value=datetime(2009, 1, 1),  # noqa: DTZ001 - what clocks show
    max_value=datetime(2027, 1, 1),  # noqa: DTZ001
)


@given(moments())
def test_an_instant_lies_between_the_readings_of_what_is_shown(moment: tuple[str, int]) -> None:
    name, now = moment
    zone = only(name).chosen("company")
    shown = local.wall(now, zone)

    first, last = local.instant(shown, zone), local.instant(shown, zone, is_last=True)

    assert first <= now <= last
    assert local.wall(first, zone) == local.wall(last, zone) == shown


@given(moments(), st.integers(-48 * 60, 48 * 60))
def test_a_time_is_the_first_instant_at_which_clocks_show_it_or_more(
    moment: tuple[str, int], minutes: int
) -> None:
    name, now = moment
    zone = only(name).chosen("company")
    shown = local.wall(now, zone) + timedelta(minutes=minutes)

    at = local.instant(shown, zone)

    assert local.wall(at, zone) >= shown
    assert local.wall(at - 1, zone) < shown


@given(zone_names, shown_times, shown_times)
def test_later_on_the_clock_is_never_earlier(name: str, one: datetime, other: datetime) -> None:
    zone = only(name).chosen("company")

    instants = [local.instant(shown, zone) for shown in sorted([one, other])]

    assert instants == sorted(instants)
