"""The manual's examples are rules that can be saved, in the form it says."""

import re
from pathlib import Path
from typing import Final

import msgspec
import pytest

from clickhouse.rules import selecting
from clickhouse.rules.selecting import Context
from engine.judging import compiling
from engine.rules import checks, forms, parsing, printing, reading
from engine.rules.declared import DERIVED, Declared
from engine.rules.nodes import Rule

MANUAL: Final = (Path(__file__).parents[4] / "docs" / "rules.md").read_text()
EXAMPLES: Final = re.findall(r"```rule\n(.*?)\n```", MANUAL, re.DOTALL)
NOON: Final = 1_764_590_400_000


def test_there_are_examples() -> None:
    assert len(EXAMPLES) > 10


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_is_written_as_the_product_writes_it(text: str) -> None:
    bare = msgspec.convert(parsing.parsed(text), Rule)

    assert printing.text(bare) == text


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_can_be_saved_and_asked_both_ways(text: str) -> None:
    """M052, M053 are among them."""
    rule = reading.from_text(text)

    assert checks.flaws(rule, Declared()) == []
    assert compiling.compiled(rule, segments={}, zone="UTC").rule == rule
    assert selecting.selected(rule, Context(NOON, "UTC")).sql("c.id").count("SELECT") >= 1


def test_the_tree_beside_the_first_example_is_the_same_rule() -> None:
    [tree] = re.findall(r"```json\n(.*?)\n```", MANUAL, re.DOTALL)

    assert reading.decoded(msgspec.json.decode(tree)) == reading.from_text(EXAMPLES[0])


@pytest.mark.parametrize("name", [*forms.FORMS, *DERIVED])
def test_the_manual_names_every_operator_and_attribute(name: str) -> None:
    assert re.search(rf"\b{name}\b", MANUAL), name
