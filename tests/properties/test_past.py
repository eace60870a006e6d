"""X57: a log replayed decides as it did, and what is supposed changes nobody else."""

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.definitions.campaigns import Campaign
from engine.definitions.folded import Definitions
from engine.facts import Fact
from engine.messages import Message
from engine.rehearsal import alone
from engine.rehearsal.past import Past
from engine.replay import Decision
from tests.support.examples import examples
from tests.support.journeys import SERIES, book, journey, mail
from tests.support.recording import Kept, Recorder, again
from tests.support.story import MINUTE

DAY = 24 * 60
WAIT = {
    "wait": {
        "type": "wait_until",
        "branches": [{"id": "seen", "on": {"event": "Order Completed"}, "next": "a"}],
        "timeout": "2h",
        "next": "b",
    },
    "a": mail("first"),
    "b": mail("second"),
}
LEAVES = [{"id": "out", "if": {"op": "metric", "name": "orders_count", "is": ">=", "value": 3}}]

DEFINITIONS = (
    book(journey(SERIES, exit=LEAVES))
    .publish({**journey(WAIT, trigger={"params": {"idle": "45m"}}), "id": "waits"})
    .definitions
)
DRAFT = {**journey({"one": mail("third")}, trigger={"params": {"idle": "10m"}}), "id": "draft"}

HAPPENS = st.tuples(
    st.sampled_from(["adds", "buys", "identifies", "agrees", "looks"]),
    st.sampled_from(["u:ada", "u:ben", "a:one", "a:two"]),
    st.integers(1, 90),
    st.booleans(),
)
"""What, who, so many minutes later, and whether the clock is late: timers of the last four minutes
come after it."""


def lived(days: list[tuple[str, str, int, bool]], definitions: Definitions) -> Recorder:
    crowd = Recorder(definitions)
    at = 0
    for number, (what, who, later, is_late) in enumerate(days):
        at += later
        crowd.wait(max(at - (4 if is_late else 1), 0))
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
    return crowd.wait(at + 3 * DAY)


def told(found: list[Decision], *, without: str = "") -> list[str]:
    """Facts and messages by id; of a supposed campaign none."""
    return sorted(
        f"{type(one).__name__} {one.id}"
        for one in found
        if isinstance(one, Fact | Message) and (not without or one.campaign != without)
    )


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(HAPPENS, min_size=3, max_size=25))
def test_a_log_replayed_decides_as_it_did_decision_for_decision(
    days: list[tuple[str, str, int, bool]],
) -> None:
    crowd = lived(days, DEFINITIONS)

    assert told(again(crowd.log, DEFINITIONS)) == told([*crowd.facts, *crowd.messages])


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(HAPPENS, min_size=3, max_size=25))
def test_a_supposed_campaign_changes_no_decision_of_the_others(
    days: list[tuple[str, str, int, bool]],
) -> None:
    """Where nothing is shared between them, no caps; it decides as it would have for real."""
    crowd = lived(days, DEFINITIONS)
    both = alone.beside(DEFINITIONS, draft())
    real = lived(days, both)

    found = again(crowd.log, both, campaign="draft", until=crowd.now, supposes=True)

    assert told(found, without="draft") == told([*crowd.facts, *crowd.messages])
    in_time = [one for one in real.facts if one.campaign == "draft"]
    if not any(is_late for *_, is_late in days):
        mine = [one for one in found if isinstance(one, Fact) and one.campaign == "draft"]
        assert told(list(mine)) == told(list(in_time))


def draft() -> Campaign:
    """Its own, read once."""
    return book(DRAFT).definitions.campaigns["draft"].draft


def test_who_is_let_in_where_only_so_many_may_is_counted() -> None:
    limited = {**DRAFT, "limit": {"total": 1}}
    both = alone.beside(DEFINITIONS, book(limited).definitions.campaigns["draft"].draft)
    crowd = Recorder(DEFINITIONS)
    crowd.adds("u:ada", "p", 1).adds("u:ben", "p", 2).wait(DAY)

    found = again(crowd.log, both, campaign="draft", until=DAY * MINUTE, supposes=True)

    mine = [one for one in found if isinstance(one, Fact) and one.campaign == "draft"]
    assert [one.customer for one in mine if one.kind == "entered"] == ["ada"]
    assert [one.reason for one in mine if one.customer == "ben" and one.kind == "not_sent"] == [
        "limit_reached"
    ]


def test_the_clocks_of_what_is_supposed_are_set_for_who_was_there_before() -> None:
    birthday = {"type": "T42", "params": {"at_time": "00:00", "tz": "UTC"}}
    body = {**journey({"one": mail("third")}, trigger=birthday), "id": "draft"}
    both = alone.beside(DEFINITIONS, book(body).definitions.campaigns["draft"].draft)
    crowd = Recorder(DEFINITIONS)
    crowd.identifies("u:ada", 1, birthday="1960-01-03").views("u:ben", 2)
    past = Past(Kept(), campaign="draft")
    for one in crowd.log:
        list(past.apply(one, DEFINITIONS))

    found = [
        *past.suppose(both, version=alone.VERSION, at=10 * MINUTE),
        *past.run_until(7 * DAY * MINUTE),
    ]

    fired = [one for one in found if isinstance(one, Fact) and one.kind == "fired"]
    assert [(one.customer, one.at) for one in fired] == [("ada", 2 * DAY * MINUTE)]
