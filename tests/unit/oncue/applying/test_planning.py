"""What is to be done so that an installation has what a folder says (X62)."""

from collections.abc import Sequence

import msgspec
import pytest

from api.admin import answers
from engine.definitions import changes
from oncue.applying import planning
from oncue.applying.documents import Standing, Wanted
from oncue.applying.planning import Step
from tests.support.filed import (
    campaign,
    segment,
    standing,
    template,
    wanted,
)


def planned(
    here: Sequence[Wanted], there: Sequence[Standing] = (), *, prunes: bool = False
) -> list[Step]:
    return planning.plan(here, {one.key: one for one in there}, prunes=prunes)


def told(steps: Sequence[Step]) -> list[tuple[str, ...]]:
    return [(str(step.key), step.what, *step.verbs) for step in steps]


def test_what_is_named_is_made_before_who_names_it() -> None:
    steps = planned(
        [
            wanted("campaigns", "cart", campaign()),
            wanted("segments", "a-outer", segment("middle")),
            wanted("segments", "inner", segment()),
            wanted("segments", "middle", segment("inner")),
            wanted("policies", "calm", {}),
            wanted("templates", "mail", template()),
            wanted("settings", "settings", {}),
        ]
    )

    assert [str(step.key) for step in steps] == [
        "settings",
        "segments/inner",
        "segments/middle",
        "segments/a-outer",
        "templates/mail",
        "policies/calm",
        "campaigns/cart",
    ]


def test_what_is_the_same_is_left_alone() -> None:
    steps = planned(
        [wanted("templates", "mail", template()), wanted("campaigns", "cart", campaign())],
        [
            standing("templates", "mail", {**template(), "html": "", "category": None}),
            standing("campaigns", "cart", campaign(), status="live", published=campaign()),
        ],
    )

    assert told(steps) == [("templates/mail", "same"), ("campaigns/cart", "same")]


def test_defaults_that_are_spelled_out_are_no_difference() -> None:
    """As every answer of the API spells them out."""
    decoded = changes.decode_campaign(msgspec.json.encode({"id": "cart", **campaign()}))
    shown = msgspec.json.decode(msgspec.json.encode(answers.fields(decoded)))

    here, there = wanted("campaigns", "cart", campaign()), wanted("campaigns", "cart", shown)

    assert here.body == there.body


def test_a_new_campaign_is_saved_and_published() -> None:
    [step] = planned([wanted("campaigns", "cart", campaign())])

    assert told([step]) == [("campaigns/cart", "new", "put", "publish")]
    assert step.seen is None


def test_a_campaign_that_runs_otherwise_is_saved_over_the_revision_seen_and_published() -> None:
    [step] = planned(
        [wanted("campaigns", "cart", campaign("New"))],
        [
            standing(
                "campaigns", "cart", campaign(), revision=4, status="live", published=campaign()
            )
        ],
    )

    assert told([step]) == [("campaigns/cart", "changed", "put", "publish")]
    assert step.seen == 4
    assert [one.path for one in step.differences] == ["name"]


def test_where_only_publishing_is_missing_nothing_is_saved_again() -> None:
    """As after a failure between the two."""
    new, old = campaign("New"), campaign("Old")

    steps = planned(
        [wanted("campaigns", "a", new), wanted("campaigns", "b", new)],
        [
            standing("campaigns", "a", new, status="live", published=old),
            standing("campaigns", "b", new, status="draft"),
        ],
    )

    assert told(steps) == [
        ("campaigns/a", "changed", "publish"),
        ("campaigns/b", "unpublished", "publish"),
    ]


def test_a_newer_draft_of_what_runs_as_here_is_left_and_told() -> None:
    [step] = planned(
        [wanted("campaigns", "cart", campaign())],
        [standing("campaigns", "cart", campaign("X"), status="live", published=campaign())],
    )

    assert told([step]) == [("campaigns/cart", "same")]
    assert step.note == "there is a newer draft there, which is left"


@pytest.mark.parametrize("status", ["paused", "stopped"])
def test_what_an_operator_took_out_of_service_is_never_brought_back(status: str) -> None:
    there = standing("campaigns", "cart", campaign(), status=status, published=campaign())

    [same] = planned([wanted("campaigns", "cart", campaign())], [there])
    [changed] = planned([wanted("campaigns", "cart", campaign("New"))], [there])

    assert (told([same]), told([changed])) == (
        [("campaigns/cart", "same")],
        [("campaigns/cart", "changed", "put")],
    )
    assert f"it is {status} there" in same.note


def test_a_campaign_that_switched_itself_off_waits_for_another_version() -> None:
    there = standing("campaigns", "cart", campaign(), status="failed", published=campaign())

    [same] = planned([wanted("campaigns", "cart", campaign())], [there])
    [fixed] = planned([wanted("campaigns", "cart", campaign("New"))], [there])

    assert (told([same]), told([fixed])) == (
        [("campaigns/cart", "same")],
        [("campaigns/cart", "changed", "put", "publish")],
    )
    assert "it is failed there" in same.note


def test_the_saved_draft_of_a_paused_campaign_is_as_the_folder_says() -> None:
    [step] = planned(
        [wanted("campaigns", "cart", campaign("New"))],
        [standing("campaigns", "cart", campaign("New"), status="paused", published=campaign())],
    )

    assert told([step]) == [("campaigns/cart", "same")]


def test_what_is_a_draft_or_paused_where_it_comes_from_never_runs_by_being_applied() -> None:
    steps = planned(
        [
            wanted("campaigns", "draft", campaign(), is_draft=True),
            wanted("campaigns", "paused", campaign(), is_paused=True),
        ]
    )

    assert told(steps) == [
        ("campaigns/draft", "new", "put"),
        ("campaigns/paused", "new", "put"),
    ]


def test_a_paused_campaign_that_was_saved_as_a_draft_is_the_same_from_then_on() -> None:
    [step] = planned(
        [wanted("campaigns", "cart", campaign(), is_paused=True)],
        [standing("campaigns", "cart", campaign(), status="draft")],
    )

    assert told([step]) == [("campaigns/cart", "same")]
    assert step.note == planning.SAVED_ONLY


def test_the_folder_does_not_pause_what_runs() -> None:
    [step] = planned(
        [wanted("campaigns", "cart", campaign("New"), is_paused=True)],
        [standing("campaigns", "cart", campaign(), status="live", published=campaign())],
    )

    assert told([step]) == [("campaigns/cart", "changed", "put", "publish")]


def test_what_is_only_there_is_deleted_when_asked_users_first() -> None:
    there = [
        standing("settings", "settings", {}, revision=3),
        standing("segments", "inner", segment()),
        standing("segments", "outer", segment("inner")),
        standing("templates", "mail", template()),
        standing("campaigns", "cart", campaign(), status="live", published=campaign()),
        standing("campaigns", "old", campaign(), status="stopped", published=campaign()),
    ]

    kept, pruned = planned([], there), planned([], there, prunes=True)

    assert [step.verbs for step in kept] == [()] * 4
    assert told(pruned) == [
        (name, "missing", "delete")
        for name in ("campaigns/cart", "templates/mail", "segments/outer", "segments/inner")
    ]


def test_new_campaigns_that_name_each_other_are_made_over_a_reserved_name() -> None:
    first = wanted("campaigns", "a-first", campaign(starts="second"))
    second = wanted("campaigns", "second", campaign(follows="a-first"))

    steps = planned([wanted("templates", "mail", template()), first, second])

    assert told(steps) == [
        ("templates/mail", "new", "put"),
        ("campaigns/a-first", "new", "reserve"),
        ("campaigns/second", "new", "put", "publish"),
        ("campaigns/a-first", "new", "put", "publish"),
    ]


def test_a_name_that_is_there_is_not_reserved() -> None:
    steps = planned(
        [
            wanted("campaigns", "a-first", campaign(starts="second")),
            wanted("campaigns", "second", campaign(follows="a-first")),
        ],
        [standing("campaigns", "a-first", campaign(), status="draft")],
    )

    assert "reserve" not in {verb for step in steps for verb in step.verbs}
