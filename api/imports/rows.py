"""A row of a file on its way to Kafka: an event, or a dead letter that says its line."""

from collections.abc import Callable
from typing import Final

import msgspec

from api.collector import sorting
from api.imports.imports import SHOWN_MAX, Import, RefusedRow
from engine import ids
from engine.deadletters import DeadLetter
from engine.errors import RejectedError
from engine.intake import decoding, limits
from engine.intake.arrivals import Origin
from engine.intake.files.items import Item, Refused
from streams import topics, wire
from streams.records import Record

PLACE: Final = "import"
"""What dead letters call us, and events their source."""

NAMELESS: Final = frozenset({"receipts", "orders"})
"""Kinds whose objects get the id `file:line` where they have none."""


class Rows:
    """Turns the rows of one import into records, and counts them."""

    def __init__(self, job: Import, *, now: Callable[[], int]) -> None:
        self._job = job
        self._now = now
        self._arrive = sorting.backoffice(job.kind)

    def record(self, row: Item | Refused) -> Record:
        """What is to be appended for a row."""
        self._job.rows_count += 1
        at = self._now()
        if isinstance(row, Refused):
            return self._refused(row, at=at)
        place = f"{self._job.file}:{row.line}"
        origin = Origin(
            source=PLACE,
            is_trusted=True,
            received_at=at,
            seed=place,
            stated_at=self._job.stated_at,
            region=self._job.region,
        )
        try:
            payload = self._named(row.payload, place)
            arrival = self._arrive(payload, origin, 0)
        except RejectedError as error:
            return self._refused(
                Refused(
                    line=row.line,
                    code=error.code,
                    message=str(error),
                    path=error.path,
                    payload=row.payload,
                ),
                at=at,
            )
        self._job.accepted_count += 1
        return wire.record_of(arrival.key, arrival.event)

    def _named(self, payload: bytes, place: str) -> bytes:
        if self._job.kind not in NAMELESS or b'"id"' in payload:
            return payload
        item = decoding.message(payload)
        return bytes(decoding.canonical({"id": place, **item}))

    def _refused(self, row: Refused, *, at: int) -> Record:
        job = self._job
        job.refused_count += 1
        if len(job.refused) < SHOWN_MAX:
            job.refused.append(
                RefusedRow(line=row.line, code=row.code, message=row.message, path=row.path)
            )
        letter = DeadLetter(
            id=ids.derived(PLACE, job.id, row.line),
            place=PLACE,
            code=row.code,
            message=row.message,
            path=path_of(row.line, row.path),
            payload=row.payload[: limits.MESSAGE_MAX_BYTES],
            source=source_of(job.id),
            at=at,
        )
        return Record(topic=topics.DEAD_LETTERS.name, key=None, value=msgspec.json.encode(letter))


def source_of(import_id: str) -> str:
    """What dead letters of an import call their source."""
    return f"{PLACE}/{import_id}"


def path_of(line: int, path: str) -> str:
    """`line 17: lines[0].price`; the report reads the number back."""
    return f"line {line}: {path}" if path else f"line {line}"
