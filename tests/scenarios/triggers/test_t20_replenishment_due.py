"""T20: what was bought will soon be used up."""

from tests.scenarios.triggers.test_purchases import lines, receipt
from tests.support.journeys import fired, triggered
from tests.support.story import Story

DAY = 24 * 60


def buys(story: Story, name: str, *, day: int, product: str = "soap") -> Story:
    return story.event(receipt(name, at=day * DAY, lines=lines(product, category="care")))


def test_t20_every_purchase_of_it_counts_anew() -> None:
    story = buys(triggered("T20", products=["soap"], days=30, lead_days=5), "r1", day=0)
    buys(story, "r2", day=20)

    assert fired(story.wait(until=45 * DAY - 1)) == 0
    assert fired(story.wait(until=45 * DAY)) == 1
    assert story.messages[0].context["event"] == {
        "product": "soap",
        "last_at": 20 * DAY * 60_000,
        "days": 30,
    }


def test_t20_each_product_has_a_time_of_its_own() -> None:
    story = buys(triggered("T20", products=["soap", "salt"], days=30), "r1", day=0)
    buys(story, "r2", day=3, product="salt")

    assert fired(story.wait(until=30 * DAY)) == 1
    assert fired(story.wait(until=33 * DAY)) == 2


def test_t20_by_the_customers_own_median() -> None:
    story = triggered("T20", categories=["care"], interval="customer_median", days=90)
    for number, day in enumerate((0, 10, 19, 27)):
        buys(story, f"r{number}", day=day, product=f"p{number}")

    assert fired(story.wait(until=36 * DAY - 1)) == 0
    assert fired(story.wait(until=36 * DAY)) == 1


def test_t20_who_bought_once_goes_by_the_days() -> None:
    story = triggered("T20", products=["soap"], interval="customer_median", days=7)

    assert fired(buys(story, "r1", day=0).wait(until=7 * DAY)) == 1


def test_t20_a_correction_is_no_purchase() -> None:
    story = buys(triggered("T20", products=["soap"], days=2), "r1", day=0)
    story.event(receipt("r1", at=DAY, lines=lines("soap"), updated_at=DAY * 60_000))

    assert fired(story.wait(until=2 * DAY)) == 1
