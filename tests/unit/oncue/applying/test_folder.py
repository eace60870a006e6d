"""A folder of definitions is read whole or refused, and written as `oncue up` keeps it."""

from pathlib import Path

import pytest

from oncue.applying import checking, folder, planning
from oncue.applying.documents import Key, Standing, Wanted
from oncue.applying.errors import WrongFilesError
from tests.support.filed import campaign, segment, standing, template

MAIL = '{"channel": "email", "subject": "Hello", "text": "You there?"}'


def written(root: Path, **files: str) -> Path:
    """Write `campaigns__cart` to `campaigns/cart.json`."""
    for name, body in files.items():
        path = root / f"{name.replace('__', '/')}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(body)
    return root


def installation(*standing: Standing) -> dict[Key, Standing]:
    return {one.key: one for one in standing}


def flaws_of(root: Path, there: dict[Key, Standing], *, prunes: bool = False) -> list[str]:
    with pytest.raises(WrongFilesError) as caught:
        check(root, there, prunes=prunes)
    return caught.value.flaws


def check(root: Path, there: dict[Key, Standing], *, prunes: bool = False) -> None:
    read = folder.read(root)
    steps = planning.plan(read.wanted, there, prunes=prunes)
    checking.check(read, there, steps, prunes=prunes)


def everything() -> dict[Key, Standing]:
    return installation(
        standing("settings", "settings", {"currency": "EUR"}, revision=2),
        standing("templates", "a/b", template()),
        standing("segments", "grown", segment()),
        standing("campaigns", "live", campaign("New"), status="live", published=campaign("Old")),
        standing("campaigns", "draft", campaign(), status="draft"),
        standing("campaigns", "paused", campaign(), status="paused", published=campaign()),
        standing("campaigns", "stopped", campaign(), status="stopped", published=campaign()),
    )


def test_what_is_exported_is_the_same_as_what_is_there(tmp_path: Path) -> None:
    there = everything()

    folder.write(tmp_path, there)
    steps = planning.plan(folder.read(tmp_path).wanted, there, prunes=True)

    assert {step.what for step in steps} == {"same"}
    assert sorted(str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*.json")) == [
        "campaigns/draft.json",
        "campaigns/live.json",
        "campaigns/paused.json",
        "segments/grown.json",
        "settings.json",
        "state.json",
        "templates/a%2Fb.json",
    ]


def test_what_switched_itself_off_is_exported_as_paused(tmp_path: Path) -> None:
    failed = standing("campaigns", "cart", campaign(), status="failed", published=campaign())

    folder.write(tmp_path, installation(failed))

    [found] = folder.read(tmp_path).wanted
    assert found.is_paused


def test_an_export_applied_elsewhere_is_exported_as_the_same_bytes(tmp_path: Path) -> None:
    """But for who is paused: elsewhere that is a draft."""
    folder.write(tmp_path / "one", everything())
    read = folder.read(tmp_path / "one")

    folder.write(tmp_path / "two", installation(*(applied(one) for one in read.wanted)))

    one, two = bytes_of(tmp_path / "one"), bytes_of(tmp_path / "two")
    assert b'"draft",' in two.pop("state.json")
    assert {**one, "state.json": b""} == {**two, "state.json": b""}


def applied(one: Wanted) -> Standing:
    """What becomes of a file where there was nothing."""
    return Standing(
        key=one.key,
        revision=1,
        body=one.body,
        status="live" if one.runs else "draft" if one.key.kind == "campaigns" else "saved",
        published=one.body if one.runs else None,
    )


def bytes_of(root: Path) -> dict[str, bytes]:
    return {str(file.relative_to(root)): file.read_bytes() for file in root.rglob("*.json")}


def test_an_export_writes_a_line_for_each_value_and_ends_the_last(tmp_path: Path) -> None:
    folder.write(tmp_path, installation(standing("templates", "mail", template())))

    assert (tmp_path / "templates" / "mail.json").read_text() == (
        '{\n  "id": "mail",\n  "subject": "Still there?",\n  "text": "Hello"\n}\n'
    )


def test_an_export_removes_nothing_and_says_what_it_left(tmp_path: Path) -> None:
    written(tmp_path, templates__old=MAIL, notes__plan="{}")

    done = folder.write(tmp_path, installation(standing("templates", "mail", template())))

    assert done == folder.Written(1, 0, ["templates/old.json"])
    assert (tmp_path / "templates" / "old.json").read_text() == MAIL


def test_a_file_keeps_its_spelling_of_the_id(tmp_path: Path) -> None:
    written(tmp_path, **{"templates__a b": MAIL})

    folder.write(tmp_path, installation(standing("templates", "a b", template())))

    assert [file.name for file in (tmp_path / "templates").iterdir()] == ["a b.json"]


def test_two_files_for_one_definition_are_refused(tmp_path: Path) -> None:
    written(tmp_path, **{"templates__a b": MAIL, "templates__a%20b": MAIL})

    assert flaws_of(tmp_path, {}) == [
        f"templates/{name}.json: another file is named for 'a b', too: remove one of them"
        for name in ("a b", "a%20b")
    ]


def test_a_state_that_is_none_is_refused_with_its_file(tmp_path: Path) -> None:
    written(tmp_path, state='{"paused": 1}')

    [flaw] = flaws_of(tmp_path, {})

    assert flaw.startswith("state.json: ")


def test_a_folder_with_a_mistyped_name_is_told(tmp_path: Path) -> None:
    written(tmp_path, segment__grown="{}", templates__mail=MAIL)

    assert folder.read(tmp_path).unread == ["segment"]


def test_a_flaw_is_told_with_file_place_and_node(tmp_path: Path) -> None:
    written(
        tmp_path,
        segments__both='{"rule": {"op": "in_segment", "id": "n7", "segment": "nobody"}}',
    )

    [flaw] = flaws_of(tmp_path, {})

    assert flaw.startswith("segments/both.json: rule")
    assert flaw.endswith("(node n7)")


def test_a_folder_may_name_what_only_the_installation_has(tmp_path: Path) -> None:
    written(tmp_path, segments__both='{"rule": {"op": "in_segment", "segment": "grown"}}')
    there = installation(standing("segments", "grown", segment()))

    check(tmp_path, there)

    assert flaws_of(tmp_path, there, prunes=True)


def test_a_campaign_without_its_template_is_refused_before_anything_is_changed(
    tmp_path: Path,
) -> None:
    folder.write(
        tmp_path,
        installation(
            standing("campaigns", "cart", campaign(), status="live", published=campaign())
        ),
    )

    assert flaws_of(tmp_path, {}) == [
        "campaigns/cart.json: steps.s1.template: there is no template 'mail'"
    ]


def test_to_prune_by_an_empty_folder_is_refused(tmp_path: Path) -> None:
    [flaw] = flaws_of(tmp_path, everything(), prunes=True)

    assert flaw == "the folder holds no definition: --prune would delete all there are"


def test_a_draft_may_lack_its_template(tmp_path: Path) -> None:
    folder.write(tmp_path, installation(standing("campaigns", "x", campaign(), status="draft")))

    check(tmp_path, {})


def test_what_the_installation_has_already_is_not_refused(tmp_path: Path) -> None:
    """Its template was deleted, say, while it was stopped."""
    there = installation(
        standing("campaigns", "cart", campaign(), status="live", published=campaign())
    )

    folder.write(tmp_path, there)

    check(tmp_path, there)


def test_codes_of_a_pool_that_would_move_are_told_before_anything_is_changed(
    tmp_path: Path,
) -> None:
    there = installation(standing("pools", "spring", {"codes": ["A", "B"]}))
    moved = written(tmp_path / "moved", pools__spring='{"codes": ["B", "A"]}')
    added = written(tmp_path / "added", pools__spring='{"codes": ["A", "B", "C"]}')

    [line] = flaws_of(moved, there)
    check(added, there)

    assert line.startswith("pools/spring.json: codes: ")
