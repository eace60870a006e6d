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
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from engine import durations
from engine.caps import LIMITS_MAX, WINDOW_MAX_MS, Cap
from engine.schedules import local
from engine.schedules.local import DAY, DAY_MS, MIDNIGHT, Zones

IN_FLIGHT_MAX: Final = 64
"""Reservations of one customer at once; the next waits, whatever the caps say."""

COUNTS_MAX: Final = LIMITS_MAX + IN_FLIGHT_MAX
"""Of one customer, 64 bytes each with an id of 32 characters, and 40 more while it is on its way:
11 KB at most, 600 bytes with ten messages a month."""

LOOK_MS: Final = 10 * 60 * 1000
"""How soon to look again while a place is only reserved: its outcome comes within seconds, or with
a provider that is down within hours."""

OUTCOME_MS: Final = DAY_MS
"""Every send ends in an outcome; one that is lost must not count for ever."""


class Count(msgspec.Struct, frozen=True, array_like=True):
    """One message that was accepted, or is on its way."""

    message_id: str
    channel: str
    category: str | None
    at: int
    """Accepted then; of a reservation when it is given back by itself. Epoch ms."""
    is_reserved: bool = False
    counter: str = ""
    """While it is reserved: where the address's place is held too, and by which grant."""
    grant: int = 0


Counts: TypeAlias = tuple[Count, ...]


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """The message that asks."""

    message_id: str
    channel: str
    category: str | None
    counter: str = ""
    """As in `Count`, with the next."""
    grant: int = 0


def known(counts: Counts, message_id: str) -> Count | None:
    """The place of a message."""
    return next((one for one in counts if one.message_id == message_id), None)


def look_at(counts: Counts, caps: Sequence[Cap], slot: Slot, *, now: int, zones: Zones) -> int:
    """When to ask again: at the earliest legal instant, or sooner while a place is only reserved.

    `now`: the message is legal.
    """
    legal = earliest_legal(counts, caps, slot, now=now, zones=zones)
    settled = tuple(one for one in counts if not one.is_reserved)
    if legal == now or earliest_legal(settled, caps, slot, now=now, zones=zones) == legal:
        return legal
    return min(legal, now + LOOK_MS)


def is_last(counts: Counts, caps: Sequence[Cap], slot: Slot, *, now: int, zones: Zones) -> bool:
    """Whether the message would take the last place under one of the caps."""
    taken = Count(slot.message_id, slot.channel, slot.category, now)
    others = _without(counts, slot.message_id)
    after = Slot(message_id="", channel=slot.channel, category=slot.category)
    return earliest_legal((*others, taken), caps, after, now=now, zones=zones) > now


def covering(caps: Sequence[Cap], slot: Slot) -> tuple[Cap, ...]:
    """The caps that count such a message."""
    return tuple(cap for cap in caps if _covers(cap, slot.channel, slot.category))


def standing(counts: Counts, cap: Cap, slot: Slot, *, now: int, zones: Zones) -> int:
    """How many others the cap counts now, reserved places among them."""
    others = _without(counts, slot.message_id)
    return sum(1 for _, end in _counting(cap, others, zones) if end > now)


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
    held = Count(
        slot.message_id,
        slot.channel,
        slot.category,
        lapses_at,
        is_reserved=True,
        counter=slot.counter,
        grant=slot.grant,
    )
    return _bounded((*kept, held), caps, now=now, zones=zones)


def commit(
    counts: Counts, caps: Sequence[Cap], slot: Slot, *, accepted_at: int, zones: Zones
) -> Counts:
    """Count a message that the provider accepted, or may have: one in doubt counts, too.

    Also if its reservation lapsed. The same word again changes nothing.
    """
    before = known(counts, slot.message_id)
    if before is not None and not before.is_reserved:
        return counts
    accepted = Count(slot.message_id, slot.channel, slot.category, accepted_at)
    kept = _without(counts, slot.message_id)
    return _bounded((*kept, accepted), caps, now=accepted_at, zones=zones)


def give_back(counts: Counts, message_id: str) -> Counts:
    """Free the place of a message that was not sent; one that was accepted goes on counting."""
    return tuple(one for one in counts if one.message_id != message_id or not one.is_reserved)


def merged(survivor: Counts, joined: Counts) -> Counts:
    """The messages of both identities, each once; an outcome is newer than a reservation."""
    found: dict[str, Count] = {}
    for one in (*joined, *survivor):
        before = found.get(one.message_id)
        if before is None or before.is_reserved:
            found[one.message_id] = one
    ordered = sorted(found.values(), key=lambda one: (one.is_reserved, one.at, one.message_id))
    return tuple(ordered[-COUNTS_MAX:])


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
    if cap.per == "week":
        day += DAY * (-day.weekday() % 7)
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
