"""M010: what merges change is in the histories of metrics and contacts, as anything else is."""

from tests.support.crowd import Crowd


def metric(crowd: Crowd, name: str) -> list[tuple[str | None, str | None]]:
    """What the history of one of Ada's metrics tells, the oldest first."""
    facts = [fact for fact in crowd.facts if (fact.customer, fact.name) == ("ada", name)]
    facts.sort(key=lambda fact: fact.at)
    return [(fact.before, fact.after) for fact in facts]


def test_what_a_merge_changes_in_a_metric_is_in_its_history() -> None:
    """M010: from what to what, with the merge as the cause."""
    crowd = Crowd().buys("a:d1", "lamp", at=0).buys("u:ada", "shoes", at=1)
    crowd.identifies("u:ada", at=2, device="d1").settle()

    assert metric(crowd, "orders_count") == [("0", "1"), ("1", "2")]
    assert metric(crowd, "orders_total") == [("0", "10"), ("10", "20")]
    assert len({fact.id for fact in crowd.facts}) == len(crowd.facts)


def test_the_history_of_a_metric_goes_on_from_the_merge_to_what_waited_for_it() -> None:
    """M010: an order that came while the row was frozen is decided on both."""
    crowd = Crowd().buys("a:d1", "lamp", at=0).identifies("u:ada", at=2, device="d1")
    crowd.buys("u:ada", "shoes", at=3).settle()

    assert metric(crowd, "orders_count") == [("0", "1"), ("1", "2")]


def test_an_address_that_comes_by_a_merge_is_a_change_of_the_contact() -> None:
    """M010, M131; consent comes along."""
    crowd = Crowd().consents("a:d1", at=0).identifies("u:ada", at=1, device="d1").settle()

    assert metric(crowd, "email") == [(None, "ada@shop.io"), ("unknown", "yes")]
    assert metric(crowd, "email_state") == [("missing", "unknown")]


def test_a_merge_that_changes_no_number_tells_none() -> None:
    crowd = Crowd().adds("a:d1", "shoes", at=1).identifies("u:ada", at=2, device="d1").settle()

    assert [fact.name for fact in crowd.facts if fact.kind == "metric_changed"] == []
