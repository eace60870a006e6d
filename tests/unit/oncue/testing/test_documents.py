"""What a file of tests may be written like, and what YAML usually guesses that we do not."""

import pytest

from oncue.testing import documents
from oncue.testing.errors import CaseFileError


def refused(text: str) -> str:
    with pytest.raises(CaseFileError) as caught:
        documents.read(text, file="a.yaml")
    return str(caught.value)


def test_words_that_yaml_takes_for_something_else_stay_words() -> None:
    found = documents.read("[yes, no, on, 22:15, 2026-03-02, 1_000, 0x10, .5]", file="a").content

    assert found == ["yes", "no", "on", "22:15", "2026-03-02", "1_000", "0x10", ".5"]


def test_numbers_words_and_nothing_are_read_as_json_reads_them() -> None:
    found = documents.read("[1, -2, 39.90, 1e3, true, false, null, '7']", file="a").content

    assert found == [1, -2, 39.9, 1000.0, True, False, None, "7"]


def test_every_value_knows_its_line() -> None:
    document = documents.read("a:\n  - b: 1\n    c:\n      d: 2\n", file="a")

    assert document.line("a[0].c.d") == 4
    assert document.line("a[0].c.missing[3]") == 3
    assert document.line("nowhere") == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "a.yaml: it is empty"),
        ("a: 1\nb: 2\na: 3\n", "a.yaml:3: 'a' stands here twice"),
        ("a: [1\nb: 2\n", "a.yaml:2: "),
        ("? [a, b]\n: 1\n", "a.yaml:1: a key is a word"),
        ("a: &x [*x]", "a.yaml: nested too deeply"),
    ],
)
def test_what_is_no_document_is_told_with_its_line(text: str, told: str) -> None:
    assert refused(text).startswith(told)


def test_few_lines_do_not_become_millions() -> None:
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]

    assert "more than" in refused("\n".join(lines))
