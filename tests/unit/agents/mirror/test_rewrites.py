"""For which rows the mirror asks the owner to write them again."""

from agents.mirror import copying
from streams.records import Received
from tables.profiles import LOWER, SEEN, WRITTEN


def record(key: str, offset: int) -> Received:
    return Received(
        topic=copying.TOPIC,
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
    found = copying.rewrites(records, [outcome for _, outcome in history])
    return [request.key for request in found]


def test_a_lower_write_is_asked_for() -> None:
    assert asked(("u:a", WRITTEN), ("u:a", LOWER), ("u:b", SEEN)) == [b"u:a"]


def test_a_row_written_again_since_is_not_asked_for() -> None:
    assert asked(("u:a", LOWER), ("u:a", WRITTEN)) == []


def test_a_row_is_asked_for_once_however_often_the_zombie_wrote() -> None:
    assert asked(("u:a", LOWER), ("u:b", LOWER), ("u:a", LOWER)) == [b"u:a", b"u:b"]


def test_the_same_write_read_again_asks_with_the_same_id() -> None:
    (first,) = copying.rewrites([record("u:a", 7)], [LOWER])
    (again,) = copying.rewrites([record("u:a", 7)], [LOWER])

    assert first == again


def test_the_request_says_what_caused_it() -> None:
    (request,) = copying.rewrites([record("u:a", 7)], [LOWER])

    assert dict(request.headers)["cause"] == b"customers-changelog/3/7/0"
