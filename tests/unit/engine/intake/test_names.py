"""Names of the e-commerce spec, in both versions."""

import pytest

from engine.intake import names


@pytest.mark.parametrize("name", names.NAMES)
def test_a_name_is_known_in_any_case_and_with_the_verb_first(name: str) -> None:
    """e.3."""
    assert names.canonical(name) == name
    assert names.canonical(name.upper()) == name
    assert names.canonical(names.verb_first(name)) == name


@pytest.mark.parametrize(
    ("old", "name"),
    [
        ("Viewed Product", "Product Viewed"),
        ("Viewed Product Category", "Product List Viewed"),
        ("Added Product", "Product Added"),
        ("Removed Product", "Product Removed"),
        ("Completed Order", "Order Completed"),
        ("Viewed Checkout Step", "Checkout Step Viewed"),
        ("Added Product to Wishlist", "Product Added to Wishlist"),
        ("Order Canceled", "Order Cancelled"),
    ],
)
def test_the_first_version_put_the_verb_first(old: str, name: str) -> None:
    assert names.canonical(old) == name


@pytest.mark.parametrize("name", ["Song Played", "product viewed twice", "", "İ"])
def test_any_other_name_stays_as_it_is(name: str) -> None:
    assert names.canonical(name) == name
