"""Instants survive being written and read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncue.formats import instants


@given(st.integers(-62_135_596_800_000, 253_402_300_799_999))
def test_what_is_written_is_read_back(at: int) -> None:
    assert instants.parse_ms(instants.rfc3339(at)) == at


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-03-02", "2026-03-02T10:00:00", "2026-13-02T10:00:00Z", "1772438400"]
)
def test_what_names_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        instants.parse_ms(text)
