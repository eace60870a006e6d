"""For which rows the mirror asks the owner to write them again."""

from agents.mirror import copying
from engine.claims import CounterRewriteRequested
from streams import wire
from streams.records import Received
from tables.profiles import LOWER, SEEN, WRITTEN


def record(key: str, offset: int) -> Received:
    return Received(
        topic=copying.CUSTOMERS.topic,
        partition=3,
        offset=offset,
        key=key.encode(),
        value=b"",
        headers={},
        logged_at=1_764_547_200_000,
    )


def asked(*history: tuple[str, int]) -> list[bytes | None]:
    """The keys asked for, after these keys and outcomes in the order of the log."""
    records = [record(key, offset) for offset, (key, _) in enumerate(history)]
    found = copying.rewrites(
        records, [outcome for _, outcome in history], rewrite=copying.rewrite_customer
    )
    return [request.key for request in found]


def test_a_lower_write_is_asked_for() -> None:
    assert asked(("u:a", WRITTEN), ("u:a", LOWER), ("u:b", SEEN)) == [b"u:a"]


def test_a_row_written_again_since_is_not_asked_for() -> None:
    assert asked(("u:a", LOWER), ("u:a", WRITTEN)) == []


def test_a_row_is_asked_for_once_however_often_the_zombie_wrote() -> None:
    assert asked(("u:a", LOWER), ("u:b", LOWER), ("u:a", LOWER)) == [b"u:a", b"u:b"]


def test_the_same_write_read_again_asks_with_the_same_id() -> None:
    (first,) = copying.rewrites([record("u:a", 7)], [LOWER], rewrite=copying.rewrite_customer)
    (again,) = copying.rewrites([record("u:a", 7)], [LOWER], rewrite=copying.rewrite_customer)

    assert first == again


def test_the_request_says_what_caused_it() -> None:
    (request,) = copying.rewrites([record("u:a", 7)], [LOWER], rewrite=copying.rewrite_customer)

    assert dict(request.headers)["cause"] == b"customers-changelog/3/7/0"


def test_a_counters_row_is_asked_for_in_the_topic_of_counters() -> None:
    key = "campaign:c:limit"
    written = Received(
        topic=copying.COUNTERS.topic,
        partition=3,
        offset=7,
        key=key.encode(),
        value=b"",
        headers={},
        logged_at=1_764_547_200_000,
    )

    (request,) = copying.rewrites([written], [LOWER], rewrite=copying.COUNTERS.rewrite)

    event, cause = wire.decode_shared(request.value, dict(request.headers)["cause"])
    assert (request.topic, request.key) == ("shared", key.encode())
    assert isinstance(event, CounterRewriteRequested)
    assert cause == ("shared-changelog/3", 7, 0)
