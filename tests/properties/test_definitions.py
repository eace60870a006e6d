"""What holds for every log of definitions, whatever stands in it."""

from collections.abc import Sequence

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from engine.definitions.changes import Action, Change, DefinitionKind
from engine.definitions.folded import Definitions
from engine.definitions.history import History

CAMPAIGN = b"""{"id": "a", "triggers": [{"id": "t", "type": "T01"}], "start": "s",
"steps": {"s": {"type": "send", "channel": "email", "template": "a"}}}"""
TEMPLATE = b'{"id": "a", "subject": "s", "text": "t"}'
SETTINGS = b'{"interest_days": 30, "features": {"category_interest": true}}'

ACTIONS: Sequence[Action] = ("put", "delete", "publish", "pause", "resume", "stop")
KINDS: Sequence[DefinitionKind] = ("campaigns", "templates", "settings")

IDS: Sequence[str] = ("a", "b", "settings")

bodies = st.sampled_from([CAMPAIGN, TEMPLATE, SETTINGS, b"null", b"{}", b"[" * 2_000]) | st.binary()
changes = st.builds(
    Change,
    change_id=st.just("c"),
    kind=st.sampled_from(KINDS),
    id=st.sampled_from(IDS),
    action=st.sampled_from(ACTIONS),
    based_on=st.integers(-1, 6),
    body=bodies.map(msgspec.Raw),
    at=st.just(0),
)
logs = st.lists(st.none() | changes, max_size=40)


def folded(log: Sequence[Change | None]) -> History:
    history = History()
    for offset, change in enumerate(log):
        history.append(change, offset=offset)
    return history


@given(logs)
def test_no_log_stops_a_process_and_void_changes_nothing_but_the_offset(
    log: Sequence[Change | None],
) -> None:
    before = Definitions()

    for entry in folded(log).after(-1):
        after = folded(log[: entry.offset + 1]).current
        assert after.offset == entry.offset
        if entry.is_void:
            assert msgspec.structs.replace(after, offset=before.offset) == before
        before = after


@given(logs, st.integers(-1, 39))
def test_the_fold_at_an_offset_is_the_fold_of_the_log_up_to_it(
    log: Sequence[Change | None], offset: int
) -> None:
    asked = min(offset, len(log) - 1)

    assert folded(log).at(asked) == folded(log[: asked + 1]).current


@given(logs)
def test_a_revision_grows_by_one_with_each_change_that_holds(
    log: Sequence[Change | None],
) -> None:
    history = folded(log)

    for kind in KINDS:
        for definition_id in IDS:
            held = history.applied_to(kind, definition_id)
            assert [entry.change.based_on for entry in held if entry.change] == [*range(len(held))]


@given(logs)
def test_only_live_campaigns_with_a_published_version_trigger(
    log: Sequence[Change | None],
) -> None:
    current = folded(log).current

    assert {live.campaign.id for live in current.triggers} == {
        campaign_id
        for campaign_id, entry in current.campaigns.items()
        if entry.status == "live" and not entry.deleted
    }
