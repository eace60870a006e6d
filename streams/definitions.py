"""The definitions, followed: the whole log folded from its beginning, and the way to change it.

There is no leader and no lock. A writer appends what it wants, made from the revision it saw, and
every process decides by the same fold whether that change holds or is void:

    editor A   append(based_on=3) ─▶ offset 7 ─▶ every fold: applied, revision 4
    editor B   append(based_on=3) ─▶ offset 8 ─▶ every fold: void     (B hears of a conflict)
"""

from types import TracebackType
from typing import Final, Self, TypeAlias

import msgspec

from engine.definitions.changes import Change
from engine.definitions.folded import Definitions
from engine.definitions.history import Entry, History
from streams import topics, wire
from streams.following import Follower
from streams.producer import Producer
from streams.records import Received, Record

_decode: Final = msgspec.json.Decoder(Change).decode
_encode: Final = msgspec.json.Encoder().encode


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """The change holds, in every process."""

    offset: int
    definitions: Definitions
    """As they were right after this change."""


class Conflict(msgspec.Struct, frozen=True, kw_only=True):
    """The change is void: the definition had moved on, or the action made no sense there."""

    offset: int
    definitions: Definitions
    """As they stand at this offset: what the editor should have seen."""


Outcome: TypeAlias = Applied | Conflict


class DefinitionsLog:
    """Opened, it holds everything that stood in the log then, and follows what comes after.

    ```
    async with DefinitionsLog(brokers=..., producer=producer) as log:
        log.current                                # replaced as a whole by each change
        await log.folded_to(offset)                # wait for it: a new owner's first act
        log.history.at(offset)                     # as it was there
        await log.change(Change(...))              # Applied | Conflict
    ```
    """

    def __init__(
        self,
        *,
        brokers: str,
        producer: Producer | None = None,
        timeout_ms: int = 5_000,
        topic: str = topics.DEFINITIONS.name,
        backfill: bool = False,
    ) -> None:
        """`backfill`: somebody fills in the past of what is changed here."""
        self.history = History()
        self.undecodable_count = 0
        self._producer = producer
        self._topic = topic
        self._backfill = backfill
        self._timeout_ms = timeout_ms
        self._follower = Follower(brokers=brokers, topic=topic, fold=self._fold)

    @property
    def current(self) -> Definitions:
        """The newest fold."""
        return self.history.current

    async def __aenter__(self) -> Self:
        await self._follower.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._follower.close()

    async def failed(self) -> None:
        """Wait for the follower to fail; see `Follower.failed`."""
        await self._follower.failed()

    def at(self, offset: int) -> Definitions:
        """Fold exactly up to `offset`; see `History.at`."""
        return self.history.at(offset)

    def changes_after(self, offset: int) -> list[Entry]:
        """List what came after `offset`, void changes too."""
        return self.history.after(offset)

    async def folded_to(self, offset: int, *, timeout_ms: int | None = None) -> Definitions:
        """Wait until the fold has reached `offset`, and give it as it was exactly there.

        Raises:
            NotFoldedError: not in time.
        """
        waited_ms = self._timeout_ms if timeout_ms is None else timeout_ms
        await self._follower.reach(offset, timeout_ms=waited_ms)
        return self.history.at(offset)

    async def change(self, change: Change) -> Outcome:
        """Append the change and wait until the own fold says what became of it.

        Raises:
            ProduceError: not acknowledged; it may stand in the log nevertheless.
            NotFoldedError: acknowledged, but the fold has not come that far in time.
            FatalProduceError: the producer stopped for good.
        """
        if self._producer is None:
            raise RuntimeError("this definitions log was opened for reading only")
        if self._backfill:
            change = msgspec.structs.replace(change, backfill=True)
        record = Record(
            topic=self._topic,
            key=f"{change.kind}/{change.id}".encode(),
            value=_encode(change),
            partition=0,
        )
        [position] = await self._producer.deliver([record])
        definitions = await self.folded_to(position.offset)
        if self.history.entry(position.offset).is_void:
            return Conflict(offset=position.offset, definitions=definitions)
        return Applied(offset=position.offset, definitions=definitions)

    def _fold(self, record: Received) -> None:
        change = decoded(record.value)
        if change is None:
            self.undecodable_count += 1
        self.history.append(change, offset=record.offset)


def decoded(value: bytes | None) -> Change | None:
    """Read a record of the topic; None where nobody can, which every process finds alike."""
    if value is None:
        return None
    try:
        return _decode(value)
    except wire.UNDECODABLE:
        return None
