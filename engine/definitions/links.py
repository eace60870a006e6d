"""Which steps of a sequence an event is: compiled when a definition changes."""

from collections.abc import Collection
from typing import NamedTuple

from engine.aggregates import sequences
from engine.conditions import evaluation
from engine.conditions.evaluation import Condition, Document
from engine.definitions.demands import Link, Sequence


class Part(NamedTuple):
    """One step, or what must not lie between."""

    bit: int
    event: str
    condition: Condition | None


class Links:
    """The parts of one sequence."""

    __slots__ = ("events", "needs_document", "parts")

    def __init__(self, sequence: Sequence) -> None:
        steps = [_part(1 << place, link) for place, link in enumerate(sequence.steps)]
        without = sequence.without
        others = [] if without is None else [_part(sequences.FORBIDDEN, without)]
        self.parts = (*steps, *others)
        self.events = frozenset(part.event for part in self.parts)
        self.needs_document = any(part.condition is not None for part in self.parts)

    def mask(self, names: Collection[str], document: Document) -> int:
        """The bits of all that an event of these names is."""
        return sum(
            part.bit
            for part in self.parts
            if part.event in names and (part.condition is None or part.condition(document))
        )


def _part(bit: int, link: Link) -> Part:
    where = None if link.where is None else evaluation.compiled(link.where)
    return Part(bit, link.event, where)
