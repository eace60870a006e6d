"""`/api/segments`: rules with a name, for lists, campaigns and other segments."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, definitions, listing, requests, warmth
from api.admin.definitions import Clock, Editor
from api.admin.endpoints import Endpoint
from api.admin.errors import ConflictError
from engine.definitions import changes, installation, nesting
from engine.definitions.folded import Definitions
from engine.definitions.nesting import DEFINED_MAX, LIVE_MAX, SegmentEntry
from engine.definitions.segments import Segment
from engine.errors import Flaw, InvalidDefinitionError
from streams.definitions import DefinitionsLog


class Segments:
    """Saved is in use: live ones are kept from then on, whoever names one asks its newest rule."""

    def __init__(self, *, log: DefinitionsLog, clock: Clock) -> None:
        self._log = log
        self._editor = Editor(kind="segments", log=log, clock=clock)

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        return definitions.endpoints("segments", Segment, self)

    async def list(self, request: Request) -> Response:
        """One page, by id."""
        known = self._log.current
        return listing.page(request, known.segments, lambda entry: shape(entry, known))

    async def get(self, request: Request) -> Response:
        """The newest version."""
        return _answer(self._existing(requests.path_id(request)), self._log.current)

    async def put(self, request: Request) -> Response:
        """Create or replace."""
        segment_id, seen = requests.path_id(request), requests.if_match(request)
        body = definitions.own_body(await requests.json_body(request), segment_id)
        try:
            segment = changes.decode_segment(body)
            check_rule(segment, self._log.current)
        except InvalidDefinitionError as error:
            raise definitions.refused(error) from error
        if not nesting.has_room(self._log.current.segments, segment_id, segment.mode):
            raise ConflictError(
                "too_many_segments",
                f"at most {DEFINED_MAX} segments, {LIVE_MAX} of them live: delete one, "
                'or save this one with "mode": "computed"',
            )
        after = await self._editor.save(segment_id, body, seen=seen)
        return _answer(after.segments[segment_id], after)

    async def delete(self, request: Request) -> Response:
        """Delete; not one that another definition names. Its members are members no more."""
        segment_id, seen = requests.path_id(request), requests.if_match(request)
        self._existing(segment_id)
        self._editor.check_seen(segment_id, seen)
        check_unused(segment_id, self._log.current)
        await self._editor.act(segment_id, "delete", seen=seen)
        return Response(status_code=204)

    async def versions(self, request: Request) -> Response:
        """Every version that was ever saved."""
        segment_id = requests.path_id(request)
        if segment_id not in self._log.current.segments:
            raise definitions.missing("segments", segment_id)
        return listing.versions(self._log, "segments", segment_id, read=changes.decode_segment)

    def _existing(self, segment_id: str) -> SegmentEntry:
        entry = self._log.current.segments.get(segment_id)
        if entry is None or entry.deleted:
            raise definitions.missing("segments", segment_id)
        return entry


def shape(entry: SegmentEntry, known: Definitions) -> object:
    """The segment, and where it stands; `warming`: how far the past of what it counts is."""
    return {
        **answers.fields(entry.latest),
        "version": max(entry.versions),
        "status": "saved",
        "revision": entry.revision,
        **warmth.of_segment(entry.latest, known),
    }


def check_rule(segment: Segment, known: Definitions) -> None:
    """See that its rule means something here, and does not lead back to it.

    Raises:
        InvalidDefinitionError: with the place and the node of each flaw.
    """
    if found := installation.segment_flaws(segment, known):
        raise InvalidDefinitionError(found)


def check_unused(segment_id: str, known: Definitions) -> None:
    """See that no other definition names it.

    Raises:
        ConflictError: with each that does.
    """
    users = installation.segment_users(segment_id, known)
    if users:
        raise ConflictError(
            "segment_in_use",
            f"named by {', '.join(users)}: take it out there first",
            flaws=[Flaw(path=user, message="names it") for user in users],
        )


def _answer(entry: SegmentEntry, known: Definitions) -> Response:
    return answers.json(shape(entry, known), revision=entry.revision)
