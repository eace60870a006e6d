"""Quiet hours: when nothing is sent, and when what was held leaves.

    22:00            08:00                     22:00
    ───[    quiet    )───────────────────────────[ ...
          ▲ decided  ▲ held until here
                     [ smear )  leaves somewhere in here, each message at a place of its own

Everything held overnight would otherwise leave in one instant. An hour that clocks show twice is
quiet both times, if it is quiet at all.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from engine import chance, durations
from engine.errors import Flaw
from engine.schedules import local
from engine.schedules.local import DAY, MIDNIGHT, WEEKDAYS, Weekday, ZoneChoice, Zones

WINDOWS_MAX: Final = 14
"""Two for each day of the week."""

OPEN_MIN_MINUTES: Final = 60
"""Of a week: with less, messages expire rather than leave."""

SMEAR_MAX_MS: Final = 12 * 60 * 60 * 1000

END_OF_DAY: Final = "24:00"

_WEEK_MINUTES: Final = 7 * 24 * 60


class Window(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """From `start`, inclusive, to `end`, exclusive: of the next day unless it is later."""

    start: str
    end: str
    """`24:00` is the end of the day."""
    weekdays: tuple[Weekday, ...] = ()
    """On which it begins; every day unless told."""


class QuietHours(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """As their author writes them."""

    windows: tuple[Window, ...] = (Window(start="21:00", end="09:00"),)
    tz: ZoneChoice = "recipient"
    on_hit: Literal["hold", "skip"] = "hold"
    """Whether what is decided in a window waits for its end, or is not sent."""
    smear: str | None = "30m"
    """Over how long after a window what it held leaves; null: all at once."""


class Span(NamedTuple):
    """A window on one day, as epoch ms; the end is exclusive."""

    start: int
    end: int


def next_allowed(quiet: QuietHours, *, now: int, zones: Zones) -> int:
    """The first instant outside every window, `now` at the earliest."""
    zone, at = zones.chosen(quiet.tz), now
    while (end := _held_until(quiet, at, zone)) is not None:
        at = end
    return at


def release(
    quiet: QuietHours, message_id: str, *, now: int, expires_at: int, zones: Zones
) -> int | None:
    """When a message may leave: `now`, or its own place after the window that holds it.

    The same place whenever it is asked during that window. Before the next window begins, and
    before the message expires.

    Returns:
        None: it expires before that.
    """
    opens = next_allowed(quiet, now=now, zones=zones)
    if opens >= expires_at:
        return None
    if opens == now or quiet.smear is None:
        return opens
    closes = _next_start(quiet, opens, zones.chosen(quiet.tz))
    end = min(opens + durations.parse_ms(quiet.smear), closes, expires_at)
    return opens + (end - opens) * chance.share("smear", message_id) // chance.SHARES


def _held_until(quiet: QuietHours, at: int, zone: ZoneInfo) -> int | None:
    """The latest end of the windows that are open at an instant."""
    today = local.wall(at, zone).date()
    spans = _spans(quiet, (today - DAY, today, today + DAY), zone)
    return max((span.end for span in spans if span.start <= at < span.end), default=None)


def _next_start(quiet: QuietHours, at: int, zone: ZoneInfo) -> int:
    """When the next window begins that is worth asking for: within a smear."""
    today = local.wall(at, zone).date()
    spans = _spans(quiet, (today - DAY, today, today + DAY), zone)
    starts = (span.start for span in spans if at < span.start < span.end)
    return min(starts, default=at + SMEAR_MAX_MS)


def _spans(quiet: QuietHours, days: Sequence[date], zone: ZoneInfo) -> Iterator[Span]:
    for window in quiet.windows:
        start, end, is_overnight = _times(window)
        for day in days:
            if local.has_weekday(day, window.weekdays):
                last = datetime.combine(day + DAY if is_overnight else day, end)
                yield Span(local.on_day(day, start, zone), local.instant(last, zone, is_last=True))


def _times(window: Window) -> tuple[time, time, bool]:
    """Start, end, and whether that is the next day's."""
    start = local.parse_time(window.start)
    end = MIDNIGHT if window.end == END_OF_DAY else local.parse_time(window.end)
    return start, end, end <= start


def flaws(quiet: QuietHours, *, path: str) -> list[Flaw]:
    """Everything wrong that the types alone do not say."""
    if not 1 <= len(quiet.windows) <= WINDOWS_MAX:
        return [Flaw(path=f"{path}.windows", message=f"from 1 to {WINDOWS_MAX}")]
    found = [*_smear_flaws(quiet, path), *_window_flaws(quiet, path)]
    if not found and _open_minutes(quiet) < OPEN_MIN_MINUTES:
        message = f"they leave less than {OPEN_MIN_MINUTES} minutes of a week"
        found.append(Flaw(path=f"{path}.windows", message=message))
    return found


def _smear_flaws(quiet: QuietHours, path: str) -> Iterator[Flaw]:
    if quiet.smear is None:
        return
    try:
        if durations.parse_ms(quiet.smear) > SMEAR_MAX_MS:
            yield Flaw(path=f"{path}.smear", message="at most 12h")
    except ValueError as error:
        yield Flaw(path=f"{path}.smear", message=str(error))


def _window_flaws(quiet: QuietHours, path: str) -> Iterator[Flaw]:
    for place, window in enumerate(quiet.windows):
        where = f"{path}.windows[{place}]"
        for name, text in (("start", window.start), ("end", window.end)):
            try:
                if (name, text) != ("end", END_OF_DAY):
                    local.parse_time(text)
            except ValueError as error:
                yield Flaw(path=f"{where}.{name}", message=str(error))
        if window.start == window.end:
            message = "it ends as it begins: a whole day is 00:00 to 24:00"
            yield Flaw(path=f"{where}.end", message=message)
        if len(set(window.weekdays)) != len(window.weekdays):
            yield Flaw(path=f"{where}.weekdays", message="each day once")


def _open_minutes(quiet: QuietHours) -> int:
    """Of an ordinary week."""
    closed: set[int] = set()
    for window in quiet.windows:
        start, end, is_overnight = _times(window)
        first = start.hour * 60 + start.minute
        last = end.hour * 60 + end.minute + is_overnight * 24 * 60
        for weekday in window.weekdays or WEEKDAYS:
            day = WEEKDAYS.index(weekday) * 24 * 60
            closed.update((day + minute) % _WEEK_MINUTES for minute in range(first, last))
    return _WEEK_MINUTES - len(closed)
