"""gzip in any pieces, and bombs that do not go off."""

import gzip
import hashlib
import zlib
from typing import Final

import pytest

from api.collector.inflating import MEMBERS_MAX, RATIO_FREE_BYTES, RATIO_MAX, Inflater
from api.errors import ProblemError

TEXT: Final = b"".join(hashlib.sha256(b"%d" % n).hexdigest().encode() for n in range(600))
"""Shrinks by half, as hexadecimal digits do."""


def inflated(packed: bytes, *, max_bytes: int = 100_000, piece_bytes: int = 100_000) -> bytes:
    inflater = Inflater(max_bytes=max_bytes)
    pieces = [packed[at : at + piece_bytes] for at in range(0, len(packed), piece_bytes)]
    found = b"".join(inflater.feed(piece) for piece in pieces)
    inflater.finish()
    return found


@pytest.mark.parametrize("piece_bytes", [1, 7, 1_000, 100_000])
def test_the_pieces_it_arrives_in_do_not_matter(piece_bytes: int) -> None:
    assert inflated(gzip.compress(TEXT), piece_bytes=piece_bytes) == TEXT


@pytest.mark.parametrize("piece_bytes", [1, 1_000, 100_000])
def test_several_members_are_one_body(piece_bytes: int) -> None:
    packed = gzip.compress(TEXT) + gzip.compress(b"") + gzip.compress(b"end")

    assert inflated(packed, piece_bytes=piece_bytes) == TEXT + b"end"


def test_a_body_of_exactly_the_limit_passes() -> None:
    assert inflated(gzip.compress(TEXT), max_bytes=len(TEXT)) == TEXT


@pytest.mark.parametrize("levels", [1, 2])
def test_below_the_size_of_a_message_any_ratio_passes(levels: int) -> None:
    text = bytes(RATIO_FREE_BYTES)

    assert inflated(gzip.compress(text, compresslevel=levels)) == text


@pytest.mark.parametrize(
    ("packed", "status", "code"),
    [
        pytest.param(gzip.compress(TEXT), 413, "body_too_large", id="one byte too much"),
        pytest.param(gzip.compress(bytes(10**7)), 413, "body_too_large", id="bomb"),
        pytest.param(
            gzip.compress(bytes(20_000)) * 3, 413, "body_too_large", id="bomb of several members"
        ),
        pytest.param(gzip.compress(b"a")[:-1], 400, "invalid_gzip", id="truncated trailer"),
        pytest.param(gzip.compress(TEXT)[:100], 400, "invalid_gzip", id="truncated data"),
        pytest.param(gzip.compress(b"a")[:5], 400, "invalid_gzip", id="truncated header"),
        pytest.param(gzip.compress(b"a") + b"junk", 400, "invalid_gzip", id="junk behind it"),
        pytest.param(zlib.compress(b"a"), 400, "invalid_gzip", id="zlib"),
        pytest.param(b'{"batch":[]}', 400, "invalid_gzip", id="no gzip"),
        pytest.param(b"", 400, "invalid_gzip", id="nothing"),
        pytest.param(gzip.compress(b"a")[:-8] + bytes(8), 400, "invalid_gzip", id="wrong checksum"),
        pytest.param(
            gzip.compress(b"") * (MEMBERS_MAX + 1), 400, "invalid_gzip", id="too many members"
        ),
    ],
)
def test_what_is_too_large_or_broken_is_refused(packed: bytes, status: int, code: str) -> None:
    with pytest.raises(ProblemError) as refusal:
        inflated(packed, max_bytes=len(TEXT) - 1)

    assert (refusal.value.status, refusal.value.code) == (status, code)


def test_what_inflates_too_much_is_refused_before_the_limit_is_reached() -> None:
    text = bytes(RATIO_FREE_BYTES * 10)

    with pytest.raises(ProblemError) as refusal:
        inflated(gzip.compress(text), max_bytes=len(text))

    assert refusal.value.code == "ratio_too_high"
    assert len(text) > RATIO_MAX * len(gzip.compress(text))


def test_a_bomb_never_takes_more_room_than_the_limit() -> None:
    inflater = Inflater(max_bytes=1_000)

    with pytest.raises(ProblemError):
        inflater.feed(gzip.compress(bytes(10**8)))

    assert inflater._given_bytes <= 1_001
