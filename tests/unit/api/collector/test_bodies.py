"""Reading a body piece by piece, over bare ASGI."""

import asyncio
import gzip
from collections.abc import Sequence

import pytest
from starlette.requests import Request
from starlette.types import Message

from api.collector import bodies
from api.errors import ProblemError


class Wire:
    """A connection that delivers these pieces; then it is silent."""

    def __init__(self, pieces: Sequence[Message]) -> None:
        self.pieces = list(pieces)

    async def receive(self) -> Message:
        """What ASGI calls for the next piece."""
        if self.pieces:
            return self.pieces.pop(0)
        return await asyncio.Future()


def piece(body: bytes, *, more: bool = False) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def request(wire: Wire, **headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "headers": raw}, wire.receive)


async def test_a_body_in_pieces_is_put_together() -> None:
    wire = Wire([piece(b"a", more=True), piece(b"", more=True), piece(b"b")])

    assert await bodies.read(request(wire), max_bytes=2) == b"ab"


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip", " gzip "])
async def test_a_packed_body_is_unpacked(encoding: str) -> None:
    packed = gzip.compress(b"text")
    wire = Wire([piece(packed[:10], more=True), piece(packed[10:])])

    assert await bodies.read(request(wire, content_encoding=encoding), max_bytes=100) == b"text"


async def test_a_body_that_announces_too_much_is_refused_unread() -> None:
    wire = Wire([piece(b"abc")])

    with pytest.raises(ProblemError) as refusal:
        await bodies.read(request(wire, content_length="3"), max_bytes=2)

    assert (refusal.value.status, refusal.value.code) == (413, "body_too_large")
    assert len(wire.pieces) == 1


async def test_a_body_that_announces_nothing_is_refused_where_it_is_too_large() -> None:
    wire = Wire([piece(b"ab", more=True), piece(b"c", more=True), piece(b"d")])

    with pytest.raises(ProblemError) as refusal:
        await bodies.read(request(wire), max_bytes=2)

    assert refusal.value.status == 413
    assert len(wire.pieces) == 1


async def test_a_body_that_trickles_is_given_up() -> None:
    wire = Wire([piece(b"a", more=True)])

    with pytest.raises(ProblemError) as refusal:
        await bodies.read(request(wire), max_bytes=9, deadline_s=0.01)

    assert (refusal.value.status, refusal.value.code) == (408, "body_timeout")


async def test_a_connection_that_ends_early_is_no_error_of_ours() -> None:
    wire = Wire([piece(b"a", more=True), {"type": "http.disconnect"}])

    with pytest.raises(ProblemError) as refusal:
        await bodies.read(request(wire), max_bytes=9)

    assert (refusal.value.status, refusal.value.code) == (400, "truncated_body")


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip", "x"])
async def test_another_packing_is_refused(encoding: str) -> None:
    with pytest.raises(ProblemError) as refusal:
        await bodies.read(request(Wire([]), content_encoding=encoding), max_bytes=9)

    assert (refusal.value.status, refusal.value.code) == (415, "unsupported_encoding")
