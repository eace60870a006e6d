"""When a template, and when only its customer, is to blame; and what may leave no more."""

import msgspec
import pytest

from agents.delivery.campaigns import IN_A_ROW_MAX, STEPS_MAX, Fillings, is_halted
from engine.definitions.changes import Action
from engine.definitions.folded import Definitions
from engine.faults import CampaignFailed
from engine.messages import Message
from tests.support import decided
from tests.support.story import TEMPLATE, Book, campaign

NOW = 1_000


def book() -> Book:
    found = Book().change("templates", "cart-mail", "put", TEMPLATE)
    return found.publish({**campaign(), "id": "cart"})


def mail(customer: str, **fields: object) -> Message:
    found = decided.message(f"m-{customer}", at=NOW)
    return msgspec.structs.replace(found, customer=customer, **fields)


def failed(
    fillings: Fillings, count: int, definitions: Definitions, *, prefix: str = "c", **fields: object
) -> list[CampaignFailed]:
    found = (
        fillings.failed(mail(f"{prefix}{n}", **fields), definitions, now=NOW) for n in range(count)
    )
    return [one for one in found if one is not None]


def test_a_template_that_nobody_in_a_row_can_be_filled_in_fails_its_campaign_once() -> None:
    fillings, definitions = Fillings(), book().definitions

    assert failed(fillings, IN_A_ROW_MAX - 1, definitions) == []
    [found] = failed(fillings, 1, definitions, prefix="last")
    assert (found.campaign, found.version, found.revision) == ("cart", 1, 2)
    assert (found.place, found.code, found.event) == (
        "steps.s1.template",
        "not_fillable",
        "m-last0",
    )


def test_one_customer_again_and_again_is_one_customer() -> None:
    fillings, definitions = Fillings(), book().definitions

    for _ in range(3 * IN_A_ROW_MAX):
        assert fillings.failed(mail("ann"), definitions, now=NOW) is None


def test_somebody_in_between_for_whom_it_works_begins_the_count_anew() -> None:
    fillings, definitions = Fillings(), book().definitions
    failed(fillings, IN_A_ROW_MAX - 1, definitions)

    fillings.filled(mail("ann"))

    assert failed(fillings, IN_A_ROW_MAX - 1, definitions, prefix="d") == []


def test_another_version_of_the_template_is_counted_for_itself() -> None:
    fillings, definitions = Fillings(), book().definitions
    failed(fillings, IN_A_ROW_MAX - 1, definitions)

    assert failed(fillings, IN_A_ROW_MAX - 1, definitions, template_version=2) == []


def test_a_version_that_runs_no_more_says_nothing_of_the_one_that_does() -> None:
    definitions = book().publish({**campaign(min_items=2), "id": "cart"}).definitions

    assert failed(Fillings(), IN_A_ROW_MAX, definitions) == []


def test_what_is_watched_has_a_bound() -> None:
    fillings, definitions = Fillings(), book().definitions
    failed(fillings, IN_A_ROW_MAX - 1, definitions)

    for n in range(STEPS_MAX):
        fillings.failed(mail("ann", template_version=n + 2), definitions, now=NOW)

    assert failed(fillings, 1, definitions, prefix="last") == []


@pytest.mark.parametrize(
    ("actions", "expected"),
    [([], False), (["pause"], True), (["pause", "resume"], False), (["stop"], True)],
)
def test_what_is_paused_or_stopped_since_does_not_leave(
    actions: list[Action],
    expected: bool,  # noqa: FBT001  the case's answer
) -> None:
    definitions = book()
    for action in actions:
        definitions.change("campaigns", "cart", action)

    assert is_halted(mail("ann"), definitions.definitions) is expected


def test_of_a_campaign_that_is_not_known_here_yet_the_worker_decides() -> None:
    assert not is_halted(mail("ann"), Definitions())
