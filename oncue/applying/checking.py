"""What the API would refuse of a folder, found before anything is changed.

The folder is folded together with what stands beside it in the installation, and asked what the
API asks when it saves and publishes; the API asks again. What the installation has already is not
asked again, unless something may be deleted that it needs.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from api.admin import campaigns, policies, rehearsals
from api.admin.requests import BODY_MAX_BYTES
from api.errors import ProblemError
from engine.definitions import changes, pools
from engine.definitions.entries import CampaignEntry
from engine.definitions.folded import Definitions
from engine.definitions.pools import PoolEntry
from engine.errors import Flaw, InvalidDefinitionError
from oncue import definitions
from oncue.applying.documents import Key, Standing, Wanted
from oncue.applying.errors import WrongFilesError
from oncue.applying.folder import Folder
from oncue.applying.planning import Step
from oncue.definitions import Found

STAYS: Final = frozenset({"stopped"})
"""Statuses of what --prune does not delete."""


def check(
    folder: Folder, standing: Mapping[Key, Standing], steps: Sequence[Step], *, prunes: bool
) -> None:
    """See that every file that is to be applied can be.

    Args:
        steps: The plan.

    Raises:
        WrongFilesError: with every flaw, its file, place and node.
    """
    if prunes and not folder.found:
        raise WrongFilesError(
            ["the folder holds no definition: --prune would delete all there are"]
        )
    beside = [*folder.found, *_others(folder, standing, prunes=prunes)]
    known = definitions.fold(definitions.made_of(beside, at=0))
    asked = {step.key for step in steps if prunes or step.what != "same"}
    pairs = [
        (file, one)
        for file, one in zip(folder.found, folder.wanted, strict=True)
        if one.key in asked
    ]
    found = [file for file, _ in pairs]
    flaws = [
        *_too_large(found),
        *definitions.rule_flaws(found, known, beside=beside),
        *_policy_flaws(found, known),
        *_pool_flaws(found, standing),
    ]
    flaws = flaws or asyncio.run(_publishing_flaws(pairs, known))
    if flaws:
        raise WrongFilesError(flaws)


def _others(folder: Folder, standing: Mapping[Key, Standing], *, prunes: bool) -> Iterator[Found]:
    """What the installation has besides, and will have."""
    here = {one.key for one in folder.wanted}
    for key, one in standing.items():
        is_kept = not prunes or key.kind == "settings" or one.status in STAYS
        if key not in here and is_kept:
            yield Found(file=str(key), kind=key.kind, id=key.id, body=one.body)


def _too_large(found: Sequence[Found]) -> Iterator[str]:
    for one in found:
        if len(one.body) > BODY_MAX_BYTES:
            yield f"{one.file}: larger than the {BODY_MAX_BYTES} bytes that the API takes"


def _policy_flaws(found: Sequence[Found], known: Definitions) -> Iterator[str]:
    for one in found:
        if one.kind != "policies":
            continue
        try:
            policies.check(changes.decode_policy(one.body), known)
        except InvalidDefinitionError as error:
            yield from (definitions.told(one.file, flaw) for flaw in error.flaws)


def _pool_flaws(found: Sequence[Found], standing: Mapping[Key, Standing]) -> Iterator[str]:
    """Codes that would stand at another place than in the installation."""
    for one in found:
        there = standing.get(Key(one.kind, one.id))
        if one.kind == "pools" and there is not None:
            before = PoolEntry(revision=1, latest=changes.decode_pool(there.body))
            flaws = pools.flaws_after(changes.decode_pool(one.body), {one.id: before})
            yield from (definitions.told(one.file, flaw) for flaw in flaws)


async def _publishing_flaws(pairs: Sequence[tuple[Found, Wanted]], known: Definitions) -> list[str]:
    """Of campaigns that are to run: templates, policy, and the tests where they are required."""
    found: list[str] = []
    for file, one in pairs:
        entry = known.campaigns.get(one.key.id)
        if entry is not None and one.runs:
            flaws = await _entry_flaws(entry, known)
            found += [definitions.told(file.file, flaw) for flaw in flaws]
    return found


async def _entry_flaws(entry: CampaignEntry, known: Definitions) -> Sequence[Flaw]:
    try:
        campaigns.check_templates(entry.draft, known)
        campaigns.check_policy(entry.draft, known)
        await rehearsals.check(entry.draft, known)
    except ProblemError as error:
        return error.flaws
    return ()
