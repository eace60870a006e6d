"""Where a reader starts."""

from collections.abc import Mapping

import msgspec


class Beginning(msgspec.Struct, frozen=True, kw_only=True):
    """The first record that is still kept."""


class End(msgspec.Struct, frozen=True, kw_only=True):
    """After the last record there is now."""


class At(msgspec.Struct, frozen=True, kw_only=True):
    """At these offsets by (topic, partition); every partition that is read must be named."""

    offsets: Mapping[tuple[str, int], int]


class Committed(msgspec.Struct, frozen=True, kw_only=True):
    """Where the reader's group has committed to; the beginning where it never has."""


class Since(msgspec.Struct, frozen=True, kw_only=True):
    """The first record appended at this time or later (epoch ms); the end if there is none."""

    logged_at: int


Start = Beginning | End | At | Committed | Since
