"""Patterns in rules and conditions: RE2, bounded, and refused at save where they are none."""

import pytest

from engine.conditions import patterns


@pytest.mark.parametrize(
    ("pattern", "text", "holds"),
    [
        ("^Ber", "Berlin", True),
        ("lin$", "Berlin", True),
        ("er", "Berlin", True),
        ("^lin", "Berlin", False),
        ("(?i)BERLIN", "berlin", True),
        ("a.b", "a\nb", True),
        ("^ü$", "ü", True),
        (r"^\d{5}$", "10115", True),
        (r"^\d{5}$", 10115, False),
        ("x*", None, False),
    ],
)
def test_a_pattern_is_looked_for_anywhere_in_a_text(
    pattern: str, text: object, *, holds: bool
) -> None:
    assert patterns.tested(pattern)(text) is holds


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("(", "missing )"),
        (r"(a)\1", "invalid escape"),
        ("(?=a)", "perl operator"),
        ("((a{30}){30}){30}", "repetition"),
        ("a" * 201, "at most 200"),
        ("a\n", "printable"),
        ("", "takes a pattern"),
        (7, "takes a pattern"),
    ],
)
def test_what_is_no_pattern_is_refused_with_the_reason(pattern: object, says: str) -> None:
    assert says in str(patterns.flaw(pattern))


def test_a_pattern_that_others_go_back_for_is_linear() -> None:
    """d.2: no back-tracking; Python's own would take longer than the universe for this."""
    assert not patterns.tested("(a+)+$")("a" * 10_000 + "b")
