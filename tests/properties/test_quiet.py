"""What holds of quiet hours in every zone, whatever its clocks do."""

from datetime import time
from typing import Final

from hypothesis import assume, given
from hypothesis import strategies as st

from engine.schedules import local, quiet
from engine.schedules.local import WEEKDAYS, ZoneChoice
from engine.schedules.quiet import QuietHours, Window
from tests.support.clocks import DAY_MS, HOUR_MS, moments, only

RECIPIENT: Final[ZoneChoice] = "recipient"
MINUTE_MS: Final = 60_000

times = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
windows = st.builds(
    Window,
    start=times,
    end=times | st.just("24:00"),
    weekdays=st.lists(st.sampled_from(WEEKDAYS), max_size=4, unique=True).map(tuple),
)
hours = st.builds(
    QuietHours,
    windows=st.lists(windows, min_size=1, max_size=4).map(tuple),
    smear=st.sampled_from([None, "30m", "12h"]),
).filter(lambda found: not quiet.flaws(found, path=""))


@given(hours, moments())
def test_nothing_is_sent_while_clocks_show_a_quiet_hour(
    found: QuietHours, moment: tuple[str, int]
) -> None:
    name, now = moment

    allowed = quiet.next_allowed(found, now=now, zones=only(name))

    assert allowed >= now
    assert not is_quiet(found, name, allowed)


@given(hours, moments())
def test_nothing_is_held_longer_than_the_windows_say(
    found: QuietHours, moment: tuple[str, int]
) -> None:
    """But for hours shown twice, which are quiet both times, and days that are missing."""
    name, now = moment

    allowed = quiet.next_allowed(found, now=now, zones=only(name))

    waited = range(now, allowed, 15 * MINUTE_MS)
    assert all(is_quiet(found, name, at) or is_odd(name, at) for at in waited)


@given(hours, moments(), st.integers(1, 3 * DAY_MS), st.text(max_size=5))
def test_a_release_is_allowed_and_before_the_message_expires(
    found: QuietHours, moment: tuple[str, int], ttl_ms: int, message_id: str
) -> None:
    name, now = moment
    zones = only(name)

    place = quiet.release(found, message_id, now=now, expires_at=now + ttl_ms, zones=zones)

    opens = quiet.next_allowed(found, now=now, zones=zones)
    assert (place is None) == (opens >= now + ttl_ms)
    assume(place is not None)
    assert place is not None
    assert opens <= place < now + ttl_ms
    assert place <= opens + 12 * HOUR_MS
    assert not is_quiet(found, name, place)


@given(hours, moments(), st.text(max_size=5))
def test_asked_again_while_held_the_place_is_the_same(
    found: QuietHours, moment: tuple[str, int], message_id: str
) -> None:
    name, now = moment
    zones, never = only(name), now + 400 * DAY_MS
    opens = quiet.next_allowed(found, now=now, zones=zones)
    assume(opens > now)

    first = quiet.release(found, message_id, now=now, expires_at=never, zones=zones)
    again = quiet.release(found, message_id, now=(now + opens) // 2, expires_at=never, zones=zones)

    assert first == again


def is_quiet(found: QuietHours, name: str, at: int) -> bool:
    """By what clocks show, without a word on instants."""
    shown = local.wall(at, only(name).chosen(RECIPIENT))
    today, yesterday = WEEKDAYS[shown.weekday()], WEEKDAYS[shown.weekday() - 1]
    for window in found.windows:
        start = time.fromisoformat(window.start)
        end = time() if window.end == "24:00" else time.fromisoformat(window.end)
        is_today = not window.weekdays or today in window.weekdays
        was_yesterday = not window.weekdays or yesterday in window.weekdays
        if end > start:
            if is_today and start <= shown.time() < end:
                return True
        elif (is_today and shown.time() >= start) or (was_yesterday and shown.time() < end):
            return True
    return False


def is_odd(name: str, at: int) -> bool:
    """Within a day of a change of the clocks."""
    zone = only(name).chosen(RECIPIENT)
    around = [local.wall(at + away, zone) for away in (-DAY_MS, 0, DAY_MS)]
    return around[1] - around[0] != around[2] - around[1] or around[0].time() != around[1].time()
