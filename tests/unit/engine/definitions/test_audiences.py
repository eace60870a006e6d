"""Audiences in the fold: made once, of the same customers ever after."""

import msgspec
import pytest

from engine.definitions import changes, folded
from engine.definitions.changes import Change
from engine.errors import InvalidDefinitionError
from tests.support.story import Book

RULE = {"op": "metric", "name": "receipts_count", "is": ">=", "value": 1}
BODY = {"id": "buyers", "name": "Buyers", "rule": RULE}


def book() -> Book:
    return Book().change("audiences", "buyers", "put", BODY)


def is_void(known: Book, body: object) -> bool:
    change = Change(
        change_id="x",
        kind="audiences",
        id="buyers",
        action="put",
        based_on=folded.revision_of(known.definitions, "audiences", "buyers"),
        body=msgspec.Raw(msgspec.json.encode(body)),
        at=0,
    )
    return folded.fold(known.definitions, change, offset=9).is_void


def test_the_tag_is_the_id_unless_it_is_said() -> None:
    assert book().definitions.audiences["buyers"].latest.tag == "buyers"


def test_a_name_may_change_and_the_members_stay_who_they_are() -> None:
    """M051: frozen when it is made."""
    known = book()
    job = known.definitions.audiences["buyers"].job

    known.change("audiences", "buyers", "put", {**BODY, "name": "Who bought"})

    after = known.definitions.audiences["buyers"]
    assert (after.latest.name, after.job) == ("Who bought", job)


@pytest.mark.parametrize("other", [{"tag": "x"}, {"rule": {**RULE, "value": 2}}], ids=str)
def test_another_rule_or_tag_is_another_audience(other: dict[str, object]) -> None:
    """M051: what would choose others is void, in every process."""
    assert is_void(book(), {**BODY, **other})


def test_one_that_is_made_anew_after_it_was_deleted_chooses_anew() -> None:
    known = book()
    first = known.definitions.audiences["buyers"].job

    known.change("audiences", "buyers", "delete")
    gone = known.definitions.audiences["buyers"].job
    known.change("audiences", "buyers", "put", {**BODY, "rule": {**RULE, "value": 2}})

    assert len({first, gone, known.definitions.audiences["buyers"].job}) == 3


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({}, "rule"),
        ({"rule": RULE, "ids": ["a"]}, "rule"),
        ({"ids": []}, "ids"),
        ({"ids": ["a" * 100] * 400}, "ids"),
        ({"rule": {"op": "attr"}}, "rule"),
        ({"segment": "s", "tag": ""}, "tag"),
        ({"segment": "s", "name": "n" * 501}, "name"),
        ({"segment": "s", "other": 1}, ""),
    ],
    ids=str,
)
def test_what_is_no_audience_is_refused_at_its_place(fields: dict[str, object], path: str) -> None:
    with pytest.raises(InvalidDefinitionError) as caught:
        changes.decode_audience(msgspec.json.encode({"id": "a", **fields}))

    assert [flaw.path for flaw in caught.value.flaws] == [path]
