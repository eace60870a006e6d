"""What the sink leaves to others."""

from agents.sink import records
from streams import topics
from streams.records import FORWARDED_HEADER, Received


def received(offset: int, **headers: bytes) -> Received:
    return Received(
        topic=topics.EVENTS.name,
        partition=0,
        offset=offset,
        key=b"u:ada",
        value=b"{}",
        headers=headers,
        logged_at=0,
    )


def test_what_a_forward_passed_on_is_stored_as_the_original_only() -> None:
    original, copy = received(1), received(2, **{FORWARDED_HEADER: b"1"})

    assert records.originals([original, copy]) == [original]
