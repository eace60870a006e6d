"""Segments as definitions: which may be saved beside which, and what rows count for them."""

from typing import Any

import msgspec
import pytest

from engine.definitions import changes, folded, installation, nesting
from engine.definitions.changes import Change
from engine.definitions.folded import Definitions
from engine.errors import InvalidDefinitionError
from engine.rules.nodes import Did
from tests.support.journeys import book, journey, mail
from tests.support.story import Book

ADULTS = {"op": "attr", "path": "age", "is": ">=", "value": 30}
LOOKED = {"op": "did", "event": "Product Viewed", "is": ">=", "value": 3, "window": "30d"}


def needs(segment: str) -> dict[str, Any]:
    return {"op": "in_segment", "segment": segment}


def body(name: str, rule: object, /, **fields: object) -> dict[str, object]:
    return {"id": name, "rule": rule, **fields}


def saved(**rules: object) -> Book:
    found = Book()
    for name, rule in rules.items():
        found.change("segments", name, "put", body(name, rule))
    return found


def is_void(definitions: Definitions, name: str, *, action: str = "put", said: object) -> bool:
    change = Change(
        change_id="c",
        kind="segments",
        id=name,
        action="put" if action == "put" else "delete",
        based_on=folded.revision_of(definitions, "segments", name),
        body=msgspec.Raw(msgspec.json.encode(said)),
        at=0,
    )
    return folded.fold(definitions, change, offset=definitions.offset + 1).is_void


def flaws(definitions: Definitions, said: object) -> list[tuple[str, str | None]]:
    segment = changes.decode_segment(msgspec.json.encode(said))
    return [(one.path, one.node) for one in installation.segment_flaws(segment, definitions)]


def test_a_segment_is_live_unless_told_and_its_nodes_have_ids() -> None:
    """M025, M039: a stored set of rules."""
    entry = saved(adults=ADULTS).definitions.segments["adults"]

    assert (entry.latest.mode, entry.latest.rule.id) == ("live", "n1")


@pytest.mark.parametrize(
    ("said", "path", "node"),
    [
        ({"id": "a"}, "", None),
        (body("a", 5), "rule", None),
        (body("a", {"op": "all", "of": [{"op": "attr"}]}), "rule.of[0]", "n2"),
        (body("a", ADULTS, mode="slow"), "mode", None),
        (body("a", ADULTS, colour="red"), "", None),
        (body("", ADULTS), "id", None),
        (body("a\nb", ADULTS), "id", None),
        (body("a" * 65, ADULTS), "id", None),
        (body("a", ADULTS, name="n" * 501), "name", None),
    ],
)
def test_what_is_no_segment_is_refused_with_its_place(
    said: object, path: str, node: str | None
) -> None:
    with pytest.raises(InvalidDefinitionError) as refused:
        changes.decode_segment(msgspec.json.encode(said))

    assert [(one.path, one.node) for one in refused.value.flaws] == [(path, node)]


def test_an_unknown_segment_is_refused_at_its_node() -> None:
    said = body("b", {"op": "all", "of": [ADULTS, needs("a")]})

    assert flaws(Book().definitions, said) == [("rule.of[1].segment", "n3")]
    assert is_void(Book().definitions, "b", said=said)


@pytest.mark.parametrize("rule", [needs("a"), {"op": "not", "of": needs("b")}])
def test_a_segment_that_would_need_itself_is_refused(rule: dict[str, Any]) -> None:
    definitions = saved(a=ADULTS, b=needs("a")).definitions

    assert len(flaws(definitions, body("a", rule))) == 1
    assert is_void(definitions, "a", said=body("a", rule))


def test_segments_stand_in_each_other_only_so_deep() -> None:
    deep = saved(
        s0=ADULTS, **{f"s{n}": needs(f"s{n - 1}") for n in range(1, nesting.LEVELS_MAX)}
    ).definitions

    assert flaws(deep, body("s8", needs("s7"))) == [("rule", "n1")]
    assert is_void(deep, "s8", said=body("s8", needs("s7")))
    # Nor may what others stand on begin to stand on something.
    assert flaws(saved_beside(deep, "below"), body("s0", needs("below"))) == [("rule", "n1")]


def saved_beside(definitions: Definitions, name: str) -> Definitions:
    found = Book()
    found.definitions = definitions
    return found.change("segments", name, "put", body(name, ADULTS)).definitions


def test_what_others_name_cannot_be_deleted() -> None:
    audience = {"audience": needs("a")}
    definitions = book(journey({"one": mail("first")}, trigger=audience)).definitions
    beside = Book()
    beside.definitions = definitions
    both = beside.change("segments", "a", "put", body("a", ADULTS))
    both.change("segments", "b", "put", body("b", needs("a")))

    assert installation.segment_users("a", both.definitions) == [
        "campaigns.cart-reminder",
        "segments.b",
    ]
    assert is_void(both.definitions, "a", action="delete", said=None)
    assert installation.segment_users("b", both.definitions) == []
    assert not is_void(both.definitions, "b", action="delete", said=None)


def test_there_are_only_so_many_live_ones() -> None:
    full = saved(**{f"s{n}": ADULTS for n in range(nesting.LIVE_MAX)}).definitions

    assert is_void(full, "more", said=body("more", ADULTS))
    assert not is_void(full, "more", said=body("more", ADULTS, mode="computed"))
    assert not is_void(full, "s0", said=body("s0", LOOKED))


def test_rows_count_for_live_segments_and_for_what_they_lead_to() -> None:
    looked = body("looked", LOOKED, mode="computed")
    alone = Book().change("segments", "looked", "put", looked)
    assert alone.definitions.demands == {}

    outer = alone.change("segments", "outer", "put", body("outer", needs("looked")))

    [demand] = outer.definitions.demands.values()
    assert demand.latest.event == "product viewed"
    rule = outer.definitions.segments["looked"].latest.rule
    assert isinstance(rule, Did)


def test_a_deleted_segment_has_nobody_in_it_and_counts_nothing() -> None:
    gone = saved(looked=LOOKED).change("segments", "looked", "delete").definitions

    assert gone.segment_rules.by_id == {}
    assert gone.demands == {}
