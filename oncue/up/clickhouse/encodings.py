"""Content encodings, as ClickHouse's clients use them: lz4 frames, zstd, gzip, deflate."""

import gzip
import sys
import zlib
from collections.abc import Callable, Mapping
from typing import Final, Protocol

import lz4.frame

from oncue.up.clickhouse.errors import UnsupportedError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

GZIP_WBITS: Final = 31
"""zlib's way to say: with gzip's header."""


class Encoder(Protocol):
    """Compresses a stream, chunk by chunk."""

    def compress(self, data: bytes, /) -> bytes:
        """Take a chunk; what comes out may lag behind."""
        ...

    def flush(self) -> bytes:
        """End the stream."""
        ...


class Lz4Encoder:
    """One lz4 frame, begun with the first chunk."""

    def __init__(self) -> None:
        self._frame = lz4.frame.LZ4FrameCompressor(auto_flush=True)
        self._has_begun = False

    def compress(self, data: bytes, /) -> bytes:
        """Take a chunk."""
        head = b"" if self._has_begun else bytes(self._frame.begin())
        self._has_begun = True
        return head + bytes(self._frame.compress(data))

    def flush(self) -> bytes:
        """End the frame."""
        head = b"" if self._has_begun else bytes(self._frame.begin())
        return head + bytes(self._frame.flush())


_ENCODERS: Final[Mapping[str, Callable[[], Encoder]]] = {
    "lz4": Lz4Encoder,
    "zstd": lambda: zstd.ZstdCompressor(level=1),
    "gzip": lambda: zlib.compressobj(level=1, wbits=GZIP_WBITS),
}
"""In the order of preference: what costs least on one machine comes first."""


def _lz4_frames(data: bytes) -> bytes:
    """Undo every frame: clients send one per piece of a block, and lz4's own function takes one."""
    pieces = []
    while data:
        frame = lz4.frame.LZ4FrameDecompressor()
        pieces.append(bytes(frame.decompress(data)))
        if not frame.eof:
            raise EOFError("a frame that does not end")
        data = frame.unused_data or b""
    return b"".join(pieces)


_DECODERS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "lz4": _lz4_frames,
    "zstd": zstd.decompress,
    "gzip": gzip.decompress,
    "deflate": zlib.decompress,
}


def decoded(data: bytes, *, encoding: str) -> bytes:
    """Undo a request's Content-Encoding; an empty name and `identity` mean none.

    Raises:
        UnsupportedError: an encoding we do not know, or data that is not in it.
    """
    if encoding in {"", "identity"}:
        return data
    decoder = _DECODERS.get(encoding)
    if decoder is None:
        raise UnsupportedError(f"Content-Encoding {encoding}")
    try:
        return decoder(data)
    except (OSError, EOFError, RuntimeError, zlib.error, zstd.ZstdError) as error:
        raise UnsupportedError(f"a body that is no {encoding} ({error})") from error


def chosen(accepted: str) -> str | None:
    """Choose from an Accept-Encoding header the encoding to answer in; None is plain."""
    names = {part.split(";")[0].strip() for part in accepted.split(",")}
    return next((name for name in _ENCODERS if name in names), None)


def encoder(name: str) -> Encoder:
    """Begin a stream in an encoding that `chosen` named."""
    return _ENCODERS[name]()
