"""Single values: what is taken, what is refused, each bound at its edge."""

from decimal import Decimal

import pytest

from engine.errors import RejectedError
from engine.intake import limits, values


@pytest.mark.parametrize(
    ("value", "taken"),
    [
        (None, None),
        ("", None),
        ("  \t", None),
        ("u1", "u1"),
        (" u 1 ", " u 1 "),
        (17, "17"),
        (0, "0"),
        (2**63, "9223372036854775808"),
        ("ü" * limits.ID_MAX_CHARS, "ü" * limits.ID_MAX_CHARS),
    ],
)
def test_an_identifier_is_text_and_a_whole_number_its_digits(
    value: object, taken: str | None
) -> None:
    assert values.identifier(value, path="userId") == taken


@pytest.mark.parametrize(
    "value",
    [
        Decimal("17.0"),
        Decimal("1E+3"),
        True,
        False,
        [],
        {},
        ["u1"],
        "u" * (limits.ID_MAX_CHARS + 1),
        "u\x001",
        "u\n1",
        "u\x7f1",
        "u\x851",
        "u\ud8001",
    ],
)
def test_what_is_no_identifier_is_refused(value: object) -> None:
    with pytest.raises(RejectedError) as refusal:
        values.identifier(value, path="userId")

    assert (refusal.value.code, refusal.value.path) == ("invalid_id", "userId")


@pytest.mark.parametrize(
    ("value", "money"),
    [
        (None, None),
        ("", None),
        (Decimal("33.20"), "33.20"),
        ("33.20", "33.20"),
        (" 5 ", "5"),
        (5, "5"),
        (0, "0"),
        ("1e3", "1E+3"),
        (Decimal("0.30000000000000004"), "0.30000000000000004"),
        ("9" * limits.AMOUNT_DIGITS_MAX, "9" * limits.AMOUNT_DIGITS_MAX),
        ("0." + "1" * limits.AMOUNT_DECIMALS_MAX, "0." + "1" * limits.AMOUNT_DECIMALS_MAX),
    ],
)
def test_money_is_taken_exactly_as_written(value: object, money: str | None) -> None:
    taken = values.amount(value, path="price")

    assert taken == (None if money is None else Decimal(money))
    assert str(taken) == str(money)


@pytest.mark.parametrize(
    "value",
    [
        "free",
        "12,50",
        "1,299.00",
        "€5",
        "NaN",
        "Infinity",
        "1_000",
        "٣",
        ".5",
        "5.",
        -1,
        "-0.01",
        True,
        [],
        {},
        "1" + "0" * limits.AMOUNT_DIGITS_MAX,
        Decimal("1E+15"),
        "1e999",
        Decimal("0." + "1" * (limits.AMOUNT_DECIMALS_MAX + 1)),
        "1" * 100,
    ],
)
def test_what_is_no_amount_is_refused(value: object) -> None:
    with pytest.raises(RejectedError) as refusal:
        values.amount(value, path="price")

    assert (refusal.value.code, refusal.value.path) == ("invalid_amount", "price")


def test_the_total_of_a_return_may_be_negative() -> None:
    assert values.amount("-12.50", path="total", is_signed=True) == Decimal("-12.50")


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (None, 1),
        ("", 1),
        (2, 2),
        ("2", 2),
        (Decimal("2.0"), 2),
        (limits.QUANTITY_MAX, limits.QUANTITY_MAX),
    ],
)
def test_a_quantity_is_a_whole_number_of_pieces(value: object, count: int) -> None:
    assert values.quantity(value, path="quantity") == count


@pytest.mark.parametrize(
    "value", [0, -1, "0", Decimal("1.5"), "two", True, [], limits.QUANTITY_MAX + 1]
)
def test_what_is_no_quantity_is_refused(value: object) -> None:
    with pytest.raises(RejectedError) as refusal:
        values.quantity(value, path="quantity")

    assert refusal.value.code == "invalid_quantity"


@pytest.mark.parametrize("value", [-limits.QUANTITY_MAX, -1, 0, 1])
def test_a_line_of_a_receipt_may_give_back_or_hold_no_pieces(value: int) -> None:
    """Coupons stand on receipts as lines of none."""
    assert values.quantity(value, path="quantity", is_signed=True) == value


@pytest.mark.parametrize(("value", "currency"), [(None, None), ("", None), ("eur", "EUR")])
def test_a_currency_is_three_letters_in_upper_case(value: object, currency: str | None) -> None:
    assert values.currency(value, path="currency") == currency


@pytest.mark.parametrize("value", ["EURO", "€", "E1R", 978, " EUR"])
def test_what_is_no_currency_is_refused(value: object) -> None:
    with pytest.raises(RejectedError) as refusal:
        values.currency(value, path="currency")

    assert refusal.value.code == "invalid_currency"


@pytest.mark.parametrize("value", [5, "n" * (limits.NAME_MAX_CHARS + 1), "a\nb", []])
def test_what_is_no_name_is_refused(value: object) -> None:
    with pytest.raises(RejectedError) as refusal:
        values.name(value, path="event")

    assert refusal.value.code == "invalid_name"


def test_a_name_of_the_greatest_length_is_kept_as_sent() -> None:
    sent = "Ж" * limits.NAME_MAX_CHARS

    assert values.name(sent, path="event") == sent


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (None, None),
        ("", None),
        ("Shoes", "Shoes"),
        (42, "42"),
        ([], None),
        (True, None),
        ("x" * (limits.PRODUCT_TEXT_MAX_CHARS + 1), "x" * limits.PRODUCT_TEXT_MAX_CHARS),
    ],
)
def test_a_text_that_only_adorns_is_cut_or_left_out(value: object, kept: str | None) -> None:
    assert values.text(value) == kept


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("https://shop/1", True),
        ("u" * limits.URL_MAX_CHARS, True),
        ("u" * (limits.URL_MAX_CHARS + 1), False),
        ("https://shop/\r\n", False),
        ("", False),
        (7, False),
    ],
)
def test_an_address_is_whole_or_left_out(value: object, kept: bool) -> None:  # noqa: FBT001
    assert values.url(value) == (value if kept else None)


def test_attributes_hold_ordinary_numbers() -> None:
    assert values.plain({"a": [Decimal("1.80"), {"b": Decimal(2)}], "c": 3}) == {
        "a": [1.8, {"b": 2.0}],
        "c": 3,
    }


@pytest.mark.parametrize("value", [None, [], {}])
def test_an_absent_object_is_empty_however_it_was_written(value: object) -> None:
    assert values.fields({"properties": value}, "properties") == {}


@pytest.mark.parametrize("value", ["x", 5, [1], True])
def test_what_is_no_object_is_refused(value: object) -> None:
    with pytest.raises(RejectedError) as refusal:
        values.fields({"properties": value}, "properties")

    assert (refusal.value.code, refusal.value.path) == ("invalid_shape", "properties")
