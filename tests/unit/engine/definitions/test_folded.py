"""The fold of changes: what holds, what is void, and what may trigger afterwards."""

from collections.abc import Sequence

import msgspec
import pytest

from engine.definitions import folded
from engine.definitions.changes import Action, Change, DefinitionKind
from engine.definitions.entries import CampaignEntry
from engine.definitions.folded import Definitions, Folded

CAMPAIGN = {
    "id": "cart",
    "triggers": [{"id": "idle", "type": "T01"}],
    "start": "s1",
    "steps": {"s1": {"type": "send", "channel": "email", "template": "mail"}},
}
TEMPLATE = {"id": "mail", "subject": "Still there?", "text": "hello"}
FAILURE = {"version": 1, "place": "steps.s1", "code": "bad_value", "event": "e", "at": 5}


def change(
    action: Action,
    *,
    based_on: int,
    kind: DefinitionKind = "campaigns",
    body: object = None,
    definition_id: str | None = None,
) -> Change:
    bodies = {"campaigns": CAMPAIGN, "templates": TEMPLATE}
    chosen = bodies[kind] if body is None and action == "put" else body
    if body is None and action == "fail":
        chosen = FAILURE
    return Change(
        change_id="c",
        kind=kind,
        id=definition_id or ("cart" if kind == "campaigns" else "mail"),
        action=action,
        based_on=based_on,
        body=msgspec.Raw(chosen if isinstance(chosen, bytes) else msgspec.json.encode(chosen)),
        at=1,
    )


def after(*actions: Action) -> Folded:
    """What the last of these does to a campaign, each made from the revision before."""
    result = Folded(Definitions(), is_void=False)
    for action in actions:
        based_on = folded.revision_of(result.definitions, "campaigns", "cart")
        result = folded.fold(
            result.definitions,
            change(action, based_on=based_on),
            offset=result.definitions.offset + 1,
        )
    return result


def campaign(result: Folded) -> CampaignEntry:
    return result.definitions.campaigns["cart"]


@pytest.mark.parametrize(
    ("actions", "status"),
    [
        (["put"], "draft"),
        (["put", "publish"], "live"),
        (["put", "publish", "pause"], "paused"),
        (["put", "publish", "pause", "resume"], "live"),
        (["put", "publish", "pause", "publish"], "live"),
        (["put", "publish", "stop"], "stopped"),
        (["put", "publish", "pause", "stop"], "stopped"),
        (["put", "publish", "stop", "publish"], "live"),
        (["put", "publish", "put"], "live"),
        (["put", "publish", "delete"], "stopped"),
        (["put", "publish", "delete", "put"], "draft"),
        (["put", "publish", "fail"], "failed"),
        (["put", "publish", "pause", "fail"], "failed"),
        (["put", "publish", "fail", "publish"], "live"),
        (["put", "publish", "fail", "put"], "failed"),
        (["put", "publish", "fail", "stop"], "stopped"),
        (["put", "publish", "fail", "delete"], "stopped"),
    ],
)
def test_actions_move_a_campaign_from_status_to_status(
    actions: Sequence[Action], status: str
) -> None:
    result = after(*actions)

    assert not result.is_void
    assert campaign(result).status == status


@pytest.mark.parametrize(
    "actions",
    [
        ["publish"],
        ["delete"],
        ["put", "pause"],
        ["put", "resume"],
        ["put", "stop"],
        ["put", "publish", "resume"],
        ["put", "publish", "pause", "pause"],
        ["put", "publish", "stop", "resume"],
        ["put", "delete", "publish"],
        ["put", "delete", "delete"],
        ["put", "publish", "delete", "resume"],
        ["put", "fail"],
        ["put", "publish", "stop", "fail"],
        ["put", "publish", "fail", "fail"],
        ["put", "publish", "fail", "resume"],
    ],
)
def test_an_action_that_makes_no_sense_is_void(actions: Sequence[Action]) -> None:
    assert after(*actions).is_void


@pytest.mark.parametrize("body", [{**FAILURE, "version": 2}, {**FAILURE, "code": "odd"}, b"{"])
def test_a_failure_of_another_version_or_of_no_form_is_void(body: object) -> None:
    before = after("put", "publish").definitions

    result = folded.fold(before, change("fail", based_on=2, body=body), offset=9)

    assert result.is_void
    assert campaign(result).status == "live"


@pytest.mark.parametrize("based_on", [0, 2, -1])
def test_a_change_from_another_revision_is_void(based_on: int) -> None:
    before = after("put").definitions

    result = folded.fold(before, change("put", based_on=based_on), offset=1)

    assert result == Folded(msgspec.structs.replace(before, offset=1), is_void=True)


@pytest.mark.parametrize("kind", ["campaigns", "templates"])
@pytest.mark.parametrize(
    "body", [b"null", b"[]", b'{"id": "\xff"}', b"[" * 5_000, b"{}", b'{"id": 1', b'""']
)
def test_a_body_that_is_no_definition_is_void(kind: DefinitionKind, body: bytes) -> None:
    result = folded.fold(Definitions(), change("put", based_on=0, kind=kind, body=body), offset=0)

    assert result == Folded(Definitions(offset=0), is_void=True)


@pytest.mark.parametrize("kind", ["campaigns", "templates"])
def test_a_body_under_another_id_is_void(kind: DefinitionKind) -> None:
    put = change("put", based_on=0, kind=kind, definition_id="other")

    assert folded.fold(Definitions(), put, offset=0).is_void


def test_only_what_is_published_triggers() -> None:
    edited = {**CAMPAIGN, "triggers": [{"id": "later", "type": "T01", "params": {"idle": "2h"}}]}
    before = after("put", "publish").definitions

    result = folded.fold(before, change("put", based_on=2, body=edited), offset=2)

    [live] = result.definitions.triggers
    assert (live.trigger.id, live.version) == ("idle", 1)
    assert campaign(result).draft.triggers[0].id == "later"


@pytest.mark.parametrize("last", ["pause", "stop", "delete"])
def test_a_campaign_that_does_not_run_triggers_nothing(last: Action) -> None:
    assert after("put", "publish", last).definitions.triggers == ()


def test_what_was_deleted_starts_afresh_and_its_versions_go_on() -> None:
    entry = campaign(after("put", "publish", "delete", "put"))

    assert entry.published is None
    assert (entry.revision, entry.draft_version, entry.deleted) == (4, 4, False)


def test_a_template_keeps_every_version() -> None:
    first = folded.fold(Definitions(), change("put", based_on=0, kind="templates"), offset=0)
    second = folded.fold(
        first.definitions,
        change("put", based_on=1, kind="templates", body={**TEMPLATE, "subject": "New"}),
        offset=1,
    )

    versions = second.definitions.templates["mail"].versions
    assert {number: template.subject for number, template in versions.items()} == {
        1: "Still there?",
        2: "New",
    }


@pytest.mark.parametrize("action", ["publish", "pause", "resume", "stop"])
def test_a_template_knows_only_put_and_delete(action: Action) -> None:
    saved = folded.fold(Definitions(), change("put", based_on=0, kind="templates"), offset=0)

    assert folded.fold(
        saved.definitions, change(action, based_on=1, kind="templates"), offset=1
    ).is_void


def test_a_template_is_gone_once_deleted_and_back_once_put_again() -> None:
    actions: list[Action] = ["put", "delete", "delete", "put"]
    results = []
    definitions = Definitions()
    for offset, action in enumerate(actions):
        based_on = folded.revision_of(definitions, "templates", "mail")
        put = change(action, based_on=based_on, kind="templates")
        definitions, is_void = folded.fold(definitions, put, offset=offset)
        results.append((definitions.templates["mail"].deleted, is_void))

    assert results == [(False, False), (True, False), (True, True), (False, False)]
