"""Frequency caps as their author writes them."""

from collections.abc import Iterator, Sequence
from typing import Final, Literal, get_args

import msgspec

from engine import durations
from engine.errors import Flaw
from engine.schedules import local
from engine.schedules.local import DAY_MS, ZoneChoice

CAPS_MAX: Final = 20

LIMITS_MAX: Final = 64
"""Of all caps together: so many counts are never forgotten while they matter."""

WINDOW_MAX_MS: Final = 31 * DAY_MS

NAME_MAX_CHARS: Final = 100
NAMES_MAX: Final = 20


class Cap(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """At most `limit` messages of these channels and categories in the window."""

    limit: int
    channels: tuple[str, ...] = ()
    """Every channel unless told."""
    categories: tuple[str, ...] = ()
    """Every category, and none, unless told."""
    window: str | None = None
    """A rolling length, `7d`; at most 31 days."""
    per: Literal["day", "week"] | None = None
    """Instead of it: a day of the calendar in `tz`, or a week, which begins on Monday."""
    tz: str = "recipient"
    """Or `company`, `UTC`, or a zone by its IANA name."""


def flaws(caps: Sequence[Cap], *, path: str) -> list[Flaw]:
    """Everything wrong that the types alone do not say."""
    found = [flaw for place, cap in enumerate(caps) for flaw in _cap_flaws(cap, f"{path}[{place}]")]
    if len(caps) > CAPS_MAX:
        found.append(Flaw(path=path, message=f"at most {CAPS_MAX} caps"))
    if not found and sum(cap.limit for cap in caps) > LIMITS_MAX:
        message = f"their limits together are at most {LIMITS_MAX}: a row keeps so many messages"
        found.append(Flaw(path=path, message=message))
    return found


def _cap_flaws(cap: Cap, path: str) -> Iterator[Flaw]:
    if not 1 <= cap.limit <= LIMITS_MAX:
        yield Flaw(path=f"{path}.limit", message=f"from 1 to {LIMITS_MAX}")
    if (cap.window is None) == (cap.per is None):
        yield Flaw(path=path, message='either window, like "7d", or per: "day" or "week"')
    if cap.tz not in get_args(ZoneChoice) and not local.is_known(cap.tz):
        message = "recipient, company, UTC, or a zone like Europe/Berlin"
        yield Flaw(path=f"{path}.tz", message=message)
    if cap.window is not None:
        try:
            if durations.parse_ms(cap.window) > WINDOW_MAX_MS:
                yield Flaw(path=f"{path}.window", message="at most 31d")
        except ValueError as error:
            yield Flaw(path=f"{path}.window", message=str(error))
    for name, listed in (("channels", cap.channels), ("categories", cap.categories)):
        if len(listed) > NAMES_MAX or len(set(listed)) != len(listed):
            yield Flaw(path=f"{path}.{name}", message=f"at most {NAMES_MAX}, each once")
        if any(not 1 <= len(one) <= NAME_MAX_CHARS for one in listed):
            yield Flaw(path=f"{path}.{name}", message=f"1 to {NAME_MAX_CHARS} characters each")
