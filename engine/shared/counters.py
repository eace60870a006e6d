"""A counter's row: who has its places.

counts   of an address: messages under frequency caps (`engine.shared.addresses`)
held     the latest grants, one by one: asked again, the same claim has the same place
folded   older ones as numbers only, in buckets of time; they are still counted
"""

import re
from typing import Final

import msgspec

from engine.capping import Counts
from engine.emissions import OutboxEntry
from engine.errors import RejectedError
from engine.shared.standings import AddressState

HELD_MAX: Final = 1_000
"""Grants kept one by one; 25 bytes each. The row is written whole with each batch that claims."""

BUCKETS: Final = 100
"""Parts of a window that older grants are folded into; 20 bytes each. A folded grant counts up to
a hundredth of its window too long, never too short."""

FREE_MAX: Final = 1_000
"""Numbered places given back and not granted again; 5 bytes each. More are left unused: a promo
code is lost then, and none is issued twice."""

_KEY: Final = re.compile(r"[a-z]{2,16}:[^\s].{0,254}", re.DOTALL)


class Grant(msgspec.Struct, frozen=True, array_like=True):
    """A place that somebody has."""

    number: int
    """Of the claim it was granted to."""
    at: int
    place: int = -1
    """Where places are told apart: which one."""


class Bucket(msgspec.Struct, frozen=True, array_like=True):
    """Grants that are no longer told apart."""

    first_at: int
    last_at: int
    count: int


class CounterRow(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Everything stored of one counter; at most about 40 KB without its outbox."""

    now_at: int = 0
    window_ms: int = 0
    """As last claimed."""
    held: dict[bytes, Grant] = {}
    """By the hash of the claim's id, the earliest grant first."""
    folded: list[Bucket] = []
    next_place: int = 0
    """Where places are told apart: the first that was never granted."""
    free: list[int] = []
    """The same: those given back, to be granted before it."""
    counts: Counts = ()
    """Of an address: at most 11 KB, and then nothing stands in the others."""
    causes: dict[str, tuple[int, int]] = {}
    outbox: list[OutboxEntry] = []
    address: AddressState | None = None
    """What stands against an address, and who has it: `engine.shared.standings`."""
    failed: int = 0
    """Of a campaign: the revision that was last said to have failed, or to be paused."""

    @property
    def taken_count(self) -> int:
        """Places taken, as of the last claim."""
        return len(self.held) + sum(bucket.count for bucket in self.folded)


def key_of(key: bytes) -> str:
    """Take the key of a record as a counter's: what is counted, a colon, which one.

    Words of two letters and more, so that no counter is taken for a customer.

    Raises:
        RejectedError: it is none.
    """
    try:
        text = key.decode()
    except UnicodeDecodeError as error:
        raise RejectedError("no_key", f"the key {key!r} is no text") from error
    if not _KEY.fullmatch(text):
        raise RejectedError("no_key", f"the key {text!r} is no counter's")
    return text


def copied(row: CounterRow) -> CounterRow:
    """A row that can be advanced without the other."""
    return msgspec.structs.replace(
        row,
        held=dict(row.held),
        folded=list(row.folded),
        free=list(row.free),
        causes=dict(row.causes),
        outbox=list(row.outbox),
    )


def expire(row: CounterRow, now: int) -> None:
    """Free the places whose window has passed."""
    if not row.window_ms:
        return
    latest = now - row.window_ms
    row.folded = [bucket for bucket in row.folded if bucket.last_at > latest]
    while row.held:
        name, grant = next(iter(row.held.items()))
        if grant.at > latest:
            return
        del row.held[name]


def grant(row: CounterRow, number: int, *, limit: int, is_numbered: bool) -> Grant | None:
    """A place as of now, not held yet; None: there is none."""
    if row.taken_count >= limit:
        return None
    if not is_numbered:
        return Grant(number, row.now_at)
    if row.free:
        return Grant(number, row.now_at, row.free.pop(0))
    if row.next_place >= limit:
        return None
    row.next_place += 1
    return Grant(number, row.now_at, row.next_place - 1)


def hold(row: CounterRow, name: bytes, grant: Grant) -> None:
    """Take a place; the oldest grants beyond the bound are only counted from here on."""
    row.held[name] = grant
    while len(row.held) > HELD_MAX:
        oldest = next(iter(row.held))
        _fold(row, row.held.pop(oldest).at)


def give_back(row: CounterRow, name: bytes, grant: Grant, *, now: int) -> None:
    """Free the place of this grant, if it still has one."""
    held = row.held.get(name)
    if held is not None and held.number == grant.number:
        del row.held[name]
        if held.place >= 0 and len(row.free) < FREE_MAX:
            row.free.append(held.place)
        return
    if row.window_ms and grant.at <= now - row.window_ms:
        return
    for place, bucket in enumerate(row.folded):
        if bucket.first_at <= grant.at <= bucket.last_at:
            row.folded[place] = msgspec.structs.replace(bucket, count=bucket.count - 1)
            break
    row.folded = [bucket for bucket in row.folded if bucket.count > 0]


def free_at(row: CounterRow, limit: int) -> int | None:
    """When enough windows have passed for one place to be free; None: that does not free any."""
    if not row.window_ms or limit <= 0:
        return None
    missing = row.taken_count - limit + 1
    ages = [(bucket.last_at, bucket.count) for bucket in row.folded]
    for at, count in [*ages, *((grant.at, 1) for grant in row.held.values())]:
        missing -= count
        if missing <= 0:
            return at + row.window_ms
    return None


def _fold(row: CounterRow, at: int) -> None:
    step_ms = row.window_ms // BUCKETS
    last = row.folded[-1] if row.folded else None
    if last is not None and (not row.window_ms or at < last.first_at + step_ms):
        row.folded[-1] = Bucket(last.first_at, at, last.count + 1)
    else:
        row.folded.append(Bucket(at, at, 1))
    if len(row.folded) > 2 * BUCKETS:
        first, second = row.folded[:2]
        joined = Bucket(first.first_at, second.last_at, first.count + second.count)
        row.folded[:2] = [joined]
