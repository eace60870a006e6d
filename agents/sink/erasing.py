"""Erased customers: their rows go, and none comes back, however late its record is.

    erased ──▶ noted in ClickHouse ──▶ the batch, without their rows ──▶ deleted ──▶ receipt

Topics are not read in one order, so the rows of somebody who is erased may still be on their way:
what is noted keeps them out, after a crash too. Whatever a crash interrupts is done again, since
the record that asked for it is not committed before.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec
import structlog

from agents import telemetry
from agents.sink.patience import patiently
from agents.sink.storing import Pair
from clickhouse import erasing
from clickhouse.client import Writer
from clickhouse.tables import (
    TABLES,
    CustomerRow,
    DeadLetterRow,
    ErasureRow,
    EventRow,
    FactRow,
    LogRow,
)
from engine import ids, keys
from engine.facts import Fact
from tables import rows

HASHED: Final = "hash:"

NOTED: Final = ""
"""Stands for a store: from here on nothing of this customer is taken in."""

log = structlog.get_logger(__name__)

_fact: Final = msgspec.json.Decoder(Fact).decode


class Erased(NamedTuple):
    """A request that was met in the log."""

    id: str
    identities: tuple[str, ...]


Announced = Callable[[Pair], Erased | None]


class Eraser:
    """Keeps what is erased out of some tables."""

    def __init__(self, *, writer: Writer, tables: Mapping[str, str], announced: Announced) -> None:
        self._writer = writer
        self._tables = tables
        self._announced = announced
        self._ids: set[str] = set()
        self._words: set[str] = set()
        """What refused payloads call them: an anonymous id stands there without its prefix."""

    async def load(self) -> None:
        """Learn who was erased before this process began."""
        known = await patiently(lambda: erasing.known(self._writer), what="clickhouse")
        self._keep_out(known)

    async def note(self, pairs: Sequence[Pair]) -> list[Erased]:
        """Find who is to be erased, and keep them out from now on, whatever happens to us."""
        found = [erased for pair in pairs if (erased := self._announced(pair)) is not None]
        await self._write(found, [NOTED])
        for one in found:
            self._keep_out(one.identities)
        return found

    def kept(self, pairs: Sequence[Pair]) -> list[Pair]:
        """Leave out what is of somebody erased."""
        if not self._ids:
            return list(pairs)
        kept = [pair for pair in pairs if not self._is_of_erased(pair.row)]
        if len(kept) < len(pairs):
            telemetry.ROWS_OF_ERASED.inc(len(pairs) - len(kept))
        return kept

    async def carry_out(self, found: Sequence[Erased]) -> None:
        """Delete, and write the receipt."""
        if not found:
            return
        gone = {identity for one in found for identity in one.identities}
        addresses = await patiently(
            lambda: erasing.addresses(self._writer, gone), what="clickhouse"
        )
        for table, column in sorted(self._tables.items(), key=_events_last):
            await self._delete(table, column, gone, words=_words(gone) | addresses)
            await self._write(found, [table])
        log.info("erased", erasures=len(found), identities=len(gone))

    def _keep_out(self, identities: Iterable[str]) -> None:
        self._ids.update(noted(identity) for identity in identities)
        self._words |= _words(identities)

    async def _delete(self, table: str, column: str, ids: set[str], *, words: set[str]) -> None:
        await patiently(
            lambda: erasing.delete(self._writer, table, column, ids, words=words),
            what="clickhouse",
        )

    async def _write(self, found: Sequence[Erased], stores: Sequence[str]) -> None:
        now = time.time_ns() // 1_000_000
        receipts = [
            ErasureRow(id=one.id, erased=noted(identity), store=store, at=now)
            for one in found
            for identity in one.identities
            for store in stores
        ]
        await patiently(lambda: self._writer.insert(receipts), what="clickhouse")

    def _is_of_erased(self, row: LogRow) -> bool:
        match row:
            case CustomerRow():
                is_known = noted(row.id) in self._ids
                return is_known and (not row.is_erased or keys.is_contact(row.id))
            case DeadLetterRow():
                names = erasing.named_in(row.payload)
                return noted(row.customer) in self._ids or not self._words.isdisjoint(names)
            case _:
                return noted(getattr(row, "customer", "")) in self._ids


def noted(identity: str) -> str:
    """How an identity is written down for good: a contact only as its hash."""
    if not identity or not keys.is_contact(identity):
        return identity
    return f"{HASHED}{ids.derived('erased', identity)}"


def of_sink(writer: Writer) -> Eraser:
    """Deletes wherever a customer is named, when the worker says `erased`."""
    return Eraser(writer=writer, tables=erasing.PERSONAL, announced=_by_fact)


def of_mirror(writer: Writer) -> Eraser:
    """Deletes a customer's older rows, when the changelog has the stub."""
    return Eraser(writer=writer, tables=erasing.CUSTOMERS, announced=_by_stub)


def _by_fact(pair: Pair) -> Erased | None:
    if not isinstance(pair.row, FactRow) or pair.row.kind != "erased":
        return None
    fact = _fact(pair.record.value or b"")
    return Erased(fact.name, fact.identities)


def _by_stub(pair: Pair) -> Erased | None:
    if not isinstance(pair.row, CustomerRow) or not pair.row.is_erased:
        return None
    erasure = rows.decode(pair.row.row).row.erasure
    assert erasure is not None
    return Erased(erasure.id, erasure.identities)


def _events_last(entry: tuple[str, str]) -> bool:
    """The events tell the addresses: after a crash they are asked again."""
    return entry[0] == TABLES[EventRow]


def _words(identities: Iterable[str]) -> set[str]:
    """Public ids, and what stands in payloads for those that are no user's."""
    found: set[str] = set()
    for identity in identities:
        _, _, identifier = keys.from_public_id(identity).partition(":")
        found |= {identity, identifier}
    return found
