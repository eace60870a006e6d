"""T37, T38 and T39: segments entered and left, RFM cells, thresholds."""

from decimal import Decimal

import msgspec
import pytest

from engine.events import Identified, Tracked
from engine.transactions import ReceiptIssued
from tests.support.journeys import MAILS, journey, mail
from tests.support.story import MINUTE, Book, Story

DAY = 24 * 60
HOUR = 60

LOOKED = {"op": "did", "event": "Looked", "is": ">=", "value": 2, "window": "2h"}
RICH = {"op": "metric", "name": "receipts_total", "is": ">=", "value": 100}
CUTS = {
    "recency_days": [1, 2, 3, 4],
    "frequency": [1, 2, 3, 4],
    "monetary": ["10", "20", "30", "40"],
    "customers": 5,
}


def templates() -> Book:
    found = Book()
    for name in MAILS:
        found.change("templates", name, "put", {"id": name, "subject": name, "text": name})
    return found


def segment(found: Book, rule: object = LOOKED, *, name: str = "keen") -> Book:
    return found.change("segments", name, "put", {"id": name, "rule": rule})


def campaign(kind: str, **params: object) -> dict[str, object]:
    trigger = {"type": kind, "params": params}
    return journey({"one": mail("first")}, trigger=trigger)


def waiting(kind: str = "T37", **params: object) -> Story:
    """A campaign on a segment of who looked twice within two hours."""
    params = {"segment": "keen", **params} if kind == "T37" else params
    return Story(segment(templates()).publish(campaign(kind, **params)).definitions).consents()


def under(story: Story, found: Book) -> Story:
    """From here on these definitions go."""
    story.definitions = found.definitions
    return story


def looks(story: Story, *, at: int, logged_at: int | None = None) -> Story:
    event = Tracked(id=f"look-{at}", occurred_at=at * MINUTE, name="Looked")
    return story.event(event, logged_at=None if logged_at is None else logged_at * MINUTE)


def buys(story: Story, total: int, *, at: int) -> Story:
    return story.event(
        ReceiptIssued(
            id=f"r-{at}",
            occurred_at=at * MINUTE,
            receipt_id=f"r-{at}",
            total=Decimal(total),
            updated_at=at * MINUTE,
        )
    )


def touches(story: Story, *, at: int) -> Story:
    return story.event(Identified(id=f"t-{at}", occurred_at=at * MINUTE, traits={"plan": str(at)}))


def fired(story: Story) -> int:
    return story.reasons.count("fired")


def test_t37_entering_fires_once_and_staying_does_not() -> None:
    story = looks(looks(waiting(), at=1), at=2)

    assert fired(looks(story, at=3)) == 1


def test_t37_time_alone_lets_a_customer_leave() -> None:
    """The trap of the row: rules about time turn by a timer, not by a poll."""
    story = looks(looks(waiting(direction="left"), at=1), at=2)

    assert fired(story.wait(until=119)) == 0
    assert fired(story.wait(until=120)) == 1
    assert [one.at for one in story.facts if one.kind == "fired"] == [120 * MINUTE]


def test_t37_who_does_not_stay_long_enough_fires_nothing() -> None:
    """The other trap: a dwell keeps flapping out."""
    flapping = looks(looks(waiting(min_dwell="3h"), at=1), at=2)
    assert fired(flapping.wait(until=DAY)) == 0

    staying = waiting(min_dwell="3h")
    for at in range(1, 240, 30):
        looks(staying, at=at)

    assert fired(staying) == 1
    assert [one.at for one in staying.facts if one.kind == "fired"] == [(31 + 3 * HOUR) * MINUTE]


@pytest.mark.parametrize(("on_activate", "count"), [("ignore", 0), ("include", 1)])
def test_t37_members_there_are_when_it_begins(on_activate: str, count: int) -> None:
    found = segment(templates())
    story = looks(looks(Story(found.definitions).consents(), at=1), at=2)
    found.publish(campaign("T37", segment="keen", on_activate=on_activate))

    touches(under(story, found), at=3)

    assert fired(touches(story, at=4)) == count


@pytest.mark.parametrize(("on_activate", "count"), [("ignore", 0), ("include", 1)])
def test_t37_whom_a_definition_makes_a_member(on_activate: str, count: int) -> None:
    found = segment(templates(), RICH)
    found.publish(campaign("T37", segment="keen", on_activate=on_activate))
    story = buys(Story(found.definitions).consents(), 50, at=1)
    segment(found, {**RICH, "value": 50})

    assert fired(touches(under(story, found), at=2)) == count
    assert [(one.kind, one.origin) for one in story.changes if one.name == "keen"] == [
        ("segment_entered", "definition")
    ]


def test_t37_pausing_and_resuming_begins_nothing_anew() -> None:
    found = segment(templates()).publish(campaign("T37", segment="keen", on_activate="include"))
    story = looks(looks(Story(found.definitions).consents(), at=1), at=2)
    found.change("campaigns", "cart-reminder", "pause")
    touches(under(story, found), at=3)
    found.change("campaigns", "cart-reminder", "resume")

    assert fired(touches(under(story, found), at=4)) == 1


def test_t37_late_news_moves_the_customer_and_fires_nothing() -> None:
    body = campaign("T37", segment="keen")
    body["triggers"] = [{**body["triggers"][0], "max_lateness": "10m"}]  # type: ignore[index]  # built above
    story = Story(segment(templates()).publish(body).definitions).consents()

    looks(looks(story, at=1), at=3, logged_at=30)

    assert list(story.row.customer.segments.inside) == ["keen"]
    assert fired(story) == 0


def test_t37_an_update_step_that_makes_a_member_fires_at_once() -> None:
    gold = {"op": "attr", "path": "plan", "value": "gold"}
    found = segment(templates(), gold)
    found.publish(campaign("T37", segment="keen"))
    promote = {"type": "update", "set": {"plan": "gold"}}
    trigger = {"type": "T31", "params": {"event": "Looked"}}
    found.publish({**journey({"one": promote}, trigger=trigger), "id": "promoting"})

    story = looks(Story(found.definitions).consents(), at=1)

    assert story.sent == ["first"]


def scored(**params: object) -> tuple[Book, Story]:
    found = templates().change("rfm", "rfm", "put", CUTS).publish(campaign("T38", **params))
    return found, Story(found.definitions).consents()


def test_t38_a_purchase_moves_the_cell() -> None:
    _, story = scored(before=["none"], after=["5-1-2"])

    assert fired(buys(story, 15, at=1)) == 1
    assert fired(buys(story, 15, at=2)) == 1


def test_t38_staying_away_moves_it_by_a_timer() -> None:
    _, story = scored(axis="recency", before=["5"], after=["4"])
    buys(story, 15, at=1)

    assert fired(story.wait(until=2 * DAY)) == 0
    assert fired(story.wait(until=2 * DAY + 1)) == 1


@pytest.mark.parametrize(("exclude", "count"), [(False, 1), (True, 0)])
def test_t38_moves_that_other_people_cause_are_told_and_may_be_left_out(
    *, exclude: bool, count: int
) -> None:
    """The trap of the row."""
    found, story = scored(axis="monetary", before=["2"], after=["1"], exclude_population=exclude)
    buys(story, 15, at=1)
    found.change("rfm", "rfm", "put", {**CUTS, "monetary": ["100", "200", "300", "400"]})

    assert fired(touches(under(story, found), at=2)) == count


def test_t38_where_the_campaign_finds_somebody_is_no_move() -> None:
    found = templates().change("rfm", "rfm", "put", CUTS)
    story = buys(Story(found.definitions).consents(), 15, at=1)
    found.publish(campaign("T38"))

    assert fired(touches(under(story, found), at=2)) == 0
    assert fired(buys(story, 15, at=3)) == 1


def spending(**params: object) -> Story:
    return waiting("T39", metric="receipts_total", value=100, **params)


def test_t39_fires_on_the_edge_and_not_on_the_level() -> None:
    """The trap of the row."""
    story = buys(buys(spending(), 60, at=1), 60, at=2)

    assert fired(story) == 1
    assert fired(buys(story, 60, at=3)) == 1


def test_t39_who_lies_beyond_when_the_campaign_begins_has_not_crossed() -> None:
    found = templates()
    story = buys(Story(found.definitions).consents(), 200, at=1)
    found.publish(campaign("T39", metric="receipts_total", value=100))

    assert fired(buys(under(story, found), 200, at=2)) == 0


def returns(story: Story, total: int, *, at: int) -> Story:
    return story.event(
        ReceiptIssued(
            id=f"b-{at}",
            occurred_at=at * MINUTE,
            receipt_id=f"b-{at}",
            return_of="r-1",
            total=Decimal(-total),
            updated_at=at * MINUTE,
        )
    )


@pytest.mark.parametrize(("hysteresis", "count"), [(0, 2), (30, 1)])
def test_t39_a_hysteresis_keeps_flapping_out(hysteresis: int, count: int) -> None:
    story = buys(spending(hysteresis=hysteresis), 110, at=1)

    returns(story, 20, at=2)

    assert fired(buys(story, 20, at=3)) == count


def test_t39_down_fires_where_the_value_falls_across() -> None:
    story = buys(spending(direction="down"), 110, at=1)
    assert fired(story) == 0

    assert fired(returns(story, 20, at=2)) == 1


@pytest.mark.parametrize(
    ("once_per", "count"),
    [
        ({"once_per": "ever"}, 1),
        ({"once_per": "period", "period": "1h"}, 1),
        ({"once_per": "period", "period": "1m"}, 2),
    ],
)
def test_t39_fires_once_for_ever_or_once_in_a_period(
    once_per: dict[str, object], count: int
) -> None:
    story = buys(spending(**once_per), 110, at=1)

    returns(story, 20, at=2)

    assert fired(buys(story, 20, at=10)) == count


def test_t39_days_that_pass_cross_by_a_timer() -> None:
    story = waiting("T39", metric="days_since_last_receipt", value=3)
    buys(story, 10, at=1)

    assert fired(story.wait(until=3 * DAY)) == 0
    assert fired(story.wait(until=3 * DAY + 1)) == 1


def test_t37_what_a_firing_knows_stands_in_its_message() -> None:
    story = looks(looks(waiting(), at=1), at=2)

    told = msgspec.to_builtins(story.messages[0].context)["event"]
    assert (told["segment"], told["direction"], told["cause"]) == ("keen", "entered", "event")
