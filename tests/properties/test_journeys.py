"""Random campaigns over random days: what must never happen, whatever was drawn."""

from collections import Counter
from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.instances import INSTANCES_MAX
from tests.support.examples import examples
from tests.support.journeys import MAILS, book, delay, journey, mail, opens_lookbook
from tests.support.story import Story

HOUR = 60
DAY = 24 * HOUR

RULES = st.sampled_from(
    [
        {"op": "attr", "path": "events_count", "is": ">=", "value": 3},
        {"op": "metric", "name": "orders_count", "is": ">=", "value": 1},
        {"op": "did", "event": "Lookbook Opened", "is": ">=", "value": 2, "window": "1d"},
        {"op": "not", "of": {"op": "subscribed", "channel": "email"}},
    ]
)

TRIGGERS = st.sampled_from(
    [
        {"type": "T01"},
        {"type": "T08"},
        {"type": "T31", "params": {"event": "Lookbook Opened"}},
        {"type": "T14"},
        {"type": "T24", "params": {"days": 1, "at_time": "10:00"}},
        {"type": "T02"},
        {"type": "T05"},
        {"type": "T20", "params": {"products": ["p1"], "of": "order", "days": 1}},
        {"type": "T21", "params": {"of": "order", "days": 1}, "throttle": "2d"},
        {"type": "T26", "debounce": "1h"},
        {"type": "T31", "params": {"event": "Lookbook Opened", "count": 2}},
        {"type": "T42", "params": {"field": "birthday"}},
        {"type": "T44", "params": {"start": "1970-01-02T09:00", "rrule": "FREQ=DAILY;COUNT=9"}},
    ]
)

NAMES = st.sampled_from(["follower", "nobody"])

POLICIES = st.sampled_from(
    [{"policy": "always"}, {"policy": "never"}, {"policy": "after", "after": "1d"}]
)


@st.composite
def steps(draw: st.DrawFn) -> dict[str, object]:
    """A line of steps that may branch ahead, with a loop back over a delay now and then."""
    count = draw(st.integers(1, 6))
    found: dict[str, object] = {}
    for place in range(count):
        ahead: st.SearchStrategy[str | None] = st.sampled_from(
            [None, *(f"s{later}" for later in range(place + 1, count))]
        )
        then = f"s{place + 1}" if place + 1 < count else None
        found[f"s{place}"] = draw(_step(then, ahead))
    found[f"s{count - 1}"] = draw(st.just(mail("third")))
    if draw(st.booleans()):
        last = {"type": "loop", "to": "day", "max_turns": 2, "next": None}
        found = {"day": delay("6h", "s0"), **found, f"s{count - 1}": mail("third", "again")}
        found["again"] = last
    return found


def _step(
    then: str | None, ahead: st.SearchStrategy[str | None]
) -> st.SearchStrategy[dict[str, object]]:
    return st.one_of(
        st.sampled_from(MAILS).map(lambda name: mail(name, then)),
        st.sampled_from(["1h", "1d"]).map(lambda length: delay(length, then)),
        st.builds(
            lambda rule, other: {"type": "filter", "if": rule, "next": then, "otherwise": other},
            RULES,
            ahead,
        ),
        st.builds(
            lambda other: {
                "type": "random_split",
                "arms": {"a": {"weight": 1, "next": then}, "b": {"weight": 1, "next": other}},
            },
            ahead,
        ),
        st.builds(
            lambda other: {
                "type": "ab_test",
                "salt": "letters",
                "arms": {"a": {"weight": 1, "next": then}, "b": {"weight": 1, "next": other}},
                "metric": "click",
                "sample_size": 2,
                "wait": "6h",
            },
            ahead,
        ),
        st.builds(
            lambda first, second, rule, prior, order: {
                "type": "wait_until",
                "branches": [
                    {"id": "x", "on": {"event": "Order Completed"}, "next": first},
                    {"id": "y", "if": rule, "next": second},
                ],
                "timeout": "12h",
                "next": then,
                "accept_prior": prior,
                "order": order,
            },
            ahead,
            ahead,
            RULES,
            st.sampled_from(["none", "since_entry", "ever"]),
            st.sampled_from(["first", "ranked"]),
        ),
        st.builds(lambda other: mail("second", then, on_failed=other, ttl="2h"), ahead),
        st.builds(lambda name: {"type": "start_campaign", "campaign": name, "next": then}, NAMES),
    )


GOALS = st.fixed_dictionaries(
    {
        "id": st.just("goal"),
        "on": st.just({"event": "Order Completed"}),
        "window": st.sampled_from(["1h", "2d"]),
        "exit": st.booleans(),
    }
)

CAMPAIGNS = st.builds(
    lambda drawn, trigger, policy, leaves, goals: journey(
        drawn,
        trigger={**trigger, "re_entry": policy},
        exit=[{"id": "out", "if": leaves}] if leaves else [],
        goals=goals,
    ),
    steps(),
    TRIGGERS,
    POLICIES,
    st.none() | RULES,
    st.lists(GOALS, max_size=1),
)

FOLLOWER = {
    **journey(
        {
            "split": {
                "type": "random_split",
                "salt": "shared",
                "arms": {"a": {"weight": 1, "next": "one"}, "b": {"weight": 1, "next": None}},
            },
            "one": mail("third"),
        },
        trigger={
            "type": "T48",
            "params": {"campaigns": ["cart-reminder"], "outcomes": ["started", "exit", "goal"]},
        },
    ),
    "id": "follower",
}

QUIET = {"windows": [{"start": "22:00", "end": "07:00"}], "smear": "10m"}

HAPPENS = st.tuples(
    st.sampled_from(["adds", "buys", "opens", "no", "yes", "quiet"]), st.integers(1, 2 * DAY)
)


def lived(body: Mapping[str, object], days: list[tuple[str, int]]) -> Story:
    """The story of a customer with this campaign; each thing happens so long after the last."""
    written = book(dict(body)).publish(FOLLOWER)
    written.change("policies", "default", "put", {"id": "default", "quiet_hours": QUIET})
    story = Story(written.definitions, key="u:somebody").consents()
    at = 0
    for number, (what, later) in enumerate(days):
        at += later
        match what:
            case "adds":
                story.adds(f"p{number}", at=at)
            case "buys":
                story.buys(f"p{number}", at=at, order=f"o{number}")
            case "opens":
                opens_lookbook(story, at=at)
            case "yes" | "no":
                story.says({"email": what == "yes"}, at=at)
            case _:
                story.wait(until=at)
    return story.wait(until=at + 60 * DAY)


@settings(max_examples=examples(50))
@given(CAMPAIGNS, st.lists(HAPPENS, min_size=4, max_size=12))
def test_no_campaign_breaks_what_every_campaign_keeps(
    body: dict[str, object], days: list[tuple[str, int]]
) -> None:
    story = lived(body, days)

    sent = [message.id for message in story.messages]
    assert len(set(sent)) == len(sent)
    out: set[str] = set()
    for fact in story.facts:
        if fact.kind == "exited":
            assert fact.instance not in out
            out.add(fact.instance)
        elif fact.kind in {"sent", "not_sent", "deferred", "entered"} and fact.step is not None:
            assert fact.instance not in out
    entered = Counter(fact.instance for fact in story.facts if fact.kind == "entered")
    assert set(entered.values()) <= {1}
    assert out == set(entered) - {run.id for run in story.row.customer.runs}
    assert len(story.row.customer.runs) <= INSTANCES_MAX
    assert len({fact.id for fact in story.facts}) == len(story.facts)
    reached = [fact for fact in story.changes if fact.kind == "goal_reached"]
    assert len({(fact.instance, fact.name) for fact in reached}) == len(reached)
    arms = {(fact.name, fact.after) for fact in story.changes if fact.kind == "arm_assigned"}
    assert len(arms) == len({name for name, _ in arms})


@settings(max_examples=examples(50))
@given(CAMPAIGNS, st.lists(HAPPENS, min_size=4, max_size=12))
def test_nothing_leaves_in_quiet_hours(
    body: dict[str, object], days: list[tuple[str, int]]
) -> None:
    """By the company's clock, UTC: the customer has no zone."""
    for message in lived(body, days).messages:
        assert 7 <= message.decided_at // 3_600_000 % 24 < 22


@settings(max_examples=examples(50))
@given(CAMPAIGNS, st.lists(HAPPENS, min_size=4, max_size=12))
def test_the_same_days_give_the_same_decisions(
    body: dict[str, object], days: list[tuple[str, int]]
) -> None:
    once, again = lived(body, days), lived(body, days)

    assert once.facts == again.facts
    assert once.messages == again.messages


@settings(max_examples=examples(50))
@given(CAMPAIGNS, st.lists(HAPPENS, min_size=4, max_size=12))
def test_nobody_is_sent_marketing_without_a_yes(
    body: dict[str, object], days: list[tuple[str, int]]
) -> None:
    """Asked of the log alone: what was said last before each message."""
    story = lived(body, days)
    said, at = [(0, True)], 0
    for what, later in days:
        at += later
        if what in {"yes", "no"}:
            said.append((at * 60_000, what == "yes"))

    for message in story.messages:
        assert [word for when, word in said if when <= message.decided_at][-1]
