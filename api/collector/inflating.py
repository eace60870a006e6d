"""gzip, never larger than allowed: a bomb is refused while it still is small."""

import zlib
from typing import Final

from api.errors import ProblemError

RATIO_MAX: Final = 100
"""Batches of JSON shrink ten to forty times; deflate can do a thousand."""

RATIO_FREE_BYTES: Final = 32 * 1024
"""Below the size of one message a ratio says nothing and hurts nobody."""

MEMBERS_MAX: Final = 64
"""gzip files in a row. Trackers send one; a thousand tiny ones would only cost time."""

GZIP: Final = 16 + zlib.MAX_WBITS
"""zlib's word for "a gzip header, and nothing else"."""


class Inflater:
    """Takes chunks as they arrive, gives what they hold; memory stays below `max_bytes`."""

    def __init__(self, *, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._taken_bytes = 0
        self._given_bytes = 0
        self._members_count = 0
        self._member: zlib._Decompress | None = None

    def feed(self, chunk: bytes) -> bytes:
        """Inflate a chunk.

        Raises:
            ProblemError: 413 `body_too_large`, `ratio_too_high`; 400 `invalid_gzip`.
        """
        self._taken_bytes += len(chunk)
        found = []
        while chunk:
            member = self._member or self._begin()
            inflated = self._inflated(member, chunk)
            found.append(inflated)
            self._check(len(inflated))
            chunk = member.unused_data if member.eof else member.unconsumed_tail
            self._member = None if member.eof else member
        return b"".join(found)

    def finish(self) -> None:
        """Check that the last member is whole.

        Raises:
            ProblemError: 400 `invalid_gzip`.
        """
        if self._member is not None or self._members_count == 0:
            raise ProblemError(400, "invalid_gzip", "the gzip body ends too early")

    def _begin(self) -> "zlib._Decompress":
        self._members_count += 1
        if self._members_count > MEMBERS_MAX:
            raise ProblemError(400, "invalid_gzip", f"more than {MEMBERS_MAX} gzip members")
        return zlib.decompressobj(GZIP)

    def _inflated(self, member: "zlib._Decompress", chunk: bytes) -> bytes:
        try:
            return member.decompress(chunk, self._max_bytes - self._given_bytes + 1)
        except zlib.error as error:
            raise ProblemError(400, "invalid_gzip", f"the body is no gzip: {error}") from None

    def _check(self, size_bytes: int) -> None:
        self._given_bytes += size_bytes
        if self._given_bytes > self._max_bytes:
            raise ProblemError(
                413, "body_too_large", f"the body has more than {self._max_bytes} bytes inflated"
            )
        limit = max(RATIO_FREE_BYTES, RATIO_MAX * self._taken_bytes)
        if self._given_bytes > limit:
            raise ProblemError(
                413, "ratio_too_high", f"the body inflates more than {RATIO_MAX} times"
            )
