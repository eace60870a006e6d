"""Bonuses, promo codes, tags and surveys: the newest word by source time, within bounds."""

from decimal import Decimal

import msgspec
import pytest

from engine import rows
from engine.customer import Customer
from engine.effects import RecordFact
from engine.events import BonusBalanceChanged, Event, PromoCodeIssued, TagsChanged, Tracked
from engine.holdings import (
    EXPIRING_MAX,
    PROMO_CODES_MAX,
    SURVEYS_MAX,
    TAGS_MAX,
    Expiring,
)
from engine.lists import loyalty, tags
from engine.lists.loyalty import Standing
from engine.step import step
from tests.support.story import one_campaign

DEFINITIONS = one_campaign()


def after(*events: Event) -> Customer:
    customer = Customer(id="c")
    for event in events:
        customer = step(customer, event, DEFINITIONS, event.occurred_at).customer
    return customer


def balance(active: str, *expiring: Expiring, at: int = 0) -> BonusBalanceChanged:
    return BonusBalanceChanged(
        id=f"b{at}", occurred_at=at, updated_at=at, active=Decimal(active), expiring=expiring
    )


def code(name: str, *, at: int = 0, updated_at: int | None = None, **said: object) -> Event:
    issued = PromoCodeIssued(
        id=f"{name}{at}{updated_at}",
        occurred_at=at,
        updated_at=at if updated_at is None else updated_at,
        code=name,
    )
    return msgspec.structs.replace(issued, **said)


def tagged(*added: str, removed: tuple[str, ...] = (), at: int = 0) -> TagsChanged:
    return TagsChanged(id=f"t{at}", occurred_at=at, added=added, removed=removed, origin="operator")


def completed(survey: object, *, at: int = 0, name: str = "Survey Completed") -> Tracked:
    properties = msgspec.Raw(msgspec.json.encode(survey))
    return Tracked(id=f"s{at}", occurred_at=at, name=name, properties=properties)


def facts(before: Customer, event: Event) -> list[tuple[str, str, str | None, str | None]]:
    decision = step(before, event, DEFINITIONS, event.occurred_at)
    return [
        (effect.fact.kind, effect.fact.name, effect.fact.before, effect.fact.after)
        for effect in decision.effects
        if isinstance(effect, RecordFact)
    ]


def test_expiries_leave_as_time_passes_without_any_event() -> None:
    """M152-M156: total active, total to expire, the next date and its amount."""
    known = after(balance("100", Expiring(20, Decimal(30)), Expiring(10, Decimal(5)))).loyalty
    assert known is not None

    assert loyalty.standing(known, 9) == Standing(
        Decimal(100), Decimal(0), Decimal(35), 10, Decimal(5)
    )
    assert loyalty.standing(known, 10)[2:] == (Decimal(30), 20, Decimal(30))
    assert loyalty.standing(known, 20)[2:] == (Decimal(0), None, None)


def test_an_older_balance_changes_nothing() -> None:
    known = after(balance("100", at=5), balance("7", at=4), balance("8", at=5)).loyalty

    assert known is not None
    assert known.active == 100


def test_expiries_beyond_the_cap_are_one_sum() -> None:
    many = [Expiring(at, Decimal(1)) for at in range(1, EXPIRING_MAX + 11)]
    known = after(balance("100", *reversed(many))).loyalty

    assert known is not None
    assert len(known.expiring) == EXPIRING_MAX
    assert loyalty.standing(known, 0)[2:] == (Decimal(EXPIRING_MAX + 10), 1, Decimal(1))


def test_each_sum_that_changed_is_a_fact() -> None:
    """M011, M168: the history of accruals."""
    before = after(balance("100", at=1))

    assert facts(Customer(id="c"), balance("100", at=1)) == [
        ("bonuses_changed", "bonuses_active", None, "100")
    ]
    assert facts(before, balance("80", at=2)) == [
        ("bonuses_changed", "bonuses_active", "100", "80")
    ]
    assert facts(before, balance("100", at=2)) == []
    assert facts(before, balance("80", at=0)) == []


def test_a_code_is_upserted_by_its_newest_word() -> None:
    """M190-M192: group, campaign, reissued."""
    codes = after(
        code("A", at=1, group="ten-percent"),
        code("A", at=1, updated_at=9, campaign="cart", is_reissued=True),
        code("A", at=1, updated_at=5),
    ).promo_codes

    assert [(known.code, known.campaign, known.is_reissued) for known in codes] == [
        ("A", "cart", True)
    ]


def test_the_oldest_code_beyond_the_cap_leaves() -> None:
    codes = after(*(code(f"C{at:03}", at=at) for at in range(PROMO_CODES_MAX + 1))).promo_codes

    assert len(codes) == PROMO_CODES_MAX
    assert codes[0].code == "C001"


@pytest.mark.parametrize("turned", [False, True])
def test_a_tag_goes_by_its_newest_word_in_any_order(*, turned: bool) -> None:
    events = [tagged("vip", at=1), tagged(removed=("vip",), at=2), tagged("old", at=1)]
    customer = after(*(events[::-1] if turned else events))

    assert tags.assigned(customer.tags) == {"old": 1}


def test_tags_beyond_the_cap_leave_those_taken_away_first() -> None:
    names = [f"t{number:03}" for number in range(TAGS_MAX)]
    customer = after(
        tagged(removed=("gone",), at=99), tagged(*names[:100], at=1), tagged(*names[100:], at=2)
    )

    assert list(tags.assigned(customer.tags)) == names
    assert len(customer.tags) == TAGS_MAX


def test_a_tag_that_came_or_went_is_a_fact() -> None:
    """M170."""
    before = after(tagged("vip", at=1))

    assert facts(before, tagged("vip", "new", removed=("none",), at=2)) == [
        ("tag_changed", "new", None, "new")
    ]
    assert facts(before, tagged(removed=("vip",), at=2)) == [("tag_changed", "vip", "vip", None)]


def test_a_completed_survey_is_kept_once_with_its_last_time() -> None:
    """M199, M200: every survey taken part in, with its results."""
    said = {"survey_id": "nps", "survey_name": "How likely?", "results_url": "https://s/1"}
    surveys = after(completed(said, at=1), completed(said, at=7)).surveys

    assert [(one.survey_id, one.completed_at, one.results_url) for one in surveys] == [
        ("nps", 7, "https://s/1")
    ]


@pytest.mark.parametrize("said", [{}, {"survey_id": []}, {"survey_id": " "}, [1], None])
def test_a_survey_without_an_id_is_none(said: object) -> None:
    assert after(completed(said)).surveys == ()


def test_another_event_is_no_survey() -> None:
    assert after(completed({"id": "nps"}, name="Survey Shown")).surveys == ()


def test_the_oldest_survey_beyond_the_cap_leaves() -> None:
    surveys = after(
        *(completed({"id": number}, at=number) for number in range(SURVEYS_MAX + 1))
    ).surveys

    assert [surveys[0].survey_id, len(surveys)] == ["1", SURVEYS_MAX]


def test_full_lists_fit_a_row() -> None:
    """The caps keep the stated bytes, with texts of usual length."""
    customer = after(
        balance("100", *(Expiring(at * 10**9, Decimal("12.34")) for at in range(EXPIRING_MAX))),
        *(code(f"SUMMER-{at:06}", at=at, group="summer", campaign="c") for at in range(50)),
        *(tagged(f"a tag of {at:04}", at=at) for at in range(TAGS_MAX)),
        *(completed({"id": f"survey-{at:04}", "name": "How likely?"}, at=at) for at in range(50)),
    )
    row = rows.blank("u:c")
    empty = len(msgspec.msgpack.encode(row))
    row.customer = customer

    size = len(msgspec.msgpack.encode(row)) - empty
    assert size < EXPIRING_MAX * 20 + PROMO_CODES_MAX * 120 + TAGS_MAX * 30 + SURVEYS_MAX * 80
