"""While a customer waits for another identity nothing is decided on half of them (e.5)."""

import pytest

from engine.merges import freezing
from engine.rows import Row
from tests.support.crowd import Crowd
from tests.support.story import MINUTE


def visitor() -> Crowd:
    """A visitor with a page view and a filled cart."""
    return Crowd().views("a:d1", at=0).adds("a:d1", "shoes", at=1)


def test_an_order_inside_the_freeze_closes_the_cart_that_the_visitor_filled() -> None:
    crowd = visitor().consents("u:ada", at=2).identifies("u:ada", at=3, device="d1")
    crowd.buys("u:ada", "shoes", at=4).settle()

    crowd.wait(until=90)

    assert crowd.row("u:ada").customer.containers == {}
    assert crowd.messages == []


def reminded(*, ordered_at: int) -> list[str]:
    """Who gets a reminder that comes due while the device's order is still on its way."""
    crowd = Crowd().consents("u:ada", at=0).adds("u:ada", "shoes", at=1)
    crowd.buys("a:d1", "shoes", at=ordered_at)
    crowd.now = 31 * MINUTE - 1_000
    crowd.views("u:ada", at=30, user_id="ada", anonymous_id="d1")
    queued, crowd.queues = crowd.queues, {}
    crowd.wait(until=31)
    crowd.queues = queued
    return [message.customer for message in crowd.settle().messages]


@pytest.mark.parametrize(("ordered_at", "sent"), [(0, ["ada"]), (20, [])])
def test_a_timer_inside_the_freeze_waits_for_what_the_visitor_did(
    ordered_at: int, sent: list[str]
) -> None:
    assert reminded(ordered_at=ordered_at) == sent


def test_without_the_freeze_that_reminder_would_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    def begin(_row: Row, _merge_ids: list[str], *, now: int) -> None:
        del now

    monkeypatch.setattr(freezing, "begin", begin)

    assert reminded(ordered_at=20) == ["ada"]


def test_events_inside_the_freeze_are_shown_at_once() -> None:
    crowd = visitor().identifies("u:ada", at=2, device="d1").buys("u:ada", "socks", at=3)

    assert crowd.row("u:ada").customer.orders.count == 1


def test_without_an_answer_the_customer_goes_on_after_thirty_seconds() -> None:
    crowd = visitor().consents("u:ada", at=2).identifies("u:ada", at=3, device="d1")
    crowd.adds("u:ada", "socks", at=4)
    queued, crowd.queues = crowd.queues, {}

    crowd.wait(until=40)
    assert [message.customer for message in crowd.messages] == ["ada"]
    crowd.queues = queued
    crowd.settle()

    assert crowd.row("u:ada").customer.events_count == 5


@pytest.mark.parametrize("more", [0, 1])
def test_the_freeze_holds_sixty_four_events(more: int) -> None:
    crowd = visitor().identifies("u:ada", at=2, device="d1")
    for _ in range(freezing.HELD_MAX - 2 + more):
        crowd.views("u:ada", at=3)

    assert (crowd.row("u:ada").freeze is None) is bool(more)
    crowd.settle()
    assert crowd.row("u:ada").customer.events_count == freezing.HELD_MAX + 1 + more
