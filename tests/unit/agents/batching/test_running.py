"""What a process is like that runs an application."""

import logging

import pytest

from agents.batching import running


@pytest.mark.parametrize(
    "name", ["faust.transport.consumer", "faust.topics", "mode.services", "aiokafka.conn"]
)
def test_no_debug_record_is_built(name: str) -> None:
    running.quiet()

    assert not logging.getLogger(name).isEnabledFor(logging.INFO)
    assert logging.getLogger(name).isEnabledFor(logging.WARNING)
