"""What people type and what is kept of a customer meet."""

import pytest

from clickhouse import searching

ADA = searching.text(
    identifier="ada-7",
    email="Ada@Example.com",
    phone="+44 20 7946-0000",
    names=["Ada", "King Noel"],
)


def fit(typed: str) -> int | None:
    """As ClickHouse judges it."""
    needles = searching.needles(typed)
    ways = (needles.whole, needles.beginning, needles.anywhere)
    return next((at for at, way in enumerate(ways) if any(text in ADA for text in way)), None)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("ada-7", 0),
        ("ada@example.com", 0),
        ("ADA KING NOEL", 0),
        ("king noel ada", 0),
        ("noel", 0),
        ("+44 20 7946 0000", 0),
        ("020 7946 0000", 0),
        ("7946 0000", 0),
        ("ada-", 1),
        ("ada k", 1),
        ("+44 20", 1),
        ("example", 2),
        ("7946", 2),
        ("bob", None),
        ("000", 2),
        ("00", 2),
        ("0", 2),
        ("+1", None),
    ],
)
def test_a_customer_fits_wholly_at_the_beginning_anywhere_or_not(
    typed: str, expected: int | None
) -> None:
    assert fit(typed) == expected


def test_no_value_can_pretend_to_be_a_line_of_its_own() -> None:
    sly = searching.text(identifier="x\nada@example.com\n", email="", phone="", names=[])

    assert sly == "\nx ada@example.com\n"
