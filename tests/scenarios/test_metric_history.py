"""M010: each change of a metric is kept, with what it was, what it is, and the event behind it."""

from decimal import Decimal

import msgspec

from engine import metric_changes
from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.events import Tracked
from engine.transactions import ReceiptIssued
from tests.support.metrics import defined, metric
from tests.support.story import MINUTE, Book, Story


def visited(name: str, at: int, **properties: object) -> Tracked:
    return Tracked(
        id=name,
        occurred_at=at * MINUTE,
        name="Visit",
        properties=msgspec.Raw(msgspec.json.encode(properties)),
    )


DAY = 24 * 60


def receipt(name: str, *, at: int, total: int) -> ReceiptIssued:
    return ReceiptIssued(
        id=name,
        occurred_at=at * MINUTE,
        receipt_id=name,
        total=Decimal(total),
        updated_at=at * MINUTE,
    )


def told(story: Story) -> dict[str, tuple[str | None, str | None]]:
    return {fact.name: (fact.before, fact.after) for fact in story.changes}


def test_an_order_tells_every_metric_it_changed() -> None:
    story = Story(Definitions()).buys("shoes", at=1)

    assert (
        told(story).items()
        >= {
            "orders_count": ("0", "1"),
            "orders_total": ("0", "10"),
            "orders_average": (None, "10.00"),
        }.items()
    )
    assert not [name for name in told(story) if name.startswith("days_since")]
    assert {(fact.kind, fact.at, fact.cause) for fact in story.changes} == {
        ("metric_changed", MINUTE, "e1")
    }


def test_the_same_order_again_changes_nothing() -> None:
    story = Story(Definitions()).buys("shoes", at=1)
    before = len(story.changes)

    assert len(story.buys("shoes", at=1).changes) == before


def test_looking_at_a_page_and_growing_older_are_no_changes() -> None:
    story = Story(Definitions()).buys("shoes", at=1)
    before = len(story.changes)

    story.event(visited("later", at=3 * 24 * 60))

    assert len(story.changes) == before


def test_a_metric_of_the_shop_tells_each_value() -> None:
    definitions = defined(metric("visits", event="Visit"), metric("last", aggregate="last"))
    story = Story(definitions).event(visited("a", at=1)).event(visited("b", at=2))

    assert [(f.name, f.before, f.after) for f in story.changes] == [
        ("last", None, "1970-01-01T00:01:00.000Z"),
        ("visits", "0", "1"),
        ("last", "1970-01-01T00:01:00.000Z", "1970-01-01T00:02:00.000Z"),
        ("visits", "1", "2"),
    ]


def test_a_metric_without_history_tells_nothing() -> None:
    definitions = defined(metric("visits", history=False))

    assert Story(definitions).event(visited("a", at=1)).changes == []


def test_a_window_that_lost_as_much_as_it_won_tells_no_change() -> None:
    definitions = defined(metric("visits", window="1h"))
    story = Story(definitions).event(visited("a", at=0)).event(visited("b", at=61))

    assert [(fact.before, fact.after) for fact in story.changes] == [("0", "1"), ("0", "1")]


def test_one_event_tells_no_more_changes_than_an_outbox_can_bear() -> None:
    book = Book()
    for number in range(metric_changes.CHANGES_MAX + 1):
        book.change("metrics", f"m{number}", "put", metric(f"m{number}"))

    story = Story(book.definitions).event(visited("a", at=1))

    assert len(story.changes) == metric_changes.CHANGES_MAX
    assert len(story.row.customer.tallies) == metric_changes.CHANGES_MAX + 1


def test_each_fact_has_an_id_of_its_own_and_the_same_in_a_replay() -> None:
    stories = [
        Story(Definitions()).buys("shoes", at=1).buys("socks", at=2, order="o2") for _ in range(2)
    ]

    first, again = ([fact.id for fact in story.changes] for story in stories)
    assert first == again
    assert len(set(first)) == len(first)


def test_who_has_no_metrics_of_the_shop_pays_for_none() -> None:
    customer = Customer(id="c")

    assert not metric_changes.effects(
        customer, customer, visited("a", at=1), Definitions().counters, rfm=None, now=0
    )


def test_another_cell_of_rfm_is_a_change_and_growing_older_is_none() -> None:
    """M010, M004, M150."""
    cuts = {
        "recency_days": [1, 2, 3, 4],
        "frequency": [1, 2, 3, 4],
        "monetary": ["10", "20", "30", "40"],
        "customers": 5,
    }
    story = Story(Book().change("rfm", "rfm", "put", cuts).definitions)
    story.event(receipt("r1", at=0, total=10)).event(visited("v", at=3 * DAY))

    story.event(receipt("r2", at=3 * DAY, total=15))

    cells = [(fact.before, fact.after) for fact in story.changes if fact.name == "rfm"]
    assert cells == [(None, "5-1-1"), ("3-1-1", "5-2-3")]


def test_without_fifths_rfm_has_no_history() -> None:
    story = Story(Definitions()).event(receipt("r1", at=0, total=10))

    assert "rfm" not in told(story)
    assert "receipts_count" in told(story)
