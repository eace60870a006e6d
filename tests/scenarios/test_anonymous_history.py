"""How long what a visitor did waits for the customer to be known (X26)."""

import pytest

from tests.support.crowd import Crowd
from tests.support.story import Book

DAY = 24 * 60


def visitor() -> Crowd:
    """A visitor with a page view and a filled cart."""
    return Crowd().views("a:d1", at=0).adds("a:d1", "shoes", at=1)


def test_a_past_that_ended_more_than_sixty_days_ago_stays_out() -> None:
    """X26: and the device is the customer's all the same."""
    crowd = visitor().identifies("u:ada", at=61 * DAY, device="d1").settle()

    assert crowd.row("u:ada").customer.events_count == 1
    assert crowd.survivor("a:d1") == "u:ada"


def test_a_past_that_ended_sixty_days_ago_comes_along() -> None:
    crowd = visitor().identifies("u:ada", at=60 * DAY, device="d1").settle()

    assert crowd.row("u:ada").customer.events_count == 3


@pytest.mark.parametrize(("days", "count"), [(10, 3), (11, 1)])
def test_how_long_a_past_is_kept_is_the_shops_to_say(days: int, count: int) -> None:
    """X26: ten days here instead of the sixty."""
    kept = {"anonymous_history_days": 10}
    settings = Book().change("settings", "settings", "put", kept).definitions
    crowd = Crowd(settings).views("a:d1", at=0).adds("a:d1", "shoes", at=1)

    crowd.identifies("u:ada", at=days * DAY, device="d1").settle()

    assert crowd.row("u:ada").customer.events_count == count
    assert crowd.survivor("a:d1") == "u:ada"
