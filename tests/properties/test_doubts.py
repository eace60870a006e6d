"""While the past of a count is filled in, no rule is decided by it, whatever stands above it."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from engine.customer import Customer
from engine.definitions import counters
from engine.judging import compiling, doubts, trees
from engine.judging.compiling import Compiled
from engine.judging.leaves import Moment
from tests.support import rules
from tests.support.judging import Asked
from tests.support.rule_streams import SPAN, START, Streams

seeds, laters = st.integers(0, 2**32), st.integers(0, 2 * SPAN)


def lived(seed: int) -> Asked:
    """A random rule, and a customer whose past is all known."""
    streams = Streams(seed)
    story = Asked(rules.tree(seed), zone="Europe/Berlin", customer=Customer(id="c"))
    return story.after(*(said.event for said in streams.customer()))


def in_doubt(story: Asked, *, verdict: bool) -> Compiled:
    """The rule, to come to this where nobody knows."""
    return compiling.compiled(
        story.compiled.rule, segments={}, zone="Europe/Berlin", in_doubt=verdict
    )


def warming(story: Asked, now: int) -> Moment:
    """The same customer while nothing of what is counted is known."""
    needed = counters.demanded({}, story.compiled.demands, offset=0, at=0, is_warming=True)
    definitions = msgspec.structs.replace(story.definitions, counters=counters.indexed({}, needed))
    return Moment(story.customer, now, definitions)


@given(seeds, laters)
def test_what_holds_while_it_warms_holds_whatever_was_there(seed: int, later: int) -> None:
    story, now = lived(seed), START + later

    if in_doubt(story, verdict=False).holds(warming(story, now)):
        assert story.holds(now)


@given(seeds, laters)
def test_who_may_be_meant_is_meant_where_that_is_the_careful_answer(seed: int, later: int) -> None:
    story, now = lived(seed), START + later

    if story.holds(now):
        assert in_doubt(story, verdict=True).holds(warming(story, now))


@given(seeds, laters, st.booleans())
def test_what_was_recorded_while_it_warmed_decides_it_again(
    seed: int,
    later: int,
    verdict: bool,  # noqa: FBT001 drawn
) -> None:
    story, now = lived(seed), START + later
    compiled = in_doubt(story, verdict=verdict)

    traced = compiled.traced(warming(story, now))
    stored = msgspec.json.decode(msgspec.json.encode(traced.operands))

    assert compiled.asked_again(stored, now=now) == traced.is_true
    shown = trees.of_rule(compiled, stored, now=now).verdict
    assert shown == traced.is_true or (shown is None and doubts.unknown() in stored.values())
