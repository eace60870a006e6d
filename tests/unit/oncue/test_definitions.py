"""A folder of definitions becomes what the API would have made of it, or says what is wrong."""

from pathlib import Path
from typing import Final

import pytest

from engine.definitions import folded
from engine.definitions.folded import Definitions
from oncue import definitions
from oncue.definitions import InvalidFolderError
from oncue.up import keeping
from tests.support.metrics import defined, metric

CAMPAIGN: Final = """{"id": "cart", "triggers": [{"id": "t1", "type": "T01"}], "start": "s1",
 "steps": {"s1": {"type": "send", "channel": "email", "template": "mail"}}}"""
TEMPLATE: Final = '{"id": "mail", "channel": "email", "subject": "Hello", "text": "You there?"}'


def folder(root: Path, **files: str) -> Path:
    """Write `campaigns__cart` to `campaigns/cart.json`."""
    for name, body in files.items():
        path = root / f"{name.replace('__', '/')}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(body)
    return root


def flaws_of(root: Path) -> list[str]:
    with pytest.raises(InvalidFolderError) as caught:
        definitions.load(root, at=0)
    return caught.value.flaws


def test_a_campaign_in_a_folder_counts_as_published(tmp_path: Path) -> None:
    loaded = definitions.load(
        folder(tmp_path, campaigns__cart=CAMPAIGN, templates__mail=TEMPLATE), at=7
    )

    entry = loaded.definitions.live("cart")
    assert entry is not None
    assert entry.published is not None
    assert [live.trigger.id for live in loaded.definitions.triggers] == ["t1"]
    assert loaded.warnings == []


def test_the_changes_fold_to_the_same_definitions_elsewhere(tmp_path: Path) -> None:
    loaded = definitions.load(
        folder(tmp_path, campaigns__cart=CAMPAIGN, templates__mail=TEMPLATE), at=7
    )

    elsewhere = Definitions()
    for offset, change in enumerate(loaded.changes):
        applied = folded.fold(elsewhere, change, offset=offset)
        assert not applied.is_void
        elsewhere = applied.definitions

    assert elsewhere == loaded.definitions


def test_a_body_without_an_id_has_the_files_name(tmp_path: Path) -> None:
    body = TEMPLATE.replace('"id": "mail", ', "")

    loaded = definitions.load(folder(tmp_path, templates__mail=body), at=0)

    assert loaded.definitions.templates["mail"].latest.id == "mail"


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("{", "campaigns/cart.json: Input data was truncated"),
        ("[]", "campaigns/cart.json: Expected `object`, got `array`"),
        (
            CAMPAIGN.replace('"cart"', '"other"'),
            "campaigns/cart.json: id: 'other' is not the file's name",
        ),
        (
            CAMPAIGN.replace('"T01"', '"T01", "params": {"idle": "soon"}'),
            (
                "campaigns/cart.json: triggers[0].params.idle: 'soon' is no duration: "
                'write it like "90s", "30m", "12h" or "7d"'
            ),
        ),
        (
            CAMPAIGN.replace('"start": "s1"', '"start": "s2"'),
            "campaigns/cart.json: start: there is no step 's2'",
        ),
    ],
)
def test_a_flaw_is_told_with_file_and_place(tmp_path: Path, body: str, line: str) -> None:
    assert flaws_of(folder(tmp_path, campaigns__cart=body, templates__mail=TEMPLATE)) == [line]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (('"T01"', '"T99"'), "triggers[0].type: Invalid value 'T99': one of T01, T02,"),
        (('"send"', '"mail"'), "steps.s1.type: Invalid value 'mail': one of ab_test, branch,"),
    ],
)
def test_a_type_that_is_none_is_told_with_those_there_are(
    tmp_path: Path, wrong: tuple[str, str], told: str
) -> None:
    body = CAMPAIGN.replace(*wrong)

    [line] = flaws_of(folder(tmp_path, campaigns__cart=body, templates__mail=TEMPLATE))

    assert line.startswith(f"campaigns/cart.json: {told}")


def test_a_template_that_does_not_compile_is_told_with_its_line(tmp_path: Path) -> None:
    body = TEMPLATE.replace("You there?", "You{% if %}")

    (flaw,) = flaws_of(folder(tmp_path, templates__mail=body))

    assert flaw.startswith("templates/mail.json: text: line 1: ")


def test_the_settings_are_one_file(tmp_path: Path) -> None:
    loaded = definitions.load(folder(tmp_path, settings='{"timezone": "Europe/Berlin"}'), at=0)

    assert loaded.definitions.settings.timezone == "Europe/Berlin"


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ('{"interest_days": 0}', "settings.json: interest_days: from 1 to 366 days"),
        (
            '{"timezone": "Mars/Olympus"}',
            (
                "settings.json: timezone: 'Mars/Olympus' is no time zone: "
                'write it like "Europe/Berlin" or "UTC"'
            ),
        ),
    ],
)
def test_settings_are_checked_as_by_put(tmp_path: Path, body: str, line: str) -> None:
    assert flaws_of(folder(tmp_path, settings=body)) == [line]


def test_every_flaw_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    root = folder(
        tmp_path, campaigns__cart="{", templates__mail='{"subject": ""}', segments__vip="{}"
    )

    assert flaws_of(root) == [
        "campaigns/cart.json: Input data was truncated",
        "segments/vip.json: Object missing required field `rule`",
        "templates/mail.json: html: a template needs html or text",
        "templates/mail.json: subject: an email needs a subject",
    ]


def test_a_folder_that_is_not_there_is_a_flaw(tmp_path: Path) -> None:
    assert flaws_of(tmp_path / "gone") == [f"{tmp_path / 'gone'}: no such folder"]


def test_a_campaign_whose_template_is_missing_runs_with_a_warning(tmp_path: Path) -> None:
    loaded = definitions.load(folder(tmp_path, campaigns__cart=CAMPAIGN), at=0)

    assert loaded.warnings == [
        "campaigns/cart.json: steps.s1.template: no template 'mail', so nothing will be sent"
    ]


def test_a_folder_without_campaigns_is_warned_of(tmp_path: Path) -> None:
    assert definitions.load(tmp_path, at=0).warnings == [f"{tmp_path}: no campaign in campaigns/"]


def test_metrics_are_files_that_are_written_and_read_again(tmp_path: Path) -> None:
    written = defined(metric("views", event="Product Viewed", window="30d")).metrics
    keeping.write(tmp_path, Definitions(metrics=written))

    read = definitions.load(tmp_path / keeping.FOLDER, at=0).definitions.metrics

    assert {name: entry.latest for name, entry in read.items()} == {
        name: entry.latest for name, entry in written.items()
    }


def test_a_metric_that_is_none_is_told_with_its_file_and_place(tmp_path: Path) -> None:
    folder = tmp_path / "metrics"
    folder.mkdir()
    (folder / "views.json").write_text('{"aggregate": "count", "window": "90s"}')

    with pytest.raises(InvalidFolderError) as refused:
        definitions.load(tmp_path, at=0)

    [flaw] = refused.value.flaws
    assert flaw.startswith("metrics/views.json: window:")


def test_policies_of_a_folder_are_read_and_kept(tmp_path: Path) -> None:
    folder = tmp_path / "given" / "policies"
    folder.mkdir(parents=True)
    (folder / "night.json").write_text('{"quiet_hours": {"smear": "1h"}}')
    read = definitions.load(tmp_path / "given", at=0).definitions

    keeping.write(tmp_path, read)

    again = definitions.load(tmp_path / keeping.FOLDER, at=0).definitions
    assert again.policies["night"].latest == read.policies["night"].latest
    assert again.policies["night"].latest.quiet_hours is not None


def test_a_policy_that_is_none_is_told_with_its_file_and_place(tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "night.json").write_text('{"quiet_hours": {"windows": []}}')

    with pytest.raises(InvalidFolderError) as refused:
        definitions.load(tmp_path, at=0)

    assert refused.value.flaws[0].startswith("policies/night.json: quiet_hours.windows:")


def test_segments_of_a_folder_are_applied_behind_those_they_name_and_kept(tmp_path: Path) -> None:
    folder = tmp_path / "given" / "segments"
    folder.mkdir(parents=True)
    (folder / "a.json").write_text('{"rule": {"op": "in_segment", "segment": "b"}}')
    (folder / "b.json").write_text('{"rule": {"op": "attr", "path": "age", "value": 30}}')
    read = definitions.load(tmp_path / "given", at=0).definitions

    keeping.write(tmp_path, read)

    again = definitions.load(tmp_path / keeping.FOLDER, at=0).definitions
    assert again.segment_rules == read.segment_rules
    assert set(again.segment_rules.by_id) == {"a", "b"}


def test_segments_in_a_circle_are_told_with_their_files(tmp_path: Path) -> None:
    folder = tmp_path / "segments"
    folder.mkdir()
    (folder / "a.json").write_text('{"rule": {"op": "in_segment", "segment": "b"}}')
    (folder / "b.json").write_text('{"rule": {"op": "in_segment", "segment": "a"}}')

    with pytest.raises(InvalidFolderError) as refused:
        definitions.load(tmp_path, at=0)

    assert [one.partition(":")[0] for one in refused.value.flaws] == [
        "segments/a.json",
        "segments/b.json",
    ]
