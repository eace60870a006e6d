"""What rules hold of, what they leave behind for explanations, and when time turns them."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from engine.customer import Customer, SentMessage, Zone
from engine.declarations import ProfileUpdated
from engine.events import (
    BonusBalanceChanged,
    CartItemAdded,
    CategoryViewed,
    PromoCodeIssued,
    Tracked,
)
from engine.holdings import Expiring
from engine.intake import decoding
from engine.products import Line, Product
from engine.transactions import ReceiptIssued
from tests.support.judging import Asked

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NOON = 1_764_590_400_000
"""2025-12-01T12:00:00Z"""

RATED: dict[str, Any] = {"op": "did", "event": "Rated"}


def rated(at: int, **properties: object) -> Tracked:
    return Tracked(
        id=f"e{at}", occurred_at=at, name="rated", properties=decoding.canonical(properties)
    )


def said(at: int = NOON, **traits: object) -> ProfileUpdated:
    return ProfileUpdated(id=f"p{at}", occurred_at=at, traits=traits)


def receipt(at: int = NOON, **changes: object) -> ReceiptIssued:
    fields: dict[str, Any] = {
        "id": f"r{at}",
        "occurred_at": at,
        "updated_at": at,
        "receipt_id": "r",
        "total": Decimal(50),
        **changes,
    }
    return ReceiptIssued(**fields)


@pytest.mark.parametrize("comparison", ["=", "!=", "<", ">=", "in", "not_in", "between"])
def test_a_comparison_with_what_is_missing_is_false_and_only_not_turns_it_round(
    comparison: str,
) -> None:
    """d.2: flipping the operator is no negation."""
    value: object = [1, 2] if comparison in {"in", "not_in", "between"} else 1
    tree = {"op": "attr", "path": "level", "is": comparison, "value": value}

    assert not Asked(tree).holds(NOON)
    assert Asked({"op": "not", "of": tree}).holds(NOON)
    assert Asked({"op": "none", "of": [tree]}).holds(NOON)


def test_what_nothing_counts_yet_is_missing() -> None:
    """Nobody is let in because we do not know."""
    asked = Asked({"op": "never_did", "event": "Rated"})
    never = asked.holds(NOON)
    asked.definitions = Asked({"op": "all", "of": []}).definitions

    assert never
    assert not asked.holds(NOON)


def test_a_window_lets_go_at_a_whole_step_and_the_flip_says_when() -> None:
    """d.3 2 and 5: 90 days move by the hour."""
    asked = Asked({**RATED, "window": "90d"}).after(rated(NOON + 5 * MINUTE))

    turn = asked.flips(NOON + HOUR)

    assert turn == NOON + 90 * DAY
    assert asked.holds(turn - 1)
    assert not asked.holds(turn)
    assert asked.flips(turn) is None


def test_of_three_events_the_oldest_that_is_needed_turns_the_rule() -> None:
    events = [rated(NOON + count * HOUR) for count in range(3)]
    asked = Asked({**RATED, "is": ">=", "value": 2, "window": "2h"}).after(*events)

    assert asked.flips(NOON + 2 * HOUR) == NOON + 3 * HOUR


def test_never_did_begins_to_hold_when_the_window_has_passed() -> None:
    asked = Asked({"op": "never_did", "event": "Rated", "window": "1h"}).after(rated(NOON))

    assert asked.flips(NOON) == NOON + HOUR
    assert asked.holds(NOON + HOUR)


@pytest.mark.parametrize(
    ("count", "unit", "leaves"),
    [
        (1, "day", "2025-12-02"),
        (2, "day", "2025-12-03"),
        (1, "week", "2025-12-08"),
        (1, "month", "2026-01-01"),
        (3, "month", "2026-03-01"),
    ],
)
def test_days_of_the_calendar_are_the_companys(count: int, unit: str, leaves: str) -> None:
    window = {"op": "last_calendar", "count": count, "unit": unit}
    asked = Asked({**RATED, "window": window}, zone="Asia/Tokyo").after(rated(NOON))

    turn = asked.flips(NOON)

    assert turn == said_day(leaves) - 9 * HOUR
    assert not asked.holds(turn)


def said_day(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000)


def test_a_calendar_day_over_the_change_of_clocks_has_25_hours() -> None:
    """DST edge: 2025-10-26 in Berlin begins at 22:00 UTC and ends at 23:00 UTC."""
    midnight = said_day("2025-10-25") + 22 * HOUR
    window = {"op": "last_calendar", "count": 1, "unit": "day"}
    asked = Asked({**RATED, "window": window}, zone="Europe/Berlin").after(rated(midnight))

    assert asked.holds(midnight)
    assert asked.flips(midnight) == midnight + 25 * HOUR


def test_between_counts_whole_days_of_the_company_both_included() -> None:
    """M053: within a calendar year."""
    window = {"op": "between", "first": "2025-01-01", "last": "2025-12-31"}
    last_ms = said_day("2026-01-01") - 9 * HOUR - 1
    inside = Asked({**RATED, "window": window}, zone="Asia/Tokyo").after(rated(last_ms))
    outside = Asked({**RATED, "window": window}, zone="Asia/Tokyo").after(rated(last_ms + 1))

    assert inside.holds(NOON + 400 * DAY)
    assert not outside.holds(NOON + 400 * DAY)


def test_age_turns_on_the_birthday_where_the_company_is() -> None:
    """M048: a derived age."""
    tree = {"op": "attr", "path": "age", "is": ">=", "value": 30}
    asked = Asked(tree, zone="Europe/Berlin").after(said(birthday="1996-01-10"))

    turn = asked.flips(NOON)

    assert turn == said_day("2026-01-10") - HOUR
    assert (asked.holds(turn - 1), asked.holds(turn)) == (False, True)


def test_days_since_the_last_receipt_turn_after_whole_days() -> None:
    tree = {"op": "metric", "name": "days_since_last_receipt", "is": ">", "value": 30}
    asked = Asked(tree).after(receipt(NOON))

    assert asked.flips(NOON) == NOON + 31 * DAY


def test_a_date_counts_as_a_day_where_the_recipient_is() -> None:
    tree = {"op": "attr", "path": "renewed", "is": "in_last", "value": "2d", "tz": "recipient"}
    event = said(renewed="2025-12-03")
    asked = Asked(tree).after(event)
    zones = {"profile": Zone("Pacific/Auckland", 0)}
    asked.customer = msgspec.structs.replace(asked.customer, zones=zones)

    begins = asked.flips(NOON)

    assert begins == said_day("2025-12-03") - 13 * HOUR
    assert asked.flips(begins) == said_day("2025-12-06") - 13 * HOUR


def test_an_anniversary_comes_every_year() -> None:
    tree = {"op": "attr", "path": "birthday", "is": "anniversary_in", "value": [0, 7]}
    asked = Asked(tree).after(said(birthday="2000-02-29"))

    begins = asked.flips(NOON)
    assert begins == said_day("2026-02-22")
    assert asked.flips(begins) == said_day("2026-03-02")


def test_a_receipt_given_back_whole_is_no_purchase() -> None:
    """d.3 4: refunds leave counts and lower sums."""
    tree = {"op": "bought", "products": ["shoes"]}
    bought = receipt(lines=(Line(id="shoes", quantity=1),))
    back = receipt(
        NOON + HOUR, receipt_id="b", return_of="r", total=Decimal(-50), id="back",
    )  # fmt: skip

    assert Asked(tree).after(bought).holds(NOON + DAY)
    assert not Asked(tree).after(bought, back).holds(NOON + DAY)


def test_a_part_given_back_lowers_the_sum() -> None:
    tree = {"op": "bought", "aggregate": "sum", "is": "=", "value": 30}
    back = receipt(NOON + HOUR, receipt_id="b", return_of="r", total=Decimal(-20), id="back")

    assert Asked(tree).after(receipt(), back).holds(NOON + DAY)


def test_custom_fields_of_receipts_and_lines_can_be_asked() -> None:
    """M042, M043."""
    where = {
        "op": "all",
        "of": [
            {"op": "prop", "path": "custom.till", "is": "=", "value": "7"},
            {
                "op": "any_item",
                "path": "lines",
                "where": {"op": "prop", "path": "custom.colour", "is": "=", "value": "red"},
            },
        ],
    }
    asked = Asked({"op": "bought", "where": where})
    line = Line(id="shoes", custom={"colour": "red"})

    assert not asked.after(receipt(lines=(line,))).holds(NOON)
    corrected = receipt(NOON + 1, custom={"till": "7"}, lines=(line,))
    assert asked.after(corrected).holds(NOON), "a correction may let a receipt in"


def test_a_segment_in_two_places_is_one_and_its_values_have_its_name() -> None:
    vips = {"op": "in_audience", "tag": "vip"}
    inside = {"op": "in_segment", "segment": "vips"}
    tree = {"op": "any", "of": [inside, {"op": "not", "of": inside}]}
    asked = Asked(tree, segments={"vips": vips})

    explanation = asked.compiled.explained(asked.moment(NOON))

    assert explanation.is_true
    assert explanation.operands == {"vips/n1": False}


def test_a_cart_is_idle_from_a_known_instant_until_it_expires() -> None:
    added = CartItemAdded(id="a", occurred_at=NOON, product=Product(id="p", quantity=2))
    asked = Asked({"op": "cart", "what": "idle", "is": ">=", "value": "2d"}).after(added)

    assert asked.flips(NOON) == NOON + 2 * DAY
    assert asked.flips(NOON + 2 * DAY) == NOON + 30 * DAY + 1
    assert not Asked({"op": "cart", "what": "idle", "is": "<", "value": "2d"}).holds(NOON)


def test_an_interest_fades_to_half_in_half_of_its_days_and_ends() -> None:
    """M033: 20 days in these settings."""
    seen = CategoryViewed(id="v", occurred_at=NOON, category="shoes")
    strong = Asked({"op": "interest", "category": "shoes", "is": ">=", "value": 0.5}).after(seen)
    weak = Asked({"op": "interest", "category": "shoes"}).after(seen)

    turn = strong.flips(NOON)
    assert turn is not None
    assert abs(turn - NOON - 10 * DAY) < 10 * MINUTE, "to six decimals"
    assert (strong.holds(turn - 1), strong.holds(turn)) == (True, False)
    assert weak.flips(NOON) == NOON + 20 * DAY


def test_bonuses_that_expire_soon_are_known_beforehand() -> None:
    """M032: active, pending and expiring."""
    said_so = BonusBalanceChanged(
        id="b",
        occurred_at=NOON,
        updated_at=NOON,
        active=Decimal(100),
        expiring=(Expiring(NOON + 30 * DAY, Decimal(40)),),
    )
    tree = {"op": "bonus", "kind": "expiring", "within": "7d", "is": ">=", "value": 40}
    asked = Asked(tree).after(said_so)

    assert asked.flips(NOON) == NOON + 23 * DAY
    assert asked.flips(NOON + 23 * DAY) == NOON + 30 * DAY


def test_messages_are_counted_by_campaign_and_by_what_became_of_them() -> None:
    """M037, M038."""
    sent = SentMessage(
        message_id="m", campaign="one", channel="email", decided_at=NOON, responses=("opened",)
    )
    customer = Customer(id="c", messages=(sent,))
    opened = {"op": "message", "campaign": "one", "outcome": "opened", "window": "1h"}

    assert Asked(opened, customer=customer).flips(NOON) == NOON + HOUR
    assert not Asked({**opened, "outcome": "clicked"}, customer=customer).holds(NOON)
    assert not Asked({**opened, "campaign": "two"}, customer=customer).holds(NOON)


def test_a_promo_code_is_good_until_it_expires() -> None:
    issued = PromoCodeIssued(
        id="p", occurred_at=NOON, updated_at=NOON, code="X", group="g", expires_at=NOON + DAY
    )
    asked = Asked({"op": "promo", "group": "g", "state": "valid"}).after(issued)

    assert asked.flips(NOON) == NOON + DAY
    assert Asked({"op": "promo"}).after(issued).flips(NOON) is None


def test_a_promo_code_that_was_used_is_good_no_more() -> None:
    issued = PromoCodeIssued(id="p", occurred_at=NOON, updated_at=NOON, code="X", group="g")
    used = msgspec.structs.replace(issued, id="u", updated_at=NOON + 1, used_at=NOON + 1)
    valid, any_code = {"op": "promo", "state": "valid"}, {"op": "promo"}

    assert Asked(valid).after(issued).holds(NOON)
    assert not Asked(valid).after(issued, used).holds(NOON)
    assert Asked(any_code).after(issued, used).holds(NOON)


def test_two_nodes_that_mean_the_same_share_what_is_counted() -> None:
    tree = {"op": "all", "of": [RATED, {**RATED, "event": "RATED ", "value": 5}]}

    assert len(Asked(tree).compiled.demands) == 1
