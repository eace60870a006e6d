"""Custom fields are read as the settings declare them."""

from decimal import Decimal

import pytest

from engine import customfields
from engine.definitions.settings import CustomField

DECLARED = (
    CustomField(name="note", field_type="text"),
    CustomField(name="size", field_type="number"),
    CustomField(name="day", field_type="date"),
    CustomField(name="vip", field_type="boolean"),
    CustomField(name="tier", field_type="choice", choices=("gold", "silver")),
)


@pytest.mark.parametrize(
    ("name", "given", "read"),
    [
        ("note", "hello", "hello"),
        ("note", 12, "12"),
        ("note", True, "true"),
        ("note", Decimal("1.50"), "1.50"),
        ("size", "42", 42),
        ("size", " 42.5 ", 42.5),
        ("size", Decimal("42.5"), 42.5),
        ("size", -1, -1),
        ("day", "2026-11-22", "2026-11-22"),
        ("day", "2026-11-22T23:30:00+05:00", "2026-11-22"),
        ("vip", "Yes", True),
        ("vip", 0, False),
        ("vip", False, False),
        ("tier", "gold", "gold"),
        ("anything", ["else"], ["else"]),
        ("size", None, None),
    ],
)
def test_a_value_is_read_by_its_declaration(name: str, given: object, read: object) -> None:
    assert customfields.typed({name: given}, DECLARED) == {name: read}


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("note", ["a"]),
        ("size", "large"),
        ("size", True),
        ("size", "1e400"),
        ("day", "soon"),
        ("day", 20261122),
        ("vip", "perhaps"),
        ("vip", 2),
        ("tier", "Gold"),
        ("tier", 1),
    ],
)
def test_a_value_that_cannot_be_read_is_left_out(name: str, given: object) -> None:
    assert customfields.typed({name: given}, DECLARED) == {}


def test_a_text_is_cut_to_what_a_row_can_bear() -> None:
    read = customfields.typed({"note": "x" * 10_000}, DECLARED)

    assert read == {"note": "x" * customfields.TEXT_MAX_CHARS}


def test_without_declarations_everything_is_kept_as_it_came() -> None:
    assert customfields.typed({"size": "large"}, ()) == {"size": "large"}
