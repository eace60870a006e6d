"""A crowd whose devices and users merge: what is filled in comes to whoever they are by now."""

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.refilling import replaying
from api.refilling.replaying import Asked, Replay
from engine import counting, keys, splitting
from engine.aggregates.tallies import Value
from engine.definitions import folded, pasts
from engine.definitions.changes import Change, DefinitionKind
from engine.definitions.folded import Definitions
from tests.properties.test_past import DAY, DEFINITIONS, HAPPENS
from tests.support import unmerging
from tests.support.examples import examples
from tests.support.recording import Kept, Recorder

IDENTITIES = ("u:ada", "u:ben", "a:one", "a:two")


def folds() -> tuple[Definitions, Definitions]:
    """The definitions with a metric that warms, and when it is done."""
    offset = DEFINITIONS.offset + 1
    bodies = (
        ("metrics", "m", {"id": "m", "aggregate": "count"}),
        (
            "fanouts",
            f"backfill:{offset}",
            {"id": f"backfill:{offset}", "seam": offset, "begun_at": 0, "state": "done"},
        ),
    )
    found = [DEFINITIONS]
    for kind, name, body in bodies:
        change = Change(
            change_id=name,
            kind=msgspec.convert(kind, DefinitionKind),
            id=name,
            action="put",
            based_on=0,
            body=msgspec.Raw(msgspec.json.encode(body)),
            at=0,
            backfill=True,
        )
        after = folded.fold(found[-1], change, offset=found[-1].offset + 1)
        assert not after.is_void
        found.append(after.definitions)
    return found[1], found[2]


WARMING, DONE = folds()


def happens(crowd: Recorder, days: list[tuple[str, str, int, bool]], at: int, first: int) -> int:
    for number, (what, who, later, _) in enumerate(days, start=first):
        at += later
        crowd.wait(max(at - 1, 0))
        match what:
            case "adds":
                crowd.adds(who, f"p{number % 3}", at)
            case "buys":
                crowd.buys(who, f"p{number % 3}", at)
            case "identifies":
                user = who if who.startswith("u:") else "u:ada"
                crowd.identifies(user, at, device=who[2:] if who.startswith("a:") else None)
            case "agrees":
                crowd.consents(who, at)
            case _:
                crowd.views(who, at)
        crowd.settle()
    return at


def values(crowd: Recorder) -> dict[str, Value]:
    """What the metric comes to for each person."""
    counter = DONE.counters.by_id["m"]
    people = {crowd.survivor(key) for key in IDENTITIES}
    return {
        key: counting.value(crowd.row(key).customer, counter, now=crowd.now)
        for key in sorted(people)
    }


def fill(crowd: Recorder, log_length: int) -> None:
    """As the API does, from the records before the seam."""
    entries = {"m": WARMING.metrics["m"]}
    kept = Kept()
    replay, definitions = Replay(kept), replaying.counting(DEFINITIONS, entries)
    for one in crowd.log[:log_length]:
        row, split = replay.splitting(one), None
        if row is not None and row.unmerge is not None:
            happened = unmerging.before_marks(crowd, row.unmerge.id)
            split = unmerging.apart(row, happened, definitions, splitting.NOTHING_DECIDED)
        replay.apply(one, definitions, split=split)
    asked = Asked(entries=entries, seams={}, begun_at=crowd.now, after="")
    for key in sorted(kept):
        past = replay.past(key)
        if past:
            crowd.says(key, replaying.command(key, past, asked))
    crowd.settle()


def unmerge(crowd: Recorder, known: Sequence[tuple[int, Definitions]]) -> None:
    """An operator takes the device for another person's; the api counts by what went when.

    Args:
        known: Up to how much of what happened which definitions went; the last ones go on.
    """
    survivor = crowd.survivor("a:one")
    if survivor == "a:one":
        return
    crowd.unmerges(survivor, "a:one")
    crowd.settle()
    row, newest = crowd.row(survivor), crowd.definitions
    if row.unmerge is None or row.unmerge.state != "ready":
        return
    replay = splitting.Replay(row, splitting.NOTHING_DECIDED)
    for place, one in enumerate(unmerging.before_marks(crowd, row.unmerge.id)):
        then = next((definitions for until, definitions in known if place < until), newest)
        replay.apply(one, pasts.counted_ever(then, newest))
    split = replay.split(newest)
    crowd.says(survivor, unmerging.answer(row, split, newest)).settle()


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(HAPPENS, max_size=20), st.data())
def test_the_past_of_merged_identities_is_counted_as_ever(
    days: list[tuple[str, str, int, bool]], data: st.DataObject
) -> None:
    seam = data.draw(st.integers(0, len(days)))
    told = data.draw(st.integers(seam, len(days)))
    crowd, ever = Recorder(DEFINITIONS), Recorder(DONE)

    at = happens(crowd, days[:seam], 0, 0)
    length = len(crowd.log)
    crowd.definitions = WARMING
    at = happens(crowd, days[seam:told], at, seam)
    fill(crowd, length)
    crowd.definitions = DONE
    at = happens(crowd, days[told:], at, told)
    happens(ever, days, 0, 0)
    for one in (crowd, ever):
        one.wait(at + DAY)

    assert values(crowd) == values(ever)


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(HAPPENS, min_size=2, max_size=16), st.data())
def test_the_past_of_who_was_taken_for_another_is_counted_as_ever(
    days: list[tuple[str, str, int, bool]], data: st.DataObject
) -> None:
    """Split off before the seam, or after all is filled in."""
    seam = data.draw(st.integers(0, len(days)))
    told = data.draw(st.integers(seam, len(days)))
    early = data.draw(st.integers(0, seam))
    late = data.draw(st.integers(told, len(days)))
    crowd, ever = Recorder(DEFINITIONS), Recorder(DONE)

    at = happens(crowd, days[:early], 0, 0)
    unmerge(crowd, [])
    at = happens(crowd, days[early:seam], at, early)
    length, before = len(crowd.log), len(crowd.happened)
    crowd.definitions = WARMING
    at = happens(crowd, days[seam:told], at, seam)
    fill(crowd, length)
    warmed, crowd.definitions = len(crowd.happened), DONE
    at = happens(crowd, days[told:late], at, told)
    unmerge(crowd, [(before, DEFINITIONS), (warmed, WARMING)])
    happens(crowd, days[late:], at, late)

    at = happens(ever, days[:early], 0, 0)
    unmerge(ever, [])
    at = happens(ever, days[early:late], at, early)
    unmerge(ever, [])
    at = happens(ever, days[late:], at, late)
    for one in (crowd, ever):
        one.wait(at + DAY)

    assert values(crowd) == values(ever)


def test_nobody_is_split_off_while_the_past_is_filled_in() -> None:
    crowd = Recorder(DEFINITIONS)
    crowd.views("a:one", 1).settle()
    crowd.identifies("u:ada", 2, device="one").settle()
    crowd.definitions = WARMING

    unmerge(crowd, [])

    told = crowd.row("u:ada").unmerge
    assert told is not None
    assert (told.state, told.reason) == ("refused", "warming")


def test_an_unmerge_is_given_up_where_another_past_came_in_meanwhile() -> None:
    """What was replayed has not counted it."""
    crowd = Recorder(DEFINITIONS)
    crowd.views("a:one", 1).settle()
    crowd.identifies("u:ada", 2, device="one").settle()
    crowd.unmerges("u:ada", "a:one")
    crowd.settle()
    row = crowd.row("u:ada")
    assert row.unmerge is not None
    happened = unmerging.before_marks(crowd, row.unmerge.id)
    split = unmerging.apart(row, happened, DEFINITIONS, splitting.NOTHING_DECIDED)
    answer = unmerging.answer(row, split, DEFINITIONS)
    crowd.definitions = DONE

    crowd.says("u:ada", answer).settle()

    told = crowd.row("u:ada").unmerge
    assert told is not None
    assert (told.state, told.reason) == ("given_up", "warming")
    assert crowd.survivor("a:one") == "u:ada"


def test_what_is_split_off_in_the_moment_of_the_seam_keeps_its_own_past() -> None:
    """The survivor's log has the split before its seam; the identity hears of it after."""
    crowd = Recorder(DEFINITIONS)
    crowd.views("a:one", 1).settle()
    crowd.views("u:ada", 2).settle()
    crowd.identifies("u:ada", 3, device="one").settle()
    crowd.unmerges("u:ada", "a:one")
    crowd.settle()
    row = crowd.row("u:ada")
    assert row.unmerge is not None
    happened = unmerging.before_marks(crowd, row.unmerge.id)
    split = unmerging.apart(row, happened, DEFINITIONS, splitting.NOTHING_DECIDED)
    crowd.says("u:ada", unmerging.answer(row, split, DEFINITIONS))
    length, crowd.definitions = len(crowd.log), WARMING
    crowd.settle()

    fill(crowd, length)

    crowd.definitions = DONE
    assert crowd.survivor("a:one") == "a:one"
    assert {key: one.value for key, one in values(crowd).items() if one.value} == {
        "a:one": 1,
        "u:ada": 2,
    }


@pytest.mark.parametrize(("idle_days", "count"), [(1, 3), (100, 2)])
def test_what_a_merge_took_in_is_filled_in_and_what_it_left_out_is_not(
    idle_days: int, count: int
) -> None:
    """A visitor's past of long ago is nobody's: neither the row nor the backfill has it."""
    crowd = Recorder(DEFINITIONS)
    crowd.views("a:one", 1).settle()
    at = 1 + idle_days * DAY
    crowd.wait(at - 1)
    crowd.identifies("u:ada", at, device="one").settle()
    crowd.views("a:one", at + 1).settle()
    length, crowd.definitions = len(crowd.log), WARMING

    fill(crowd, length)

    crowd.definitions = DONE
    assert crowd.survivor("a:one") == "u:ada"
    assert values(crowd)["u:ada"].value == count


def test_what_is_on_its_way_at_the_seam_is_filled_in() -> None:
    """The state was asked for before the seam, and comes after it."""
    crowd = Recorder(DEFINITIONS)
    crowd.views("a:one", 1).settle()
    crowd.identifies("u:ada", 2, device="one")
    while not crowd.row("a:one").forward:
        crowd.deliver(min(crowd.queues))
    length, crowd.definitions = len(crowd.log), WARMING
    crowd.settle()

    fill(crowd, length)

    crowd.definitions = DONE
    assert values(crowd)["u:ada"].value == 2


def test_what_is_filled_in_has_names_that_no_metric_has() -> None:
    counters = replaying.counting(DEFINITIONS, {"m": WARMING.metrics["m"]}).counters

    assert [name for name in counters.by_id if name.startswith(replaying.PREFIX)] == ["backfill:m"]
    assert keys.public_id("u:ada")
