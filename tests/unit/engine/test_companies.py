"""The company a customer belongs to."""

from engine import companies, merging
from engine.customer import ATTRIBUTES_MAX, Customer
from engine.events import Grouped


def grouped(group_id: str, *, at: int = 0, **traits: object) -> Grouped:
    return Grouped(id="e", occurred_at=at, group_id=group_id, traits=traits)


def test_what_is_known_of_the_company_stands_under_its_name() -> None:
    customer = companies.join(Customer(id="17"), grouped("acme", plan="pro"))

    assert customer.attributes == {"company": {"id": "acme", "plan": "pro"}}


def test_more_of_the_same_company_is_added_and_null_removes() -> None:
    customer = companies.join(Customer(id="17"), grouped("acme", plan="pro", seats=3))

    customer = companies.join(customer, grouped("acme", plan=None, city="Ulm"))

    assert customer.attributes["company"] == {"id": "acme", "seats": 3, "city": "Ulm"}


def test_another_company_replaces_it() -> None:
    customer = companies.join(Customer(id="17"), grouped("acme", plan="pro"))

    customer = companies.join(customer, grouped("globex"))

    assert customer.attributes["company"] == {"id": "globex"}


def test_a_word_that_comes_late_does_not_bring_the_old_company_back() -> None:
    customer = companies.join(Customer(id="17"), grouped("globex", at=2))

    assert companies.join(customer, grouped("acme", at=1)) == customer


def test_of_two_identities_the_company_said_last_stands() -> None:
    survivor = companies.join(Customer(id="17"), grouped("acme", at=1))
    joined = companies.join(Customer(id="anonymous:d"), grouped("globex", at=2))

    merged = merging.merged(survivor, joined)

    assert merged.attributes["company"] == {"id": "globex"}


def test_a_company_takes_the_place_of_an_attribute_like_any_other() -> None:
    full = Customer(id="17", attributes={str(n): n for n in range(ATTRIBUTES_MAX)})
    nearly = Customer(id="17", attributes={str(n): n for n in range(ATTRIBUTES_MAX - 1)})

    assert companies.join(full, grouped("acme")) == full
    assert "company" in companies.join(nearly, grouped("acme")).attributes
