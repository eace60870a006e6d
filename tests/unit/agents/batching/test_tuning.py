import pytest

from agents.batching.tuning import Tuning


@pytest.mark.parametrize("session_timeout_s", [6, 10, 30, 45])
def test_a_writer_gives_up_before_its_session_ends(session_timeout_s: float) -> None:
    tuning = Tuning.of(session_timeout_s)

    assert 0 < tuning.message_timeout_ms < session_timeout_s * 1000


def test_a_session_of_half_a_minute_is_a_clusters() -> None:
    embedded, cluster = Tuning.of(29), Tuning.of(30)

    assert (embedded.fetch_max_wait_ms, cluster.fetch_max_wait_ms) == (10, 100)
    assert cluster.rebalance_timeout_s == 30
