import pytest
from prometheus_client import REGISTRY

from agents.worker import owner
from agents.worker.partition import Batch, LogRecord


def counted() -> float:
    return REGISTRY.get_sample_value("oncue_events_total", {"kind": "unknown"}) or 0


@pytest.mark.parametrize("kind", [b"", b"\xff", b"never heard of"])
def test_a_kind_nobody_knows_is_counted_as_unknown(kind: bytes) -> None:
    record = LogRecord(key=None, value=None, kind=kind, cause=None, offset=0, logged_at=0)
    before = counted()

    owner._count([record], Batch(1, [], [], [], [], None), now=0)

    assert counted() == before + 1
