"""Rolling windows: which buckets of time a window holds at an instant.

A window of length d moves in steps, so that a row needs one sum per step and not one per event:

    step      |  b-3  |  b-2  |  b-1  |   b   |         d = 3 steps, now inside of b
    window            [------- at now ----^---]         b-3 left all at once when b began

An instant counts while its bucket is among the last d / step ones, the one of `now` included: at
least d - step long, never longer than d. Buckets are counted from the epoch, so every customer's
begin at the same instants, and a question to ClickHouse can find the same ones.
"""

from datetime import date, timedelta
from typing import Final, Literal, NamedTuple

from engine import dates, durations

_MINUTE_MS: Final = 60_000
_HOUR_MS: Final = 60 * _MINUTE_MS


class Window(NamedTuple):
    """A length with its step, both in milliseconds; the length is whole steps."""

    length_ms: int
    step_ms: int

    def bucket(self, at: int) -> int:
        """Number the step that an instant, epoch ms, lies in."""
        return at // self.step_ms

    def last_outside(self, now: int) -> int:
        """The newest bucket that has left the window at `now`."""
        return self.bucket(now) - self.length_ms // self.step_ms

    def leaves_at(self, bucket: int) -> int:
        """From when on, epoch ms, a bucket does not count any more."""
        return (bucket + self.length_ms // self.step_ms) * self.step_ms


class Calendar(NamedTuple):
    """The calendar day, week or month that runs in a zone, and the `units - 1` before it.

    A bucket is a day of the zone, numbered by the calendar.
    """

    units: int
    unit: Literal["day", "week", "month"]
    zone: str

    def bucket(self, at: int) -> int:
        """Number the day that an instant, epoch ms, lies in."""
        return dates.local(at, self.zone).toordinal()

    def last_outside(self, now: int) -> int:
        """The last day before the first that counts at `now`."""
        return self._begin(dates.local(now, self.zone), 1 - self.units).toordinal() - 1

    def leaves_at(self, bucket: int) -> int:
        """From when on, epoch ms, a day does not count any more."""
        return dates.begins(self._begin(date.fromordinal(bucket), self.units), self.zone)

    def _begin(self, day: date, units: int) -> date:
        """The first day of the unit that lies so many units from that of a day."""
        match self.unit:
            case "day":
                return day + timedelta(days=units)
            case "week":
                return day + timedelta(days=7 * units - day.weekday())
            case _:
                return dates.moved(day.replace(day=1), units)


def parsed(text: str) -> Window:
    """Read a window's length, and find its step.

    Raises:
        ValueError: no duration, longer than a year, or not whole steps; the message says which.
    """
    length_ms = durations.parse_ms(text)
    step_ms = _step_ms(length_ms)
    if length_ms % step_ms:
        raise ValueError(
            f'"{text}" is not whole steps: a window up to 1h moves by 1m, up to 48h by 15m, '
            "a longer one by 1h"
        )
    return Window(length_ms, step_ms)


def _step_ms(length_ms: int) -> int:
    if length_ms <= _HOUR_MS:
        return _MINUTE_MS
    return 15 * _MINUTE_MS if length_ms <= 48 * _HOUR_MS else _HOUR_MS
