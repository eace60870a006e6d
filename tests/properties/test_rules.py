"""What holds of every rule: its text says all of it, and the checks know what they let pass."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from engine.aggregates import documents
from engine.conditions import evaluation, tracing
from engine.conditions.nodes import Node
from engine.customer import Customer
from engine.judging import compiling, trees
from engine.rules import checks, parsing, printing, reading, walking
from engine.rules.nodes import Rule
from tests.support import rule_words, rules
from tests.support.judging import Asked
from tests.support.rule_streams import DAY, SPAN, START, Streams


@given(rules.rules())
def test_the_text_of_a_rule_is_the_rule(rule: Rule) -> None:
    assert reading.from_text(printing.text(rule)) == rule


@given(st.integers(0, 2**32))
def test_a_rule_without_ids_has_a_text_without_ids(seed: int) -> None:
    bare: Rule = msgspec.convert(rules.tree(seed), Rule)

    assert msgspec.convert(parsing.parsed(printing.text(bare)), Rule) == bare


@given(rules.rules())
def test_the_json_of_a_rule_is_the_rule(rule: Rule) -> None:
    assert reading.decoded(msgspec.json.decode(msgspec.json.encode(rule))) == rule


@given(rules.rules())
def test_every_node_has_an_id_of_its_own(rule: Rule) -> None:
    ids = [node.id for _, node in walking.everything(rule)]

    assert None not in ids
    assert len(set(ids)) == len(ids)


@given(rules.rules())
def test_a_rule_that_means_something_is_let_pass(rule: Rule) -> None:
    assert checks.flaws(rule, rule_words.DECLARED) == []


def asked(seed: int) -> Asked:
    """A random rule, and a random customer."""
    streams = Streams(seed)
    messages, (entered, runs) = streams.messages(), streams.campaigns()
    customer = Customer(id="c", messages=messages, entered=entered, runs=runs)
    story = Asked(rules.tree(seed), zone="Europe/Berlin", customer=customer)
    return story.after(*(said.event for said in streams.customer()))


@given(st.integers(0, 2**32), st.integers(0, 2 * SPAN))
def test_the_recorded_values_alone_give_the_recorded_verdict(seed: int, later: int) -> None:
    """Explanations: what was recorded, also after JSON, is what was decided."""
    story, now = asked(seed), START + later

    explanation = story.compiled.explained(story.moment(now))
    stored = msgspec.json.decode(msgspec.json.encode(explanation.operands))

    assert explanation.is_true == story.holds(now)
    assert story.compiled.asked_again(stored, now=now) == explanation.is_true


@given(st.integers(0, 2**32), st.integers(0, 2 * SPAN))
def test_the_values_it_was_decided_by_decide_it_again(seed: int, later: int) -> None:
    """X58: what an explanation keeps, as ClickHouse gives it back; and its tree says the same."""
    story, now = asked(seed), START + later

    traced = story.compiled.traced(story.moment(now))
    stored = msgspec.json.decode(msgspec.json.encode(traced.operands))

    assert traced.is_true == story.holds(now)
    assert story.compiled.asked_again(stored, now=now) == traced.is_true
    assert trees.of_rule(story.compiled, stored, now=now).verdict == traced.is_true


@given(st.integers(0, 2**32), st.integers(0, 2**32))
def test_what_a_condition_read_decides_it_again(seed: int, other: int) -> None:
    """The same of what is asked of an event."""
    node = msgspec.convert(rules.condition(seed), Node)
    for event in Streams(other).rated(5):
        document = documents.of_event(event)
        stored = msgspec.json.decode(msgspec.json.encode(tracing.read(node, document)))

        assert tracing.holds(node, stored) == evaluation.compiled(node)(document)
        assert trees.of_condition(node, stored).verdict == tracing.holds(node, stored)


@given(st.integers(0, 2**32), st.integers(0, 2 * SPAN))
def test_until_the_next_flip_the_verdict_stays_and_there_it_turns(seed: int, later: int) -> None:
    """d.3 5: one due-timer at the earliest instant when the truth value can flip."""
    story, now = asked(seed), START + later
    was, turn = story.holds(now), story.flips(now)

    if turn is not None:
        assert story.holds(turn) != was
    until = now + 400 * DAY if turn is None else turn - 1
    looks = {until, now + (until - now) // 2, now + (until - now) // 7, min(until, now + DAY)}
    assert {story.holds(at) for at in looks} == {was}


@given(rules.rules())
def test_a_rule_that_is_compiled_again_goes_on_with_what_was_counted(rule: Rule) -> None:
    again = reading.from_text(printing.text(rule))

    ids = [
        [demand.id for demand in compiling.compiled(one, segments={}, zone="UTC").demands]
        for one in (rule, again)
    ]
    assert ids[0] == ids[1]
