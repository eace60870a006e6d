"""T26: a visit begins."""

import msgspec
import pytest

from engine.events import PageViewed
from tests.support.journeys import fired, triggered
from tests.support.story import MINUTE, Story


def opens(story: Story, url: str, *, at: int, utm: dict[str, str] | None = None) -> Story:
    context = msgspec.json.encode({"campaign": utm or {}})
    return story.event(
        PageViewed(
            id=f"p{at}",
            occurred_at=at * MINUTE,
            url=url,
            source="web",
            context=msgspec.Raw(context),
        )
    )


def test_t26_a_visit_begins_after_half_an_hour_of_silence() -> None:
    story = triggered("T26")
    story.wait(until=100)
    began = fired(story)
    opens(opens(opens(story, "/a", at=100), "/b", at=120), "/c", at=150)

    assert fired(story) - began == 2


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({"source": "web"}, 1),
        ({"source": "app"}, 0),
        ({"utm_source": "news", "utm_medium": "mail"}, 1),
        ({"utm_campaign": "spring"}, 0),
        ({"landing": "*/sale*"}, 1),
        ({"landing": "*/cart*"}, 0),
    ],
)
def test_t26_only_such_visits(params: dict[str, object], count: int) -> None:
    story = triggered("T26", **params)
    opens(story, "https://s.example/sale/1", at=100, utm={"source": "news", "medium": "mail"})

    assert fired(story) == count


@pytest.mark.parametrize(("key", "count"), [("a:device", 0), ("u:ada", 1)])
def test_t26_only_those_we_know(key: str, count: int) -> None:
    story = Story(triggered("T26", identified_only=True).definitions, key=key)

    assert fired(opens(story, "/", at=1)) == count


def test_t26_news_that_comes_late_begins_no_visit() -> None:
    story = opens(triggered("T26"), "/", at=1000)
    before = fired(story)
    late = PageViewed(id="late", occurred_at=900 * MINUTE, url="/")

    assert fired(story.event(late, logged_at=1001 * MINUTE)) == before
