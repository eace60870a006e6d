"""What was fetched is cut into chunks."""

from hypothesis import given
from hypothesis import strategies as st

from agents.batching import chunks

fetches = st.dictionaries(st.integers(0, 5), st.lists(st.integers(), max_size=50))


def test_partitions_take_turns() -> None:
    fetched = {"a": [1, 2, 3, 4, 5], "b": [1, 2, 3]}

    assert list(chunks.split(fetched, at_most=2)) == [
        ("a", [1, 2]),
        ("b", [1, 2]),
        ("a", [3, 4]),
        ("b", [3]),
        ("a", [5]),
    ]


@given(fetches, st.integers(1, 7))
def test_each_record_is_in_one_chunk_in_its_order(
    fetched: dict[int, list[int]], at_most: int
) -> None:
    cut = list(chunks.split(fetched, at_most=at_most))

    assert all(0 < len(records) <= at_most for _, records in cut)
    for partition, records in fetched.items():
        assert [r for p, chunk in cut for r in chunk if p == partition] == records
