"""Commands to many customers as a definition: how far they got."""

import msgspec
import pytest

from engine.definitions import fanouts
from engine.definitions.fanouts import DONE_MAX, Call, Fanout, FanoutEntry
from tests.support.story import Book


def activation(**fields: object) -> Fanout:
    return msgspec.convert(
        {"id": "campaign:c", "campaign": "c", "version": 1, "begun_at": 0, **fields}, Fanout
    )


def test_a_newer_word_takes_the_place_of_the_older() -> None:
    book = Book().change("fanouts", "campaign:c", "put", activation())
    book.change("fanouts", "campaign:c", "put", activation(after="m", told_count=9))

    entry = book.definitions.fanouts["campaign:c"]

    assert (entry.revision, entry.fanout.after, entry.fanout.told_count) == (2, "m", 9)


@pytest.mark.parametrize(
    "body",
    [
        {"id": "other", "campaign": "c", "begun_at": 0},
        {"id": "campaign:c", "begun_at": 0},
        {"id": "campaign:c", "campaign": "c", "call": {"name": "n", "key": "k"}, "begun_at": 0},
    ],
)
def test_what_is_none_is_void(body: dict[str, object]) -> None:
    with pytest.raises(AssertionError):
        Book().change("fanouts", "campaign:c", "put", body)


def test_calls_that_are_over_are_forgotten_and_those_under_way_are_not() -> None:
    entries: dict[str, FanoutEntry] = {}
    for number in range(DONE_MAX + 5):
        call = Fanout(
            id=f"{number}",
            call=Call(name="n", key="k"),
            begun_at=0,
            state="running" if number == 0 else "done",
        )
        entries = fanouts.with_entry(entries, FanoutEntry(revision=1, fanout=call, at=0))
    entries = fanouts.with_entry(entries, FanoutEntry(revision=1, fanout=activation(), at=0))

    assert len(entries) == DONE_MAX + 2
    assert "0" in entries
    assert "1" not in entries
