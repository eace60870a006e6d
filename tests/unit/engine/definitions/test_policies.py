"""Policies: read, checked, folded."""

import msgspec
import pytest

from engine.caps import Cap
from engine.definitions import changes, folded, policies
from engine.definitions.changes import Change
from engine.definitions.policies import Policy
from engine.errors import InvalidDefinitionError
from tests.support.story import Book


def policy(policy_id: str, **fields: object) -> dict[str, object]:
    return {"id": policy_id, **fields}


def test_a_policy_is_kept_with_every_version() -> None:
    book = Book().change("policies", "p", "put", policy("p"))
    book.change("policies", "p", "put", policy("p", unknown_consent="allow"))

    entry = book.definitions.policies["p"]
    assert (entry.revision, sorted(entry.versions)) == (2, [1, 2])
    assert entry.latest.unknown_consent == "allow"


def test_a_deleted_policy_gives_way_to_the_default() -> None:
    book = Book().change("policies", "p", "put", policy("p", name="Ours"))
    book.change("policies", "default", "put", policy("default", name="Everybody's"))
    assert policies.of(book.definitions.policies, "p").name == "Ours"

    book.change("policies", "p", "delete")

    assert policies.of(book.definitions.policies, "p").name == "Everybody's"


def test_before_anybody_saved_one_nothing_is_quiet_and_silence_is_no_yes() -> None:
    found = policies.of({}, "p")

    assert found == Policy(id="default")
    assert (found.quiet_hours, found.unknown_consent) == (None, "refuse")


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"quiet_hours": {"windows": []}}, "quiet_hours.windows"),
        (
            {"quiet_hours": {"windows": [{"start": "9", "end": "10:00"}]}},
            "quiet_hours.windows[0].start",
        ),
        ({"quiet_hours": {"smear": "1y"}}, "quiet_hours.smear"),
        ({"unknown_consent": "maybe"}, "unknown_consent"),
        ({"limits": []}, ""),
        ({"caps": [{"limit": 0, "per": "day"}]}, "caps[0].limit"),
        ({"caps": [{"limit": 1, "per": "week", "tz": "Mars/Olympus"}]}, "caps[0].tz"),
        ({"on_cap": "shout"}, "on_cap"),
        ({"control": {"basis_points": 0}}, "control.basis_points"),
        ({"control": {"basis_points": 1, "months": 0}}, "control.months"),
        ({"control": {"basis_points": 1, "salt": ""}}, "control.salt"),
        ({"control": {"basis_points": 1, "exempt": ["a", "a"]}}, "control.exempt"),
        ({"priority_window": "2h"}, "priority_window"),
        ({"priority_window": "soon"}, "priority_window"),
    ],
)
def test_an_absurd_policy_is_refused_with_its_place(fields: dict[str, object], place: str) -> None:
    with pytest.raises(InvalidDefinitionError) as refused:
        changes.decode_policy(msgspec.json.encode(policy("p", **fields)))

    assert [flaw.path for flaw in refused.value.flaws] == [place]


def test_the_caps_of_all_policies_together_are_bounded() -> None:
    """A row keeps the messages that all of them need; the same cap of two counts once."""
    many = {"limit": 40, "window": "7d"}
    book = Book().change("policies", "p", "put", policy("p", caps=[many]))
    same = Policy(id="q", caps=(Cap(limit=40, window="7d"),))
    other = Policy(id="q", caps=(Cap(limit=40, window="1d"),))

    assert policies.flaws_among(same, book.definitions.policies) == []
    [flaw] = policies.flaws_among(other, book.definitions.policies)
    assert flaw.path == "caps"
    assert (
        policies.flaws_among(msgspec.structs.replace(other, id="p"), book.definitions.policies)
        == []
    )


def test_a_policy_beyond_the_bound_is_void_for_every_process() -> None:
    definitions = (
        Book()
        .change("policies", "p", "put", policy("p", caps=[{"limit": 40, "window": "7d"}]))
        .definitions
    )
    change = Change(
        change_id="late",
        kind="policies",
        id="q",
        action="put",
        based_on=0,
        body=msgspec.Raw(msgspec.json.encode(policy("q", caps=[{"limit": 40, "window": "1d"}]))),
        at=0,
    )

    assert folded.fold(definitions, change, offset=definitions.offset + 1).is_void
