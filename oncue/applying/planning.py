"""What is to be done so that the installation has what a folder says: no network, no files.

A folder decides what definitions say and that its campaigns run. It does not decide against an
operator: a campaign that was paused or stopped by hand gets the new draft and stays as it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal, TypeAlias

import msgspec

from engine.definitions import differences
from engine.definitions.differences import Difference
from oncue.applying import ordering
from oncue.applying.documents import Key, Standing, Wanted

Verb: TypeAlias = Literal["reserve", "put", "publish", "delete"]
"""`reserve`: a draft that does nothing, for others to name."""

What: TypeAlias = Literal["new", "changed", "unpublished", "missing", "same"]

SAVED_ONLY: Final = "it is paused where the folder comes from: a draft here, until it is published"


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One definition: how it differs, and what to do about it."""

    key: Key
    what: What
    verbs: tuple[Verb, ...] = ()
    body: bytes = b""
    """Of what is put."""
    seen: int | None = None
    """The revision it is based on; None: it is not there."""
    differences: tuple[Difference, ...] = ()
    note: str = ""
    """What is left as it is, and why."""


def plan(wanted: Sequence[Wanted], standing: Mapping[Key, Standing], *, prunes: bool) -> list[Step]:
    """Every definition, in the order in which each can be carried out.

    Args:
        prunes: Whether what the folder does not have is to be deleted.
    """
    ordered = ordering.ordered(wanted)
    steps = [step(one, standing.get(one.key)) for one in ordered]
    named = ordering.named_too_early(ordered) - standing.keys()
    reserved = [Step(key=key, what="new", verbs=("reserve",)) for key in sorted(named)]
    here = {one.key for one in wanted}
    return [*_inserted(reserved, steps), *_missing(here, standing, prunes=prunes)]


def step(wanted: Wanted, there: Standing | None) -> Step:
    """What one definition of the folder asks for."""
    if there is None:
        note = SAVED_ONLY if wanted.is_paused else ""
        return Step(key=wanted.key, what="new", verbs=_made(wanted), body=wanted.body, note=note)
    if wanted.key.kind != "campaigns":
        found = _differences(there.body, wanted.body)
        return _step(wanted, there, found=found, verbs=("put",))
    if wanted.runs and there.status == "draft":
        return _running(wanted, there)
    if not wanted.is_draft and there.status == "live":
        return _running(wanted, there)
    if wanted.runs and there.status == "failed" and _differences(there.shown, wanted.body):
        # Another version than the one that switched itself off: this is what it waits for.
        return _running(wanted, there)
    return _left(wanted, there)


def _made(wanted: Wanted) -> tuple[Verb, ...]:
    return ("put", "publish") if wanted.runs else ("put",)


def _running(wanted: Wanted, there: Standing) -> Step:
    """It is to run as the folder has it."""
    is_live = there.status == "live"
    found = _differences(there.shown, wanted.body)
    is_drafted = not _differences(there.body, wanted.body)
    if is_live and not found:
        note = "" if is_drafted else "there is a newer draft there, which is left"
        return Step(key=wanted.key, what="same", seen=there.revision, note=note)
    return Step(
        key=wanted.key,
        what="changed" if found else "unpublished",
        verbs=("publish",) if is_drafted else ("put", "publish"),
        body=wanted.body,
        seen=there.revision,
        differences=tuple(found),
    )


def _left(wanted: Wanted, there: Standing) -> Step:
    """It is a draft, or somebody took it out of service: no more than the draft is saved."""
    note = ""
    if wanted.is_paused and there.status == "draft":
        note = SAVED_ONLY
    elif wanted.runs or (wanted.is_paused and there.status == "stopped"):
        note = f"it is {there.status} there, and stays so until somebody publishes it there"
    found = _differences(there.shown, wanted.body)
    if not _differences(there.body, wanted.body):
        found = []
    return _step(wanted, there, found=found, verbs=("put",), note=note)


def _step(
    wanted: Wanted,
    there: Standing,
    *,
    found: Sequence[Difference],
    verbs: tuple[Verb, ...],
    note: str = "",
) -> Step:
    return Step(
        key=wanted.key,
        what="changed" if found else "same",
        verbs=verbs if found else (),
        body=wanted.body,
        seen=there.revision,
        differences=tuple(found),
        note=note,
    )


def _missing(here: set[Key], standing: Mapping[Key, Standing], *, prunes: bool) -> Iterator[Step]:
    """What is there alone, in the order in which it can be deleted."""
    found = [
        Wanted(key=one.key, body=one.body)
        for one in standing.values()
        if one.key not in here and one.key.kind != "settings" and one.status != "stopped"
    ]
    for one in reversed(ordering.ordered(found)):
        yield Step(
            key=one.key,
            what="missing",
            verbs=("delete",) if prunes else (),
            seen=standing[one.key].revision,
        )


def _inserted(reserved: Sequence[Step], steps: Sequence[Step]) -> list[Step]:
    """Before the first campaign, since any may name one."""
    place = next((at for at, one in enumerate(steps) if one.key.kind == "campaigns"), len(steps))
    return [*steps[:place], *reserved, *steps[place:]]


def _differences(before: bytes, after: bytes) -> list[Difference]:
    return differences.differences(msgspec.json.decode(before), msgspec.json.decode(after))
