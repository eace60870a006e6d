"""NDJSON as it arrives."""

import pytest

from engine.intake.files.errors import UnreadableFileError
from engine.intake.files.items import Item, Refused
from engine.intake.files.lines import LINE_MAX_BYTES
from engine.intake.files.ndjson import Objects


def read(content: bytes, *, step: int = 10_000) -> list[Item | Refused]:
    reader = Objects()
    found: list[Item | Refused] = []
    for start in range(0, len(content), step):
        found += reader.feed(content[start : start + step])
    return [*found, *reader.finish()]


@pytest.mark.parametrize("step", [1, 3, 1_000])
def test_each_line_is_an_object_with_its_number(step: int) -> None:
    content = b'\xef\xbb\xbf{"id":1}\r\n\n  \n{"id":2}'

    assert read(content, step=step) == [
        Item(line=1, payload=b'{"id":1}'),
        Item(line=4, payload=b'{"id":2}'),
    ]


def test_an_empty_file_has_no_objects() -> None:
    assert read(b"") == []


def test_a_line_that_is_too_long_is_passed_over() -> None:
    found = read(b"x" * (LINE_MAX_BYTES + 1) + b'\n{"id":2}\n', step=4_096)

    assert [(one.line, isinstance(one, Item)) for one in found] == [(1, False), (2, True)]


def test_utf16_is_said_at_once() -> None:
    with pytest.raises(UnreadableFileError, match="UTF-16"):
        read('{"id":1}\n'.encode("utf-16"))
