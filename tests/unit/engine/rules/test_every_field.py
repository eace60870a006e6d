"""M130: whatever the profile shows of a customer a rule can ask, or it says here why not."""

from decimal import Decimal
from typing import Any, Final

import pytest

from api.admin import shapes
from engine.addresses import Address
from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.definitions.settings import Settings
from engine.events import Identified
from engine.judging import compiling
from engine.judging.leaves import Moment
from engine.products import Line
from engine.rules import checks, reading
from engine.rules.declared import METRICS, Declared, Field
from engine.step import step
from engine.transactions import ReceiptIssued

NOON: Final = 1_764_590_400_000

ASKED: Final = {
    "id": 'attr("id") = "ada"',
    "attributes": 'attr("level") = 3',
    "contacts.email.value": 'attr("email") = "ada@gmail.com"',
    "contacts.email.state": 'contact("email", "valid")',
    "contacts.email.provider": 'attr("email_provider") = "gmail"',
    "contacts.phone.value": 'attr("phone") = "+4915123456789"',
    "contacts.phone.state": 'contact("phone", "valid")',
    "contacts.phone.kind": 'attr("phone_kind") = "mobile"',
    "contacts.phone.operator": 'attr("phone_operator") = "O2"',
    "contacts.phone.region": 'attr("phone_region") = "DE"',
    "timezone": 'attr("timezone") = "Europe/Berlin"',
    "profile.gender": 'attr("gender") = "f"',
    "profile.birthday": 'attr("birthday") on "1990-12-03"',
    "profile.country": 'attr("country") = "DE"',
    "profile.city": 'attr("city") = "Berlin"',
    "profile.registered_at": 'attr("registered_at") exists',
    "metrics.favourite_products": 'metric("favourite_products") has_any ["p1"]',
    "loyalty": 'bonus("active") missing',
    "subscriptions": 'subscribed("email")',
    "tags": 'not(in_audience("vip"))',
    "source": 'attr("source") = "till"',
    "first_seen_at": 'attr("first_seen_at") exists',
    "last_seen_at": 'attr("last_seen_at") exists',
    "events_count": 'attr("events_count") = 1',
}
"""A rule that is true of Ada, for each field."""

ASKED_BY_ID: Final = {"metrics.custom": 'metric("ID")', "segments": 'in_segment("ID")'}
"""What a shop defines itself; the tests of rules have them."""

NOT_ASKED: Final = {
    "timezone_source": "which source told the zone: it is for who looks for an error",
    "merged": "ids, and a customer has few: they are searched for",
    "as_of": "a time of ours, of no customer",
    "metrics.other_currencies": "sums apart, by a currency nobody knows beforehand",
}


def ada() -> Customer:
    """Known by everything."""
    customer = Customer(id="ada")
    said = Identified(
        id="e1",
        occurred_at=NOON,
        source="till",
        traits={
            "level": 3,
            "email": "ada@gmail.com",
            "phone": "+4915123456789",
            "gender": "f",
            "birthday": "1990-12-03",
            "city": "Berlin",
            "country": "DE",
            "createdAt": "2025-01-01T00:00:00Z",
        },
        subscriptions={"email": True},
        zones={"profile": "Europe/Berlin"},
        addresses={
            "email": Address(value="ada@gmail.com", provider="gmail"),
            "phone": Address(value="+4915123456789", kind="mobile", region="DE", operator="O2"),
        },
    )
    receipt = ReceiptIssued(
        id="r1",
        occurred_at=NOON,
        updated_at=NOON,
        receipt_id="r1",
        total=Decimal(10),
        currency="EUR",
        lines=(Line(id="p1", quantity=1),),
    )
    for event in (said, receipt):
        customer = step(customer, event, Definitions(), NOON).customer
    return customer


def fields(shown: dict[str, Any]) -> list[str]:
    """Of the answer, one level down where a part has parts of its own."""
    found = []
    for name, value in shown.items():
        match name:
            case "contacts":
                found += [f"contacts.{kind}.{one}" for kind in value for one in value[kind]]
            case "metrics" | "profile":
                found += [f"{name}.{one}" for one in value]
            case _:
                found.append(name)
    return found


FIELDS: Final = fields(
    shapes.customer(ada(), as_of=NOON, now=NOON, definitions=Definitions(settings=Settings()))
)


@pytest.mark.parametrize("field", FIELDS)
def test_whatever_the_profile_shows_a_rule_can_ask(field: str) -> None:
    """M130, M216, M219."""
    metric = field.removeprefix("metrics.")

    assert field in {*ASKED, *ASKED_BY_ID, *NOT_ASKED} or metric in METRICS


@pytest.mark.parametrize("text", ASKED.values())
def test_the_rule_for_a_field_is_true_of_who_has_it(text: str) -> None:
    rule = reading.from_text(text)
    declared = Declared(attributes={"level": Field(kind="number")})

    assert checks.flaws(rule, declared) == []
    assert compiling.compiled(rule, segments={}, zone="UTC").holds(
        Moment(ada(), NOON, Definitions())
    )


@pytest.mark.parametrize(
    "text", ['attr("email_provider") exists', 'metric("favourite_products") exists']
)
def test_who_has_nothing_is_not_met(text: str) -> None:
    rule = reading.from_text(text)

    assert not compiling.compiled(rule, segments={}, zone="UTC").holds(
        Moment(Customer(id="ben"), NOON, Definitions())
    )
