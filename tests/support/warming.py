"""Definitions whose past somebody fills in, as the api does it."""

from collections.abc import Mapping
from typing import Self

import msgspec

from engine import filling
from engine.aggregates.tallies import Cell, Tally
from engine.commands import Backfilled
from engine.definitions import fanouts
from engine.definitions.changes import Action, Change, DefinitionKind
from engine.definitions.fanouts import Fanout
from tests.support.story import MINUTE, Book


class WarmingBook(Book):
    """What each change has counted anew is warming until it is `filled`."""

    def made(
        self, kind: DefinitionKind, definition_id: str, action: Action, body: object = None
    ) -> Change:
        """See `Book`."""
        change = super().made(kind, definition_id, action, body)
        return msgspec.structs.replace(change, backfill=True)

    def filled(self) -> Self:
        """Everybody was told: the past of all is known."""
        every = {**self.definitions.demands, **self.definitions.metrics}
        for seam in sorted({entry.offset for entry in every.values() if entry.is_warming}):
            name = fanouts.backfill_id(seam)
            self.change(
                "fanouts", name, "put", Fanout(id=name, seam=seam, begun_at=0, state="done")
            )
        return self

    def past(self, counts: Mapping[str, int], *, at: int) -> Backfilled:
        """The command: how often each was counted before, by metric or demand."""
        every = {**self.definitions.demands, **self.definitions.metrics}
        tallies = {
            name: Tally(every[name].counted_version, "count", (Cell(0, count),))
            for name, count in counts.items()
        }
        return Backfilled(
            id=f"b-{at}",
            occurred_at=at * MINUTE,
            origin="u:c",
            tallies=filling.told(tallies),
        )
