"""Frequency caps: how many messages one customer, or one address, may get in a window.

    decided ──▶ reserved ──┬─▶ accepted by the provider: counts in its window
                           ├─▶ failed, expired, refused later: given back
                           └─▶ nothing heard for a day after it expired: given back

A reservation counts as if the message could be accepted at any moment, so two campaigns cannot both
pass, and the cap holds of the instants at which messages were accepted, however they interleave.
The channel and category counted are those at the time of sending.

Whether a message is capped at all is the caller's: transactional ones are not.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from engine import durations
from engine.errors import Flaw
from engine.schedules import local
from engine.schedules.local import DAY, DAY_MS, MIDNIGHT, ZoneChoice, Zones

CAPS_MAX: Final = 20

LIMITS_MAX: Final = 64
"""Of all caps together: so many counts are never forgotten while they matter."""

WINDOW_MAX_MS: Final = 31 * DAY_MS

IN_FLIGHT_MAX: Final = 64
"""Reservations of one customer at once; the next waits, whatever the caps say."""

COUNTS_MAX: Final = LIMITS_MAX + IN_FLIGHT_MAX
"""Of one customer, 64 bytes each with an id of 32 characters: 8 KB at most, 600 bytes with ten
messages a month."""

OUTCOME_MS: Final = DAY_MS
"""Every send ends in an outcome; one that is lost must not count for ever."""

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
    per: Literal["day"] | None = None
    """Instead of it: a day of the calendar in `tz`."""
    tz: ZoneChoice = "recipient"


class Count(msgspec.Struct, frozen=True, array_like=True):
    """One message that was accepted, or is on its way."""

    message_id: str
    channel: str
    category: str | None
    at: int
    """Accepted then; of a reservation when it is given back by itself. Epoch ms."""
    is_reserved: bool = False


Counts: TypeAlias = tuple[Count, ...]


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """The message that asks."""

    message_id: str
    channel: str
    category: str | None


def earliest_legal(
    counts: Counts, caps: Sequence[Cap], slot: Slot, *, now: int, zones: Zones
) -> int:
    """The first instant, `now` at the earliest, at which the message breaks no cap.

    If nothing else happens until then: ask again. Its own reservation does not count.
    """
    others = [count for count in counts if count.message_id != slot.message_id]
    in_flight = [count.at for count in others if count.is_reserved]
    legal = [now, _opens(in_flight, IN_FLIGHT_MAX, now)]
    for cap in caps:
        if _covers(cap, slot.channel, slot.category):
            ends = [end for _, end in _counting(cap, others, zones)]
            legal.append(_opens(ends, cap.limit, now))
    return max(legal)


def reserve(
    counts: Counts, caps: Sequence[Cap], slot: Slot, *, now: int, expires_at: int, zones: Zones
) -> Counts:
    """Hold a place for a message that is legal now; the same message again holds the same place.

    Args:
        counts: as stored.
        caps: every one there is.
        slot: the message.
        now: epoch ms.
        expires_at: when delivery gives the message up.
        zones: as for `earliest_legal`.
    """
    lapses_at = expires_at + OUTCOME_MS
    kept = _without(counts, slot.message_id)
    held = Count(slot.message_id, slot.channel, slot.category, lapses_at, is_reserved=True)
    return _bounded((*kept, held), caps, now=now, zones=zones)


def commit(
    counts: Counts, caps: Sequence[Cap], slot: Slot, *, accepted_at: int, zones: Zones
) -> Counts:
    """Count a message that the provider accepted, or may have: one in doubt counts, too.

    Also if its reservation lapsed. The same word again changes nothing.
    """
    known = next((one for one in counts if one.message_id == slot.message_id), None)
    if known is not None and not known.is_reserved:
        return counts
    accepted = Count(slot.message_id, slot.channel, slot.category, accepted_at)
    kept = _without(counts, slot.message_id)
    return _bounded((*kept, accepted), caps, now=accepted_at, zones=zones)


def give_back(counts: Counts, message_id: str) -> Counts:
    """Free the place of a message that was not sent; one that was accepted goes on counting."""
    return tuple(one for one in counts if one.message_id != message_id or not one.is_reserved)


def _without(counts: Counts, message_id: str) -> Counts:
    return tuple(one for one in counts if one.message_id != message_id)


def _covers(cap: Cap, channel: str, category: str | None) -> bool:
    if cap.channels and channel not in cap.channels:
        return False
    return not cap.categories or category in cap.categories


def _counting(cap: Cap, counts: Iterable[Count], zones: Zones) -> Iterator[tuple[Count, int]]:
    """What the cap counts, each with the instant from which it does not."""
    zone = zones.chosen(cap.tz)
    for count in counts:
        if _covers(cap, count.channel, count.category):
            yield count, count.at if count.is_reserved else _leaves(cap, count.at, zone)


def _leaves(cap: Cap, at: int, zone: ZoneInfo) -> int:
    if cap.window is not None:
        return at + durations.parse_ms(cap.window)
    # The last midnight of two: what clocks show as one day is one day.
    day = local.wall(at, zone).date() + DAY
    return local.instant(datetime.combine(day, MIDNIGHT), zone, is_last=True)


def _opens(ends: Iterable[int], limit: int, now: int) -> int:
    """When fewer than the limit are left; `now` if they are."""
    standing = sorted(end for end in ends if end > now)
    return now if len(standing) < limit else standing[len(standing) - limit]


def _bounded(counts: Counts, caps: Sequence[Cap], *, now: int, zones: Zones) -> Counts:
    """Drop what no window can hold any more; of too many, the oldest that no cap needs.

    A cap needs what is on its way and the last `limit` accepted: an older one is never what it
    waits for.
    """
    kept = [one for one in counts if one.at > (now if one.is_reserved else now - WINDOW_MAX_MS)]
    surplus = len(kept) - COUNTS_MAX
    if surplus <= 0:
        return tuple(kept)
    needed = {one.message_id for one in kept if one.is_reserved}
    for cap in caps:
        ends = [found for found in _counting(cap, kept, zones) if not found[0].is_reserved]
        last = sorted(ends, key=lambda found: found[1])[-cap.limit :]
        needed.update(count.message_id for count, _ in last)
    spare = sorted((one for one in kept if one.message_id not in needed), key=lambda one: one.at)
    dropped = {one.message_id for one in spare[:surplus]}
    return tuple(one for one in kept if one.message_id not in dropped)


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
        yield Flaw(path=path, message='either window, like "7d", or per: "day"')
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
