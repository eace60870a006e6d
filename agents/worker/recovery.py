"""What the changelog says when a partition is taken: the highest record of each key is true."""

from collections.abc import Iterable
from typing import NamedTuple

from agents.errors import TopicMadeAnewError
from tables import rows


class ChangelogRecord(NamedTuple):
    """One record of the changelog, to be written or just read."""

    key: bytes
    value: bytes


class Recovery:
    """Folds one partition's changelog, in the order of its log."""

    def __init__(self) -> None:
        self.rows: dict[bytes, bytes] = {}
        self.switch: bytes | None = None
        """The partition's own row."""
        self.outvoted: set[bytes] = set()
        """Keys whose last record is not the true one: compaction would keep the wrong one."""
        self.highest_offset = -1
        """Of any row: the `events` log must reach beyond it."""

    def read(self, records: Iterable[tuple[bytes | None, bytes | None]]) -> None:
        """Take the next records; owner markers are for the log's sake only.

        Raises:
            NewerFormatError: a row was written by a newer version.
            UnreadableRowError: a record is no row.
        """
        for key, value in records:
            if key is None or value is None or key == OWNER_KEY:
                continue
            self._take(key, value)

    def require_reachable(self, *, end: int, topic: str, partition: int) -> None:
        """Make sure that the log these rows were made from reaches beyond all of them.

        Raises:
            TopicMadeAnewError: it does not: it is another log under the same name.
        """
        if self.highest_offset >= end:
            raise TopicMadeAnewError(
                topic=topic, partition=partition, applied=self.highest_offset, end=end
            )

    def _take(self, key: bytes, value: bytes) -> None:
        header = rows.decode_header(value)
        known = self.switch if key == SWITCH_KEY else self.rows.get(key)
        if known is not None and rows.decode_header(known).order > header.order:
            self.outvoted.add(key)
            return
        self.outvoted.discard(key)
        if key == SWITCH_KEY:
            self.switch = value
            return
        self.rows[key] = value
        self.highest_offset = max(self.highest_offset, header.offset)


OWNER_KEY = rows.RESERVED + b"owner"
"""Key of the marker each owner appends when it takes the partition; its offset is the epoch."""

SWITCH_KEY = rows.RESERVED + b"switch"
"""Key of the partition's own row: the definitions it decides under."""
