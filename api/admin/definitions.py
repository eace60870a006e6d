"""What campaigns and templates have in common: revisions, conflicts, versions."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol, TypeAlias

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response

from api.admin import requests
from api.admin.endpoints import PAGING, Endpoint
from api.admin.errors import BadRequestError, ConflictError, NotFoundError
from engine.definitions import folded
from engine.definitions.audiences import AudienceEntry
from engine.definitions.changes import Action, Change, DefinitionKind
from engine.definitions.counters import MetricEntry
from engine.definitions.entries import CampaignEntry
from engine.definitions.folded import Definitions, TemplateEntry
from engine.definitions.nesting import SegmentEntry
from engine.definitions.policies import PolicyEntry
from engine.definitions.pools import PoolEntry
from engine.errors import Flaw, InvalidDefinitionError
from streams.definitions import Conflict, DefinitionsLog

log = structlog.get_logger(__name__)

Clock = Callable[[], int]
"""Epoch ms UTC."""

OURS: Final = (
    "version",
    "published_version",
    "status",
    "failure",
    "guard",
    "revision",
    "since",
    "made_at",
    "job",
)
"""Fields that an answer adds: taken back in a PUT, so that what was read can be sent again."""

NOTHING: Final = msgspec.Raw(b"null")

WORDS: Final[dict[DefinitionKind, str]] = {
    "campaigns": "campaign",
    "templates": "template",
    "policies": "policy",
    "segments": "segment",
    "audiences": "audience",
    "settings": "definition",
    "metrics": "metric",
    "rfm": "definition",
    "fanouts": "definition",
    "experiments": "experiment",
    "pools": "pool",
}


class Editor:
    """Changes definitions of one kind, on behalf of the holder of the admin token."""

    def __init__(self, *, kind: DefinitionKind, log: DefinitionsLog, clock: Clock) -> None:
        self._kind: DefinitionKind = kind
        self._log = log
        self._clock = clock

    async def save(self, definition_id: str, body: bytes, *, seen: int | None) -> Definitions:
        """Create it, or replace the revision that the editor saw.

        Raises:
            ConflictError: it exists and no revision was named, or it has moved on.
        """
        current = self._revision(definition_id)
        if seen is None and self._exists(definition_id):
            raise ConflictError(
                "exists",
                f"there is a {WORDS[self._kind]} {definition_id!r} already; "
                f'name the revision you saw: If-Match: "{current}"',
            )
        return await self._change(definition_id, "put", seen=seen, body=msgspec.Raw(body))

    async def act(
        self,
        definition_id: str,
        action: Action,
        *,
        seen: int | None,
        body: msgspec.Raw = NOTHING,
    ) -> Definitions:
        """Do something to what exists.

        Raises:
            ConflictError: it has moved on, or the action makes no sense now.
        """
        return await self._change(definition_id, action, seen=seen, body=body)

    def check_seen(self, definition_id: str, seen: int | None) -> None:
        """See that the editor saw the newest revision, where one was named.

        Raises:
            ConflictError: it has moved on.
        """
        current = self._revision(definition_id)
        if seen is not None and seen != current:
            raise _moved_on(self._kind, definition_id, seen=seen, current=current)

    async def _change(
        self,
        definition_id: str,
        action: Action,
        *,
        seen: int | None,
        body: msgspec.Raw = NOTHING,
    ) -> Definitions:
        self.check_seen(definition_id, seen)
        based_on = self._revision(definition_id)
        outcome = await self._log.change(
            Change(
                change_id=uuid.uuid4().hex,
                kind=self._kind,
                id=definition_id,
                action=action,
                based_on=based_on,
                body=body,
                at=self._clock(),
                by="admin",
            )
        )
        if isinstance(outcome, Conflict):
            current = folded.revision_of(outcome.definitions, self._kind, definition_id)
            raise _moved_on(self._kind, definition_id, seen=based_on, current=current)
        log.info(
            "definition_changed",
            kind=self._kind,
            id=definition_id,
            action=action,
            revision=based_on + 1,
            offset=outcome.offset,
        )
        return outcome.definitions

    def _revision(self, definition_id: str) -> int:
        return folded.revision_of(self._log.current, self._kind, definition_id)

    def _exists(self, definition_id: str) -> bool:
        if self._kind == "settings":
            return self._log.current.settings_revision > 0
        entry = entry_of(self._log.current, self._kind, definition_id)
        return entry is not None and not entry.deleted


class Handlers(Protocol):
    """What every kind of definition can be asked."""

    async def list(self, request: Request) -> Response:
        """One page, by id."""

    async def get(self, request: Request) -> Response:
        """As it stands."""

    async def put(self, request: Request) -> Response:
        """Create or replace."""

    async def delete(self, request: Request) -> Response:
        """Delete."""

    async def versions(self, request: Request) -> Response:
        """Every version that was ever saved."""


def endpoints(kind: DefinitionKind, shape: type, handlers: Handlers) -> Sequence[Endpoint]:
    """The routes that every kind has."""
    word, every = WORDS[kind], f"/api/{kind}"
    one = f"{every}/{{id}}"
    return (
        Endpoint(
            method="GET",
            path=every,
            handler=handlers.list,
            summary=f"List the {kind}, by id.",
            queries=PAGING,
            answer=shape,
            statuses=(400,),
        ),
        Endpoint(
            method="GET",
            path=one,
            handler=handlers.get,
            summary=f"A {word} as it stands; its revision is the ETag.",
            answer=shape,
            statuses=(404,),
        ),
        Endpoint(
            method="PUT",
            path=one,
            handler=handlers.put,
            summary=f"Create a {word}; with If-Match, replace the revision seen.",
            body=shape,
            answer=shape,
            statuses=(400, 409, 413, 415, 503),
        ),
        Endpoint(
            method="DELETE",
            path=one,
            handler=handlers.delete,
            summary=f"Delete a {word}; its versions stay readable.",
            statuses=(404, 409, 503),
            success=204,
        ),
        Endpoint(
            method="GET",
            path=f"{one}/versions",
            handler=handlers.versions,
            summary=f"Every version of a {word}, newest first.",
            statuses=(404,),
        ),
    )


Entry: TypeAlias = (
    CampaignEntry
    | TemplateEntry
    | PolicyEntry
    | PoolEntry
    | SegmentEntry
    | AudienceEntry
    | MetricEntry
)

_ENTRIES: Final[Mapping[str, Callable[[Definitions], Mapping[str, Entry]]]] = {
    "campaigns": lambda known: known.campaigns,
    "templates": lambda known: known.templates,
    "policies": lambda known: known.policies,
    "pools": lambda known: known.pools,
    "segments": lambda known: known.segments,
    "audiences": lambda known: known.audiences,
    "metrics": lambda known: known.metrics,
}


def entry_of(definitions: Definitions, kind: DefinitionKind, definition_id: str) -> Entry | None:
    """Find a definition, deleted or not; there is none of a kind that nobody writes by hand."""
    entries = _ENTRIES.get(kind)
    return None if entries is None else entries(definitions).get(definition_id)


def own_body(body: bytes, definition_id: str) -> bytes:
    """The definition alone: without what answers add, and with the id of the path.

    Raises:
        BadRequestError: no JSON object, or another id stands in it.
    """
    fields = requests.decoded(body, dict[str, msgspec.Raw])
    for name in OURS:
        fields.pop(name, None)
    own_id = msgspec.Raw(msgspec.json.encode(definition_id))
    if requests.decoded(bytes(fields.setdefault("id", own_id)), str) != definition_id:
        flaw = Flaw(path="id", message=f"the path says {definition_id!r}")
        raise BadRequestError("invalid_definition", "id: not the one of the path", flaws=[flaw])
    return msgspec.json.encode(fields)


def refused(error: InvalidDefinitionError) -> BadRequestError:
    """A definition that is none, with every place."""
    return BadRequestError(error.code, str(error), flaws=error.flaws)


def missing(kind: DefinitionKind, definition_id: str) -> NotFoundError:
    """There is no such definition, or none any more."""
    return NotFoundError(WORDS[kind], definition_id)


def _moved_on(
    kind: DefinitionKind, definition_id: str, *, seen: int, current: int
) -> ConflictError:
    return ConflictError(
        "stale_revision",
        f"the {WORDS[kind]} {definition_id!r} has revision {current} now, not {seen}: "
        "read it again, then repeat the change",
    )
