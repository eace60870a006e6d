"""Customers and contacts of the back office (M018, M019, X25)."""

import pytest

from engine.addresses import Address, Token, TokenType
from engine.declarations import ProfileUpdated
from engine.errors import RejectedError
from engine.intake import backoffice, limits
from engine.intake.arrivals import Arrival, Origin

NOON = 1_795_435_200_000
ORIGIN = Origin(source="back-office", received_at=NOON, seed="seed", region="DE")


def taken(kind: str, item: dict[str, object]) -> ProfileUpdated:
    arrival = backoffice.KINDS[kind](item, origin=ORIGIN)
    assert isinstance(arrival, Arrival)
    assert (arrival.key, arrival.kind) == ("u:ada", "profile")
    assert isinstance(arrival.event, ProfileUpdated)
    return arrival.event


def test_a_customer_is_taken_as_of_its_own_time() -> None:
    event = taken(
        "customers",
        {
            "id": "ada",
            "traits": {"email": "Ada@Shop.EXAMPLE", "phone": "0151 23456789", "age": 36},
            "subscriptions": {"email": True, "preferred": {"promo": "email"}},
            "updatedAt": "2026-01-01T00:00:00Z",
        },
    )

    assert event.occurred_at == 1_767_225_600_000
    assert event.traits == {"email": "Ada@shop.example", "phone": "+4915123456789", "age": 36}
    assert event.addresses["phone"].kind == "mobile"
    assert event.zones == {"phone": "Europe/Berlin"}
    assert event.subscriptions == {"email": True}
    assert event.preferred == {"promo": "email"}


def test_a_customer_without_a_time_goes_from_now_on() -> None:
    assert taken("customers", {"id": "ada", "traits": {"age": 36}}).occurred_at == NOON


def test_the_same_customer_again_is_the_same_event_and_another_word_another() -> None:
    item = {"id": "ada", "traits": {"age": 36}, "updatedAt": "2026-01-01T00:00:00Z"}

    first, again = taken("customers", {**item}), taken("customers", {**item})
    other = taken("customers", {**item, "traits": {"age": 37}})

    assert first == again
    assert first.id != other.id


def test_a_time_ahead_of_ours_is_pulled_back() -> None:
    event = taken("customers", {"id": "ada", "updatedAt": "2199-01-01T00:00:00Z"})

    assert event.occurred_at == NOON + limits.AHEAD_MAX_MS


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ({"channel": "email", "value": "a@b.example"}, Address(value="a@b.example")),
        (
            {"type": "email", "value": "a@b.example", "state": "invalid"},
            Address(value="a@b.example", is_valid=False, is_stated=True),
        ),
        (
            {"channel": "email", "value": "nobody", "state": "valid"},
            Address(value="nobody", is_stated=True),
        ),
    ],
)
def test_one_contact_has_what_the_source_says_of_it(
    said: dict[str, object], address: Address
) -> None:
    event = taken("contacts", {"customerId": "ada", **said})

    assert event.addresses == {"email": address}
    assert event.traits == {"email": address.value}


def test_an_sms_goes_to_a_phone() -> None:
    event = taken("contacts", {"customerId": "ada", "channel": "sms", "value": "0151 23456789"})

    assert event.addresses["phone"].value == "+4915123456789"


def test_a_contact_of_null_is_taken_away() -> None:
    event = taken("contacts", {"customerId": "ada", "channel": "phone", "value": None})

    assert event.traits == {"phone": None}


@pytest.mark.parametrize("service", ["apns", "fcm", "rustore", "huawei"])
def test_a_push_token_is_taken_for_each_service(service: TokenType) -> None:
    event = taken(
        "contacts", {"customerId": "ada", "channel": "push", "type": service, "value": "t0k3n"}
    )

    assert event.tokens == (Token(type=service, value="t0k3n", given_at=NOON),)


@pytest.mark.parametrize(
    ("kind", "item", "code", "path"),
    [
        ("customers", {}, "missing_identifier", "id"),
        ("customers", {"id": "null"}, "missing_identifier", "id"),
        ("customers", {"id": "email:x"}, "reserved_id", "id"),
        ("customers", {"id": "a", "traits": "x"}, "invalid_shape", "traits"),
        ("customers", {"id": "a", "updatedAt": "soon"}, "invalid_timestamp", "updatedAt"),
        (
            "customers",
            {"id": "a", "subscriptions": {"email": "yes"}},
            "invalid_subscriptions",
            "traits.subscriptions.email",
        ),
        ("contacts", {"channel": "email", "value": "a@b.c"}, "missing_identifier", "customerId"),
        ("contacts", {"customerId": "a", "value": "x"}, "unknown_contact", "channel"),
        ("contacts", {"customerId": "a", "channel": "push"}, "unknown_contact", "channel"),
        ("contacts", {"customerId": "a", "channel": "email"}, "missing_value", "value"),
        ("contacts", {"customerId": "a", "type": "fcm"}, "missing_value", "value"),
        (
            "contacts",
            {"customerId": "a", "type": "fcm", "value": "x" * (limits.TOKEN_MAX_CHARS + 1)},
            "invalid_id",
            "value",
        ),
        (
            "contacts",
            {"customerId": "a", "channel": "email", "value": "a@b.example", "state": "dead"},
            "invalid_state",
            "state",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    kind: str, item: dict[str, object], code: str, path: str
) -> None:
    with pytest.raises(RejectedError) as refusal:
        backoffice.KINDS[kind](item, origin=ORIGIN)

    assert (refusal.value.code, refusal.value.path) == (code, path)
