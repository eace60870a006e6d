"""Clocks of several zones, and the hours in which they are odd."""

from datetime import UTC, datetime
from typing import Final

from hypothesis import strategies as st

from engine.schedules.local import Zones

HOUR_MS: Final = 60 * 60 * 1000
DAY_MS: Final = 24 * HOUR_MS

CHANGES: Final = {
    "Europe/Berlin": ("2026-03-29T01:00", "2026-10-25T01:00"),
    "America/New_York": ("2026-03-08T07:00", "2026-11-01T06:00"),
    "Australia/Lord_Howe": ("2026-04-04T15:00", "2026-10-03T15:30"),  # by half an hour
    "America/Sao_Paulo": ("2018-02-18T02:00", "2018-11-04T03:00"),  # at midnight
    "America/St_Johns": ("2009-03-08T03:31", "2009-11-01T02:31"),  # at a minute past midnight
    "America/Nuuk": ("2026-03-29T01:00", "2026-10-25T01:00"),  # up to midnight
    "Pacific/Apia": ("2011-12-30T10:00", "2011-09-24T14:00"),  # a day is missing
    "Asia/Kolkata": ("2026-03-29T01:00",),  # never
}
"""When clocks are put forward or back, in UTC."""


def at(text: str) -> int:
    """An instant in UTC, as epoch ms."""
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def only(name: str) -> Zones:
    """Recipient and company in one zone."""
    return Zones(recipient=name, company=name)


zone_names = st.sampled_from(sorted(CHANGES))


@st.composite
def moments(draw: st.DrawFn) -> tuple[str, int]:
    """A zone and an instant (epoch ms), more often than not near a change of its clocks."""
    name = draw(zone_names)
    near = at(draw(st.sampled_from(CHANGES[name])))
    minutes = st.integers(-3 * 24 * 60, 3 * 24 * 60).map(lambda minute: near + minute * 60_000)
    odd = st.integers(-3 * DAY_MS, 3 * DAY_MS).map(lambda away: near + away)
    return name, draw(minutes | odd | st.integers(at("2000-01-01"), at("2035-01-01")))
