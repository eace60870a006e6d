"""What stands in the SQL of a rule, and what travels beside it."""

from random import Random

import pytest

from clickhouse.rules import selecting
from clickhouse.rules.selecting import Context
from engine.rules import reading
from tests.support import rules

NOON = 1_764_590_400_000
MARK = "zq'x\\%{}--"


@pytest.mark.parametrize("seed", range(40))
def test_nothing_that_somebody_wrote_stands_in_the_sql(seed: int) -> None:
    """Every word of the rule is one of ours or a parameter."""
    tree = marked(rules.tree(Random(seed).randrange(2**32)))  # noqa: S311 no secret
    found = selecting.selected(reading.decoded(tree), Context(NOON, "UTC"))

    assert "zq" not in found.sql("c.id")


def marked(value: object) -> object:
    """The tree with the mark in every text that is not part of the language."""
    match value:
        case {"op": "between" | "last_calendar"}:
            return value
        case dict():
            kept = {"op", "is", "aggregate", "channel", "state", "kind", "tz", "window"}
            return {
                name: one if name in kept else _marked(name, one) for name, one in value.items()
            }
        case list():
            return [marked(one) for one in value]
        case _:
            return value


def _marked(name: str, value: object) -> object:
    if name in {"of", "where"}:
        return marked(value)
    if name in {"path", "field"} and value != "lines":
        return f"{value}.{MARK}"
    if name in {"event", "tag", "category", "salt"}:
        return f"{value}{MARK}"
    return value


def test_an_equal_value_is_one_parameter() -> None:
    text = 'any(attr("city") = "Berlin", attr("country") = "Berlin")'
    found = selecting.selected(reading.from_text(text), Context(NOON, "UTC"))

    assert list(found.parameters.values()).count(["Berlin"]) == 1
