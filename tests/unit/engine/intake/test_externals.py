"""External ids of trackers (e.2, e.5): what names a person, and what does not."""

import pytest

from engine.events import SourceEvent
from engine.intake import externals, messages
from engine.intake.arrivals import Origin

NOON = 1_795_435_200_000


def shown(*entries: object) -> tuple[str, ...]:
    return externals.of_context({"externalIds": [*entries]}, region="DE")


@pytest.mark.parametrize(
    ("entry", "key"),
    [
        ({"type": "email", "id": "Ada@Shop.example", "encoding": "none"}, "e:ada@shop.example"),
        ({"type": "phone", "id": "0151 23456789"}, "p:+4915123456789"),
        ({"type": "card", "id": 77}, "c:77"),
        ({"type": "loyalty_card", "id": "A-1", "collection": "users"}, "c:A-1"),
        ({"type": "anonymous_id", "id": "d2"}, "a:d2"),
    ],
)
def test_a_typed_id_names_a_person(entry: dict[str, object], key: str) -> None:
    assert shown(entry, entry) == (key,)


@pytest.mark.parametrize(
    "entry",
    [
        {"type": "email", "id": "5d41402abc4b2a76b9719d911017c592", "encoding": "md5"},
        {"type": "email", "id": "ada@shop.example", "encoding": "sha256"},
        {"type": "email", "id": "noreply@shop.example"},
        {"type": "phone", "id": "000000000"},
        {"type": "anonymous_id", "id": "null"},
        {"type": "ga_client_id", "id": "1.2"},
        {"type": "card", "id": {}},
        {"type": ["email"], "id": "ada@shop.example"},
        {"id": "ada@shop.example"},
        "ada@shop.example",
    ],
)
def test_what_names_nobody_is_passed_over(entry: object) -> None:
    assert shown(entry) == ()


def test_no_more_are_read_than_anybody_has() -> None:
    many = [{"type": "card", "id": f"c{number}"} for number in range(externals.ENTRIES_MAX + 1)]

    assert len(shown(*many)) == externals.ENTRIES_MAX


@pytest.mark.parametrize(("user", "keys"), [({"userId": "ada"}, ("c:7",)), ({}, ())])
def test_a_user_shows_them_and_a_visitor_proves_nothing(
    user: dict[str, object], keys: tuple[str, ...]
) -> None:
    message = {
        "type": "page",
        "anonymousId": "d",
        "context": {"externalIds": [{"type": "card", "id": "7"}]},
        **user,
    }

    event = messages.arrive(message, origin=Origin(source="w", received_at=NOON, seed="s")).event

    assert isinstance(event, SourceEvent)
    assert event.shows == keys
