"""What the api's process does for an unmerge, over logs in memory: the replay, and its record."""

from collections.abc import Iterable

import msgspec

from engine import keys, splitting
from engine.definitions.folded import Definitions
from engine.mergers import Unmerged
from engine.replay import Occurrence
from engine.rows import Row
from engine.splitting import Decided, Replay, Split
from tests.support.crowd import Crowd


def unmerged(
    row: Row,
    happened: Iterable[Occurrence],
    definitions: Definitions,
    decided: Decided = splitting.NOTHING_DECIDED,
) -> Unmerged:
    """Replay what stands before the marks; the record that says how it ended."""
    return answer(row, apart(row, happened, definitions, decided), definitions)


def answer(row: Row, split: Split, definitions: Definitions) -> Unmerged:
    """The record of a split that was counted up to these definitions."""
    assert row.unmerge is not None
    return Unmerged(
        id=f"unmerged-{row.unmerge.id}",
        occurred_at=row.now_at,
        unmerge_id=row.unmerge.id,
        survivor=msgspec.msgpack.encode(split.survivor),
        identity=msgspec.msgpack.encode(split.identity),
        definitions=definitions.offset,
    )


def apart(
    row: Row, happened: Iterable[Occurrence], definitions: Definitions, decided: Decided
) -> Split:
    """The two people."""
    replay = Replay(row, decided)
    for one in happened:
        replay.apply(one, definitions)
    return replay.split(definitions)


def before_marks(crowd: Crowd, unmerge_id: str) -> list[Occurrence]:
    """What the marked logs hold, each up to its mark."""
    return [
        one
        for place, one in enumerate(crowd.happened)
        if place < crowd.marks.get((unmerge_id, one.key), 0)
    ]


def carry_out(crowd: Crowd, survivor: str) -> Crowd:
    """Answer an unmerge that is ready, as the api does."""
    row = crowd.row(survivor)
    unmerge = row.unmerge
    assert unmerge is not None
    assert unmerge.state == "ready", unmerge
    happened = before_marks(crowd, unmerge.id)
    return crowd.says(survivor, unmerged(row, happened, crowd.definitions, _decided(crowd, row)))


def _decided(crowd: Crowd, row: Row) -> Decided:
    """What was decided under the row keys that go: the records say for whom."""
    assert row.unmerge is not None
    going = {keys.public_id(key) for key in row.unmerge.along}
    sent = [splitting.sent(message) for message in crowd.messages if message.customer in going]
    entered = [fact for fact in crowd.facts if fact.kind == "entered"]
    return Decided(
        sent=sent,
        entered={fact.campaign: fact.at for fact in entered if fact.customer in going},
        entered_by_others={f.campaign: f.at for f in entered if f.customer not in going},
        runs=frozenset(fact.instance for fact in entered if fact.customer in going),
    )
