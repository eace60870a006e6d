"""A plan in words that a person reads in a terminal."""

import pytest

from engine.definitions.differences import Difference
from oncue.applying import planning, telling
from tests.support.filed import campaign, standing, template, wanted


def test_each_definition_that_differs_is_named_with_each_field() -> None:
    there = [
        standing("templates", "mail", template("Hello")),
        standing("templates", "old", template()),
        standing("campaigns", "cart", campaign(), status="draft"),
    ]
    here = [
        wanted("templates", "mail", {**template("Good day"), "category": "promo"}),
        wanted("templates", "next", template()),
        wanted("campaigns", "cart", campaign()),
        wanted("policies", "calm", {}),
    ]
    there.append(standing("policies", "calm", {}))

    steps = planning.plan(here, {one.key: one for one in there}, prunes=False)

    assert list(telling.differing(steps)) == [
        "templates/mail: changed",
        '  text: "Hello" -> "Good day"',
        '  category: + "promo"',
        "templates/next: new",
        "campaigns/cart: not published there",
        "templates/old: missing here",
    ]
    assert telling.counted(steps) == (
        "1 new, 1 changed, 1 not published there, 1 missing here, 1 same"
    )


def test_of_long_values_the_part_is_shown_where_they_begin_to_differ() -> None:
    before, after = "a" * 200 + "b" + "c" * 100, "a" * 200 + "d" + "c" * 100
    shown = telling.of_difference(
        Difference(path="html", what="changed", before=before, after=after)
    )

    assert shown == f"html: …{'a' * 15}b{'c' * 44}… -> …{'a' * 15}d{'c' * 44}…"


@pytest.mark.parametrize(
    ("difference", "line"),
    [
        (Difference(path="a", what="removed", before={"b": 1}), 'a: - {"b":1}'),
        (Difference(path="a", what="changed", before=1, after=True), "a: 1 -> true"),
    ],
)
def test_values_are_shown_as_json(difference: Difference, line: str) -> None:
    assert telling.of_difference(difference) == line


def test_a_dry_run_says_what_would_be_done() -> None:
    [step] = planning.plan([wanted("campaigns", "cart", campaign())], {}, prunes=False)

    assert telling.would(step) == "campaigns/cart: would save, publish"
    assert telling.done(step, verbs=step.verbs) == "campaigns/cart: saved, published"
