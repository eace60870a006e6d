"""Contacts as columns for reports (M018-M022, M131-M135)."""

from agents.mirror import reach
from engine.customer import Contact, Customer, Suppression, Zone


def test_a_customer_has_a_column_for_each_way_to_be_reached() -> None:
    ada = Customer(
        id="ada",
        email="ada@gmail.com",
        phone="+4915123456789",
        attributes={"address": {"country": "Germany"}},
        contacts={
            "email": Contact(state="valid", provider="gmail"),
            "phone": Contact(state="valid", kind="mobile", region="DE", operator="T-Mobile"),
        },
        zones={"phone": Zone("Europe/Berlin", 0)},
        suppressions={"email": Suppression(revision=1, scope="marketing", reason="complaint")},
    )

    assert reach.columns(ada) == {
        "email_state": "valid",
        "provider": "gmail",
        "phone_state": "valid",
        "phone_kind": "mobile",
        "region": "DE",
        "operator": "T-Mobile",
        "timezone": "Europe/Berlin",
        "country": "Germany",
        "email_suppressed": "marketing",
        "phone_suppressed": "",
    }


def test_of_a_visitor_nothing_is_known() -> None:
    columns = reach.columns(Customer(id="anonymous:d"))

    assert {name for name, value in columns.items() if value} == {"email_state", "phone_state"}
    assert columns["email_state"] == "missing"
