"""What was fetched is cut into chunks."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.batching import chunks

fetches = st.dictionaries(st.integers(0, 3), st.lists(st.integers(0, 9), max_size=12))


def test_partitions_take_turns() -> None:
    fetched = {"a": [1, 2, 3, 4, 5], "b": [1, 2, 3]}

    assert list(chunks.split(fetched, at_most=2)) == [
        ("a", [1, 2]),
        ("b", [1, 2]),
        ("a", [3, 4]),
        ("b", [3]),
        ("a", [5]),
    ]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(fetches, st.integers(1, 5))
def test_each_record_is_in_one_chunk_in_its_order(
    fetched: dict[int, list[int]], at_most: int
) -> None:
    cut = list(chunks.split(fetched, at_most=at_most))

    assert all(0 < len(records) <= at_most for _, records in cut)
    for partition, records in fetched.items():
        assert [r for p, chunk in cut for r in chunk if p == partition] == records
