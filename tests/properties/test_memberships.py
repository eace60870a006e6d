"""Rows always know who is in: what is kept by events and timers is what anybody would find."""

from random import Random
from typing import Final

import msgspec
import pytest

from engine import rows
from engine.customer import Customer
from engine.definitions import folded
from engine.definitions.changes import Change
from engine.definitions.folded import Definitions
from engine.events import Event, TimerFired
from engine.facts import Fact
from engine.judging import compiling
from engine.judging.leaves import Moment
from engine.rows import Arrival, Row
from engine.segments import index
from engine.segments.screens import Both
from engine.step import step
from tests.support import rules
from tests.support.examples import examples
from tests.support.rule_streams import DAY, SPAN, START, Streams

SEGMENTS: Final = 12
END: Final = START + 3 * SPAN


def saved(trees: dict[str, object]) -> Definitions:
    definitions = Definitions()
    features = {"features": {"category_interest": True}, "interest_days": 20}
    bodies: list[tuple[str, str, object]] = [("settings", "settings", features)]
    bodies += [("segments", name, {"id": name, "rule": tree}) for name, tree in trees.items()]
    for offset, (kind, name, body) in enumerate(bodies):
        change = Change(
            change_id=str(offset),
            kind="settings" if kind == "settings" else "segments",
            id=name,
            action="put",
            based_on=0,
            body=msgspec.Raw(msgspec.json.encode(body)),
            at=0,
        )
        after = folded.fold(definitions, change, offset=offset)
        assert not after.is_void
        definitions = after.definitions
    return definitions


class Life:
    """A row that lives through events and its own timers."""

    def __init__(self, definitions: Definitions) -> None:
        self.row: Row = rows.blank("u:c")
        self.definitions = definitions
        self.members: set[str] = set()

    def until(self, now: int) -> None:
        """Let the timers fire that are due."""
        while (due := self.row.next_due_at) is not None and due <= now:
            timer_id, timer = min(self.row.timers.items(), key=lambda one: one[1].due_at)
            fired = TimerFired(
                id=f"{timer_id}/{timer.generation}",
                occurred_at=due,
                timer_id=timer_id,
                generation=timer.generation,
            )
            self.apply(fired, due)

    def apply(self, event: Event, logged_at: int) -> None:
        """Let it happen, and hear the facts."""
        result = rows.advance(self.row, Arrival(event=event, logged_at=logged_at), self.definitions)
        assert not isinstance(result, str), result
        for emission in result:
            if emission.topic != "facts":
                continue
            fact = msgspec.json.decode(emission.value, type=Fact)
            if fact.kind == "segment_entered":
                assert fact.name not in self.members
                self.members.add(fact.name)
            elif fact.kind == "segment_left":
                self.members.remove(fact.name)


def nested(chance: Random) -> dict[str, object]:
    """Random rules, and some that need those before them."""
    trees: dict[str, object] = {}
    for place in range(SEGMENTS):
        tree: object = rules.tree(chance.randrange(2**32))
        if place and chance.random() < 0.3:
            inner = {"op": "in_segment", "segment": f"s{chance.randrange(place)}"}
            tree = {"op": chance.choice(["all", "any", "none"]), "of": [inner, without_ids(tree)]}
        trees[f"s{place}"] = tree
    return trees


def without_ids(tree: object) -> object:
    if isinstance(tree, dict):
        return {name: without_ids(one) for name, one in tree.items() if name != "id"}
    return [without_ids(one) for one in tree] if isinstance(tree, list) else tree


@pytest.mark.parametrize("seed", range(examples(60)))
def test_members_are_whom_the_rules_hold_of_at_every_instant(seed: int) -> None:
    """X31: by the events that can change a verdict, and by time; facts tell every change."""
    chance = Random(seed)  # noqa: S311 no secret
    life = Life(saved(nested(chance)))
    known = life.definitions.segment_rules.by_id
    compiled = {
        name: compiling.compiled(rule, segments=known, zone="UTC") for name, rule in known.items()
    }

    log = Streams(seed).customer()
    instants = [said.logged_at for said in log]
    looks = sorted(chance.randrange(START, END) for _ in range(8))
    for said in log:
        for at in [at for at in looks if life.row.now_at < at < said.logged_at]:
            life.until(at)
            check(life, compiled, at)
        life.until(said.logged_at)
        life.apply(said.event, said.logged_at)
        check(life, compiled, max(said.logged_at, life.row.now_at))
    for at in [at for at in looks if at > max(instants, default=END)]:
        life.until(at)
        check(life, compiled, at)


@pytest.mark.parametrize("seed", range(examples(60)))
def test_whom_an_event_does_not_meet_is_in_as_long_as_before(seed: int) -> None:
    """X31: what is not judged needs no judging: neither the verdict differs, nor when it turns."""
    definitions = saved(nested(Random(seed)))  # noqa: S311 no secret
    found, customer = index.of(definitions.watched), Customer(id="c")

    for said in Streams(seed).customer():
        now = said.logged_at
        after = step(customer, said.event, definitions, now).customer
        both = Both(Moment(customer, now, definitions), Moment(after, now, definitions))
        met = found.met(both)
        for name in found.by_id.keys() - met:
            rule = found.by_id[name].enters
            was, becomes = ((rule.holds(one), rule.next_flip_at(one)) for one in both)
            assert was == becomes, name
        customer = after


def check(life: Life, compiled: dict[str, compiling.Compiled], at: int) -> None:
    if not life.row.now_at:
        # Nobody yet.
        return
    moment = Moment(life.row.customer, at, life.definitions)
    found = {name for name, one in compiled.items() if one.holds(moment)}
    assert set(life.row.customer.segments.inside) == found
    assert life.members == found
    assert life.row.customer.segments.next_at is None or (
        life.row.customer.segments.next_at == life.row.timers["segments"].due_at
    )


def test_a_week_of_silence_needs_few_timers() -> None:
    """Time turns verdicts without anybody looking in between."""
    looked = {"op": "did", "event": "Rated", "is": ">=", "value": 1, "window": "7d"}
    life = Life(saved({"looked": looked}))
    [first] = [one for one in Streams(3).customer() if one.event.name == "Rated"][:1]
    life.apply(first.event, first.logged_at)
    generation = life.row.generation

    life.until(first.logged_at + 30 * DAY)

    assert life.members == set()
    assert life.row.generation - generation <= 1
