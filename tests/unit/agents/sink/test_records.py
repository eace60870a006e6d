"""A record that nobody can read is refused, whatever is wrong with it: it must end no process."""

import pytest

from agents.sink import records
from engine.errors import RejectedError
from streams.records import Received

DEEP = b"[" * 5_000 + b"]" * 5_000


@pytest.mark.parametrize("topic", list(records.ROW_OF))
@pytest.mark.parametrize(
    "value",
    [
        None,
        b"{",
        b'{"id":"\xff"}',
        b'{"type":"tracked","id":"\xff"}',
        b'{"id":"e","context":{"a":%s}}' % DEEP,
        b'{"type":"identified","id":"e","traits":{"a":%s}}' % DEEP,
    ],
)
def test_what_cannot_be_read_is_refused(topic: str, value: bytes | None) -> None:
    record = Received(
        topic=topic, partition=0, offset=0, key=b"u:c", value=value, headers={}, logged_at=0
    )

    with pytest.raises(RejectedError) as refused:
        records.ROW_OF[topic](record)

    assert refused.value.code == "undecodable"
