"""Definitions outlive the embedded broker: kept as files in `DIR/definitions`, applied at start.

The files are those of a folder of definitions (`oncue.definitions`), so they can be edited, copied
and simulated; `state.json` beside them tells which campaigns are not live.
"""

import asyncio
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import quote

import msgspec

from engine.definitions import settings
from engine.definitions.campaigns import Campaign
from engine.definitions.changes import Change
from engine.definitions.entries import RESTING, CampaignEntry
from engine.definitions.folded import Definitions
from oncue import definitions
from streams.definitions import Conflict, DefinitionsLog
from streams.producer import Producer

FOLDER: Final = "definitions"
STATE_FILE: Final = "state.json"
SETTINGS_FILE: Final = f"{settings.ID}.json"

LOOK_EVERY_S: Final = 1.0
"""How much of a change a kill -9 of the supervisor may cost."""


class KeptState(msgspec.Struct, frozen=True, kw_only=True):
    """What the files alone do not say."""

    drafts: tuple[str, ...] = ()
    """Campaigns that were never published."""
    paused: tuple[str, ...] = ()
    """Or switched off by themselves: no restart switches them on."""


async def apply(data: Path, *, brokers: str, at: int) -> int:
    """Append what the files say to an empty log of definitions; return how many changes.

    Raises:
        InvalidFolderError: the files are no definitions.
        StreamError: the broker does not take them.
    """
    folder = data / FOLDER
    if not folder.is_dir():
        return 0
    changes = list(_wanted(definitions.load(folder, at=at).changes, state(folder)))
    async with (
        Producer(brokers=brokers) as producer,
        DefinitionsLog(brokers=brokers, producer=producer) as log,
    ):
        if log.current.offset >= 0:
            return 0
        for change in changes:
            if isinstance(await log.change(change), Conflict):
                raise definitions.InvalidFolderError([f"{change.kind}/{change.id}: is void"])
    return len(changes)


class _Entry(Protocol):
    """A definition in the fold."""

    @property
    def deleted(self) -> bool: ...

    @property
    def latest(self) -> msgspec.Struct: ...


async def keep(data: Path, *, brokers: str) -> None:
    """Follow the log and keep the files as it stands, until cancelled.

    Raises:
        StreamError: the log cannot be followed any more.
    """
    async with DefinitionsLog(brokers=brokers) as log:
        following = asyncio.create_task(log.failed())
        kept = None
        try:
            while not following.done():
                if log.current is not kept:
                    kept = log.current
                    write(data, kept)
                await asyncio.wait({following}, timeout=LOOK_EVERY_S)
            await following
        finally:
            # What came since the last look is not lost by an orderly end.
            write(data, log.current)


def write(data: Path, current: Definitions) -> None:
    """Make the files what the definitions are; each is replaced in one step."""
    wanted = dict(_files(current))
    folder = data / FOLDER
    for kind in ("campaigns", "templates", "policies", "pools", "segments", "metrics"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for old in (folder / kind).glob("*.json"):
            if f"{kind}/{old.name}" not in wanted:
                old.unlink()
    for name, body in wanted.items():
        replace(folder / name, body)


def _files(current: Definitions) -> Iterator[tuple[str, bytes]]:
    campaigns = {
        name: entry
        for name, entry in current.campaigns.items()
        if not entry.deleted and entry.status != "stopped"
    }
    for name, entry in campaigns.items():
        yield f"campaigns/{file_name(name)}", _encoded(_shown(entry))
    kinds: dict[str, Mapping[str, _Entry]] = {
        "templates": current.templates,
        "policies": current.policies,
        "pools": current.pools,
        "segments": current.segments,
        "metrics": current.metrics,
    }
    for kind, entries in kinds.items():
        for name, found in entries.items():
            if not found.deleted:
                yield f"{kind}/{file_name(name)}", _encoded(found.latest)
    if current.settings_revision:
        yield SETTINGS_FILE, _encoded(current.settings)
    yield STATE_FILE, _encoded(_told(campaigns))


def _shown(entry: CampaignEntry) -> Campaign:
    """What runs, rather than what is being written."""
    return entry.draft if entry.published is None else entry.published


def _told(campaigns: Mapping[str, CampaignEntry]) -> KeptState:
    return KeptState(
        drafts=tuple(sorted(n for n, entry in campaigns.items() if entry.status == "draft")),
        paused=tuple(sorted(n for n, entry in campaigns.items() if entry.status in RESTING)),
    )


def _wanted(changes: list[Change], kept: KeptState) -> Iterator[Change]:
    """A folder's campaigns count as published; ours may have been drafts, or paused."""
    for change in changes:
        if change.action == "publish" and change.id in kept.drafts:
            continue
        yield change
        if change.action == "publish" and change.id in kept.paused:
            yield msgspec.structs.replace(
                change,
                action="pause",
                based_on=change.based_on + 1,
                change_id=f"{change.change_id}/pause",
            )


def state(folder: Path) -> KeptState:
    """Which campaigns are not live; where nothing is said, all are.

    Raises:
        msgspec.DecodeError: the file says something else.
    """
    try:
        return msgspec.json.decode((folder / STATE_FILE).read_bytes(), type=KeptState)
    except FileNotFoundError:
        return KeptState()


def file_name(name: str) -> str:
    """An id may hold anything; what no file may be called is percent-encoded."""
    return f"{quote(name, safe='')}.json"


def pretty(body: bytes) -> bytes:
    """JSON as a file holds it: a line for each value, so that git shows which one changed."""
    return msgspec.json.format(body, indent=2) + b"\n"


def _encoded(body: msgspec.Struct) -> bytes:
    return pretty(msgspec.json.encode(body))


def replace(path: Path, body: bytes) -> bool:
    """Make it the file's content in one step; whether it was not that before."""
    if path.exists() and path.read_bytes() == body:
        return False
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(body)
    draft.replace(path)
    return True
