"""How values go out."""

from decimal import Decimal
from typing import get_args

import msgspec
import pytest

from api import paths
from api.admin import answers, paging, reasons, shapes
from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.definitions.settings import Features, Fields, Settings
from engine.definitions.steps import SendStep
from engine.facts import FactKind
from engine.reasons import REASONS_MAX, SENTENCES, Reason
from engine.sends import SendState


@pytest.mark.parametrize(
    ("at_ms", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_764_547_200_007, "2025-12-01T00:00:00.007Z"),
        (paging.LATEST_MS, "2299-12-31T23:59:59.999Z"),
    ],
)
def test_times_are_rfc_3339_in_utc(at_ms: int, text: str) -> None:
    assert answers.time(at_ms) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("5.0000", "5.00"),
        ("5", "5.00"),
        ("5.1", "5.10"),
        ("5.1230", "5.123"),
        ("5.1234", "5.1234"),
        ("0", "0.00"),
        ("-1.5000", "-1.50"),
        ("1000000.0000", "1000000.00"),
    ],
)
def test_money_has_two_places_and_more_only_where_they_count(amount: str, text: str) -> None:
    assert str(answers.money(Decimal(amount))) == text


def test_every_default_is_written_out() -> None:
    step = SendStep(channel="email", template="mail")

    assert answers.fields(step) == {
        "type": "send",
        "channel": "email",
        "template": "mail",
        "category": None,
        "ttl": "24h",
        "on_refused": "go_on",
        "on_failed": None,
        "next": None,
    }


def test_who_bought_nothing_has_spent_as_much_here_as_in_the_list() -> None:
    shown = shapes.customer(Customer(id="ada"), as_of=0, now=0, definitions=Definitions())[
        "metrics"
    ]

    assert isinstance(shown, dict)
    assert (str(shown["orders_total"]), str(shown["receipts_total"])) == ("0.00", "0.00")


def test_the_profile_shows_the_fields_of_the_settings_in_their_order() -> None:
    """M136, M157, M179: what is asked for by name, inside another too; else the usual five."""
    told: dict[str, object] = {
        "gender": "F",
        "size": 38,
        "address": {"city": "Leeds", "zip": "LS1"},
        "plan.name": "gold",
    }
    known = Customer(id="ada", attributes=told)
    wanted = ("size", "address.zip", "city", "plan.name", "gender", "size.unit", "none")
    settings = Settings(fields=Fields(profile=wanted))

    def shown(definitions: Definitions) -> object:
        return shapes.customer(known, as_of=0, now=0, definitions=definitions)["profile"]

    assert shown(Definitions(settings=settings)) == {
        "size": 38,
        "address.zip": "LS1",
        "city": "Leeds",
        "plan.name": "gold",
        "gender": "f",
        "size.unit": None,
        "none": None,
    }
    assert shown(Definitions()) == {
        "gender": "f",
        "birthday": None,
        "country": None,
        "city": "Leeds",
        "registered_at": None,
    }


def test_every_reason_state_and_kind_has_words() -> None:
    assert set(SENTENCES) == set(get_args(Reason))
    assert len(SENTENCES) <= REASONS_MAX
    assert set(reasons.KINDS) == set(get_args(FactKind))
    assert set(reasons.STATES) >= set(get_args(SendState))


@pytest.mark.parametrize(
    ("kind", "reason", "said"),
    [
        ("fired", "", "the trigger fired"),
        ("exited", "completed", "the customer left the campaign: its run came to its end"),
        ("not_sent", "no_address", "no message was sent: there is no address for this channel"),
        ("jumped", "moon", "jumped: moon"),
    ],
)
def test_a_decision_is_said_in_one_line(kind: str, reason: str, said: str) -> None:
    assert reasons.words(kind, reason) == said


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b"/api/customers/a", "/api/customers/a"),
        (b"/api/customers/a%2Fb", "/api/customers/a%2Fb"),
        (b"/api/customers/a%2fb?q=/", "/api/customers/a%2Fb"),
        (b"/api/customers/a%2541", "/api/customers/a%2541"),
        (b"/api/customers/%C3%BC", "/api/customers/ü"),
        (b"/api/customers/a%", "/api/customers/a%25"),
    ],
)
def test_a_segment_stays_in_one_piece(raw: bytes, path: str) -> None:
    assert paths.whole({"raw_path": raw, "path": "wrong"}) == path


def test_the_cursor_is_there_only_if_more_follows() -> None:
    def cut(found: list[int]) -> paging.Page:
        return paging.page(found, limit=2, key=str, shape=lambda item: item)

    assert cut([1, 2]) == paging.Page(items=[1, 2], cursor=None)
    assert cut([1, 2, 3]).items == [1, 2]
    assert cut([1, 2, 3]).cursor is not None
    assert msgspec.json.encode(cut([])) == b'{"items":[],"cursor":null}'


@pytest.mark.parametrize("is_on", [False, True])
def test_the_metrics_of_orders_stay_whether_orders_are_switched_on_or_not(*, is_on: bool) -> None:
    """M222: off hides tab, feed entries and columns; the names of metrics are a contract."""
    settings = Settings(features=Features(orders=is_on))

    shown = shapes.customer(
        Customer(id="c"), as_of=0, now=0, definitions=Definitions(settings=settings)
    )

    metrics = shown["metrics"]
    assert isinstance(metrics, dict)
    assert {"orders_count", "orders_total", "orders_average", "orders_average_products"} <= {
        *metrics
    }
