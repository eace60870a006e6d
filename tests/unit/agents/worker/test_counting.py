import pytest
from prometheus_client import REGISTRY

from agents.worker import counting
from agents.worker.batches import Batch, Emitted, LogRecord
from engine.emissions import Emission


def counted() -> float:
    return REGISTRY.get_sample_value("oncue_events_total", {"kind": "unknown"}) or 0


@pytest.mark.parametrize("kind", [b"", b"\xff", b"never heard of"])
def test_a_kind_nobody_knows_is_counted_as_unknown(kind: bytes) -> None:
    record = LogRecord(key=None, value=None, kind=kind, cause=None, offset=0, logged_at=0)
    before = counted()

    counting.count_events([record], Batch(1, [], [], [], [], None), 0)

    assert counted() == before + 1


def waited_s() -> float:
    return REGISTRY.get_sample_value("oncue_decision_seconds_sum") or 0


def test_a_message_that_leaves_after_a_recheck_waited_since_the_recheck_was_logged() -> None:
    recheck = LogRecord(
        key=b"u:1", value=None, kind=b"command", cause=None, offset=7, logged_at=60_000
    )
    message = Emission("messages", b'{"channel":"email","caused_at":0}')
    batch = Batch(1, [], [Emitted(b"u:1", 7, message)], [], [], None)
    before = waited_s()

    counting.count_events([recheck], batch, 61_000)

    assert waited_s() == before + 1


def halted() -> float:
    return REGISTRY.get_sample_value("oncue_campaigns_halted_total") or 0


def test_a_campaign_that_its_row_switches_off_is_counted() -> None:
    change = Emission("definitions", b'{"kind":"campaigns"}', key="campaigns/cart")
    batch = Batch(1, [], [Emitted(b"campaign:cart:health", 7, change)], [], [], None)
    before = halted()

    counting.count_claims([], batch, 0)

    assert halted() == before + 1
