"""An instant written into a message is the one the collector reads."""

from hypothesis import given
from hypothesis import strategies as st

from engine.intake import times
from oncue.formats import instants


@given(st.integers(0, 253_402_300_799_999))
def test_what_is_written_is_read_back(at: int) -> None:
    assert times.instant(instants.rfc3339(at), path="timestamp") == at
