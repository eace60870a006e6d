"""What an export carries beside traits, read back, and what of it is refused."""

from collections.abc import Mapping

import pytest

from engine.addresses import Address, Token
from engine.declarations import DatedAnswer, ProfileUpdated
from engine.errors import RejectedError
from engine.intake import customers
from engine.intake.arrivals import Arrival, Origin

NOON = 1_795_435_200_000
YEAR = "2026-01-01T00:00:00Z"
YEAR_AT = 1_767_225_600_000


def taken(item: dict[str, object], *, stated_at: int | None = None) -> Arrival:
    origin = Origin(source="import", received_at=NOON, seed="s", region="DE", stated_at=stated_at)
    return customers.customer(item, origin=origin)


def event(item: Mapping[str, object], *, stated_at: int | None = None) -> ProfileUpdated:
    found = taken({"id": "ada", **item}, stated_at=stated_at).event
    assert isinstance(found, ProfileUpdated)
    return found


@pytest.mark.parametrize(
    ("public_id", "key"),
    [
        ("anonymous:x-1", "a:x-1"),
        ("email:ada@shop.example", "e:ada@shop.example"),
        ("phone:+4915123456789", "p:+4915123456789"),
        ("card:77", "c:77"),
        ("ada", "u:ada"),
    ],
)
def test_a_customer_is_called_as_an_export_calls_them(public_id: str, key: str) -> None:
    assert taken({"id": public_id}).key == key


@pytest.mark.parametrize("public_id", ["anonymous:", "anonymous:null", "email:Ada@x", "phone:0151"])
def test_a_public_id_that_is_none_of_ours_is_refused(public_id: str) -> None:
    with pytest.raises(RejectedError) as refusal:
        taken({"id": public_id})

    assert refusal.value.code == "reserved_id"


def test_addresses_may_stand_beside_the_traits_which_go_before() -> None:
    assert event({"email": "a@b.example"}).traits == {"email": "a@b.example"}
    assert event({"contacts": {"phone": {"value": "0151 23456789"}}}).traits == {
        "phone": "+4915123456789"
    }
    both = event({"email": "a@b.example", "traits": {"email": "c@d.example"}})
    assert both.traits == {"email": "c@d.example"}


def test_an_address_that_is_dead_there_is_dead_here() -> None:
    said = {"email": "a@b.example", "contacts": {"email": {"state": "invalid"}}}

    assert event(said).addresses["email"] == Address(
        value="a@b.example", is_valid=False, is_stated=True
    )


def test_a_valid_that_says_no_more_than_the_check_raises_nobody() -> None:
    said = {"email": "a@b.example", "contacts": {"email": {"state": "valid"}}}

    assert event(said).addresses["email"].is_stated is False


def test_push_tokens_keep_their_time() -> None:
    push = [{"type": "fcm", "value": "t", "state": "invalid", "given_at": YEAR}]

    assert event({"contacts": {"push": push}}).tokens == (
        Token(type="fcm", value="t", is_valid=False, given_at=YEAR_AT),
    )


def test_consent_with_times_goes_before_the_same_without() -> None:
    said = event(
        {
            "subscriptions": {"email": True, "preferred": {"promo": "sms"}},
            "consent": [
                {"channel": "email", "state": "yes", "at": YEAR, "origin": "customer"},
                {"channel": "email", "category": "promo", "state": "no"},
            ],
        },
        stated_at=YEAR_AT + 1,
    )

    assert said.answers == (
        DatedAnswer("email", "", is_yes=True, at=YEAR_AT, origin="customer"),
        DatedAnswer("email", "promo", is_yes=False, at=YEAR_AT + 1),
    )
    assert (said.subscriptions, said.preferred) == ({}, {"promo": "sms"})


def test_a_customer_without_a_time_goes_from_the_time_of_the_file() -> None:
    first, again = (event({"traits": {"age": 3}}, stated_at=YEAR_AT) for _ in range(2))

    assert first == again
    assert first.occurred_at == YEAR_AT


@pytest.mark.parametrize(
    ("item", "code", "path"),
    [
        ({"contacts": {"push": [{"value": "t"}]}}, "unknown_contact", "contacts.push[0].type"),
        ({"contacts": {"push": [{"type": "fcm"}]}}, "missing_value", "contacts.push[0].value"),
        ({"contacts": {"push": "t"}}, "invalid_shape", "contacts.push"),
        ({"contacts": "a@b.example"}, "invalid_shape", "contacts"),
        (
            {"email": "a@b.example", "contacts": {"email": {"state": ["x"]}}},
            "invalid_state",
            "contacts.email.state",
        ),
        ({"consent": [{"channel": "email", "state": "maybe"}]}, "invalid_consent", "consent[0]"),
        ({"consent": [{"state": "yes"}]}, "invalid_consent", "consent[0]"),
        (
            {"consent": [{"channel": "email", "state": "yes", "at": "soon"}]},
            "invalid_timestamp",
            "consent[0].at",
        ),
        (
            {"consent": [{"channel": "email", "state": "yes", "origin": "me"}]},
            "invalid_consent",
            "consent[0]",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    item: dict[str, object], code: str, path: str
) -> None:
    with pytest.raises(RejectedError) as refusal:
        event(item)

    assert (refusal.value.code, refusal.value.path) == (code, path)
