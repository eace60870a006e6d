"""`/api/audiences`: lists of customers with a tag, frozen when they are made (M050, M051)."""

from collections.abc import Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api.admin import (
    answers,
    choosing,
    definitions,
    listing,
    paging,
    progress,
    quickactions,
    requests,
)
from api.admin.choosing import Choice
from api.admin.definitions import Clock, Editor
from api.admin.endpoints import PAGING, Endpoint
from api.admin.errors import ConflictError
from api.jobs import audiences as orders
from api.jobs import jobs
from api.jobs.running import Runner
from clickhouse.client import Reader
from clickhouse.queries import jobs as queries
from engine.definitions import audiences, changes
from engine.definitions.audiences import AUDIENCES_MAX, Audience, AudienceEntry
from engine.errors import Flaw, InvalidDefinitionError
from streams.definitions import DefinitionsLog

ONE = "/api/audiences/{id}"


class Audiences:
    """Saving one makes it: its members are chosen once and tagged by a job."""

    def __init__(
        self, *, reader: Reader, runner: Runner, log: DefinitionsLog, clock: Clock
    ) -> None:
        self._reader = reader
        self._runner = runner
        self._log = log
        self._clock = clock
        self._editor = Editor(kind="audiences", log=log, clock=clock)

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        return (
            *definitions.endpoints("audiences", Audience, self),
            Endpoint(
                method="GET",
                path=f"{ONE}/members",
                handler=self.members,
                summary="Who has the tag of the audience, by id.",
                queries=PAGING,
                statuses=(400, 404, 503),
            ),
        )

    async def list(self, request: Request) -> Response:
        """One page, by id."""
        return listing.page(request, self._log.current.audiences, shape)

    async def get(self, request: Request) -> Response:
        """The audience, with the job that made it."""
        entry = self._existing(requests.path_id(request))
        found = await queries.get(self._reader, entry.job)
        job = None if found is None else progress.shape(jobs.read(found))
        return answers.json({**shape(entry), "job": job}, revision=entry.revision)

    async def put(self, request: Request) -> Response:
        """Make it; later only name and description may change."""
        audience_id, seen = requests.path_id(request), requests.if_match(request)
        body = definitions.own_body(await requests.json_body(request), audience_id)
        audience = self._checked(body)
        known = self._log.current.audiences.get(audience_id)
        is_there = known is not None and not known.deleted
        if not is_there:
            self._check_room()
        elif (
            known is not None and seen is not None and not audiences.is_same(known.latest, audience)
        ):
            raise ConflictError(
                "frozen",
                f"the audience {audience_id!r} stays of whom it was made: make another one",
                flaws=[Flaw(path="rule", message="not to be changed, nor the tag")],
            )
        quickactions.check_tag(audience_id, audience.tag, self._log)
        after = await self._editor.save(audience_id, body, seen=seen)
        entry = after.audiences[audience_id]
        if not is_there:
            await self._runner.submit(orders.of_audience(entry))
        return answers.json(shape(entry), revision=entry.revision)

    async def delete(self, request: Request) -> Response:
        """Delete it, and take the tag away from its members."""
        audience_id, seen = requests.path_id(request), requests.if_match(request)
        entry = self._existing(audience_id)
        after = await self._editor.act(audience_id, "delete", seen=seen)
        await self._runner.cancel(entry.job)
        await self._runner.submit(orders.of_audience(after.audiences[audience_id]))
        return Response(status_code=204)

    async def versions(self, request: Request) -> Response:
        """Every version that was ever saved."""
        audience_id = requests.path_id(request)
        if audience_id not in self._log.current.audiences:
            raise definitions.missing("audiences", audience_id)
        return listing.versions(self._log, "audiences", audience_id, read=changes.decode_audience)

    async def members(self, request: Request) -> Response:
        """One page of ids."""
        entry = self._existing(requests.path_id(request))
        limit, after = requests.limit(request), paging.after(request, paging.BY_ID)
        found = await queries.tagged(
            self._reader, entry.latest.tag, after=after or "", limit=limit + 1
        )
        return answers.page(
            paging.page(found, limit=limit, key=lambda one: one, shape=lambda one: {"id": one})
        )

    def _checked(self, body: bytes) -> Audience:
        try:
            audience = changes.decode_audience(body)
        except InvalidDefinitionError as error:
            raise definitions.refused(error) from error
        ids = None if audience.ids is None else list(audience.ids)
        choice = Choice(ids=ids, segment=audience.segment, rule=_tree(audience))
        choosing.chosen(choice, self._log.current, now=self._clock())
        return audience

    def _check_room(self) -> None:
        count = sum(not entry.deleted for entry in self._log.current.audiences.values())
        if count >= AUDIENCES_MAX:
            message = f"at most {AUDIENCES_MAX} audiences: delete one that nobody needs any more"
            raise ConflictError("too_many_audiences", message)

    def _existing(self, audience_id: str) -> AudienceEntry:
        entry = self._log.current.audiences.get(audience_id)
        if entry is None or entry.deleted:
            raise definitions.missing("audiences", audience_id)
        return entry


def shape(entry: AudienceEntry) -> dict[str, object]:
    """The audience, and where it stands."""
    return {
        **answers.fields(entry.latest),
        "version": max(entry.versions),
        "status": "saved",
        "revision": entry.revision,
        "made_at": answers.time(entry.made_at),
        "job": entry.job,
    }


def _tree(audience: Audience) -> object:
    return None if audience.rule is None else msgspec.to_builtins(audience.rule)
