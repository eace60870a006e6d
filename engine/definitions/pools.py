"""Pools of promo codes: a list of them, or a mask that as many as wanted are made by.

A code has a **place** in its pool, and a place is given out once (`engine.shared.counters`). So
what stands at a place never changes: codes are added behind, a mask and its secret stay.
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

import msgspec

from engine import durations
from engine.errors import Flaw

CODES_MAX: Final = 5_000
"""Of a list: every process keeps them. More are made by a mask, or lie in several pools."""

CODE_MAX_CHARS: Final = 64

SIZE_MAX: Final = 10_000_000

SECRET_MIN_CHARS: Final = 16

ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without those that people take for one another: 0 and O, 1 and I."""

GUESSES: Final = 10_000
"""How many texts of the mask there are for each code at least: so few guesses are one."""

_ROUNDS: Final = 8


class Pool(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """One version."""

    id: str
    name: str = ""
    codes: tuple[str, ...] = ()
    mask: str | None = None
    """`SPRING-#######`: each `#` becomes a letter or a digit."""
    size: int | None = None
    """How many codes are made by the mask."""
    secret: str | None = None
    """What the codes are made from: who knows it knows them all."""
    expires_in: str | None = None
    """How long a code is good once it is issued."""
    expires_at: str | None = None
    """Or until when every one is: RFC 3339."""
    low: int = 0
    """With so few left the operator is told."""

    @property
    def count(self) -> int:
        """How many codes there are, issued or not."""
        return len(self.codes) if self.mask is None else self.size or 0


class PoolEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A pool as it stands; what is deleted keeps its places, so that no code is issued twice."""

    revision: int
    latest: Pool
    deleted: bool = False


def code_at(pool: Pool, place: int) -> str:
    """The code at a place of the pool, from 0 and below `Pool.count`."""
    if pool.mask is None:
        return pool.codes[place]
    left = _shuffled(place, bits=5 * pool.mask.count("#"), secret=pool.secret or "")
    found = []
    for _ in range(pool.mask.count("#")):
        left, rest = divmod(left, len(ALPHABET))
        found.append(ALPHABET[rest])
    drawn = iter(found)
    return "".join(next(drawn) if char == "#" else char for char in pool.mask)


def expiry(pool: Pool, *, now: int) -> int | None:
    """When a code that is issued now expires, epoch ms; None: never."""
    if pool.expires_in is not None:
        return now + durations.parse_ms(pool.expires_in)
    if pool.expires_at is None:
        return None
    return int(datetime.fromisoformat(pool.expires_at).timestamp() * 1000)


def flaws(pool: Pool) -> list[Flaw]:
    """Everything wrong that the types alone do not say."""
    return [*_source_flaws(pool), *_end_flaws(pool)]


def flaws_after(pool: Pool, known: Mapping[str, PoolEntry]) -> list[Flaw]:
    """What is wrong with it after the one it replaces, deleted or not."""
    entry = known.get(pool.id)
    return [] if entry is None else list(_moved(entry.latest, pool))


def _moved(before: Pool, after: Pool) -> Iterator[Flaw]:
    """Codes that would stand at another place."""
    message = "the codes there were stay where they are: add others behind them"
    if before.codes != after.codes[: len(before.codes)]:
        yield Flaw(path="codes", message=message)
    if before.mask != after.mask:
        yield Flaw(path="mask", message="it stays as it was: make another pool")
    if before.secret != after.secret:
        yield Flaw(path="secret", message="it stays as it was: make another pool")
    if (after.size or 0) < (before.size or 0):
        yield Flaw(path="size", message=f"not less than it was, {before.size}")


def _source_flaws(pool: Pool) -> Iterator[Flaw]:
    if bool(pool.codes) == (pool.mask is not None):
        yield Flaw(path="codes", message="a list of codes, or a mask with size and secret")
        return
    if not 0 <= pool.low < pool.count:
        yield Flaw(path="low", message=f"from 0, below {pool.count}")
    if pool.mask is None:
        yield from _code_flaws(pool)
    else:
        yield from _mask_flaws(pool, pool.mask)


def _code_flaws(pool: Pool) -> Iterator[Flaw]:
    if len(pool.codes) > CODES_MAX:
        yield Flaw(path="codes", message=f"at most {CODES_MAX}: take a mask, or several pools")
    if pool.size is not None or pool.secret is not None:
        yield Flaw(path="size", message="size and secret are of a mask")
    seen: set[str] = set()
    for place, code in enumerate(pool.codes):
        if not 1 <= len(code) <= CODE_MAX_CHARS or not code.isprintable() or code != code.strip():
            message = f"1 to {CODE_MAX_CHARS} printable characters"
            yield Flaw(path=f"codes[{place}]", message=message)
        elif code in seen:
            yield Flaw(path=f"codes[{place}]", message=f"{code!r} is there twice")
        seen.add(code)


def _mask_flaws(pool: Pool, mask: str) -> Iterator[Flaw]:
    if not 1 <= len(mask) <= CODE_MAX_CHARS or not mask.isprintable():
        yield Flaw(path="mask", message=f"1 to {CODE_MAX_CHARS} printable characters")
    if pool.size is None or not 1 <= pool.size <= SIZE_MAX:
        yield Flaw(path="size", message=f"how many codes, from 1 to {SIZE_MAX}")
    elif len(ALPHABET) ** mask.count("#") < pool.size * GUESSES:
        message = f"codes could be guessed: more than {mask.count('#')} # for {pool.size} codes"
        yield Flaw(path="mask", message=message)
    if pool.secret is None or len(pool.secret) < SECRET_MIN_CHARS:
        message = f"at least {SECRET_MIN_CHARS} characters that nobody else knows"
        yield Flaw(path="secret", message=message)


def _end_flaws(pool: Pool) -> Iterator[Flaw]:
    if pool.expires_in is not None and pool.expires_at is not None:
        yield Flaw(path="expires_at", message="expires_in or expires_at, not both")
    if pool.expires_in is not None:
        try:
            durations.parse_ms(pool.expires_in)
        except ValueError as error:
            yield Flaw(path="expires_in", message=str(error))
    if pool.expires_at is not None and not _is_instant(pool.expires_at):
        message = "an instant with its offset, like 2026-11-22T09:00:00Z"
        yield Flaw(path="expires_at", message=message)


def _is_instant(text: str) -> bool:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return False
    return at.tzinfo is not None and at.year > 1


def _shuffled(value: int, *, bits: int, secret: str) -> int:
    """Another number of as many bits for each: no two codes are the same.

    A Feistel network (Luby and Rackoff, 1988) keyed by the secret, its halves of one bit's
    difference where the number is odd.
    """
    low_bits = bits // 2
    high, low = value >> low_bits, value & ((1 << low_bits) - 1)
    for turn in range(_ROUNDS):
        if turn % 2:
            low ^= _mixed(high, turn, secret) & ((1 << low_bits) - 1)
        else:
            high ^= _mixed(low, turn, secret) & ((1 << (bits - low_bits)) - 1)
    return (high << low_bits) | low


def _mixed(half: int, turn: int, secret: str) -> int:
    text = f"{turn}/{half}/{secret}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
