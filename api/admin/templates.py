"""`/api/templates`."""

import asyncio
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, definitions, listing, requests
from api.admin.definitions import Clock, Editor
from api.admin.endpoints import Endpoint
from api.admin.errors import ConflictError
from channels.rendering import render
from engine.definitions import changes
from engine.definitions.entries import RUNNING
from engine.definitions.folded import Definitions, TemplateEntry
from engine.definitions.templates import Template
from engine.errors import Flaw, InvalidDefinitionError
from streams.definitions import DefinitionsLog


class Templates:
    """What messages say; a message pins the version it was decided with."""

    def __init__(self, *, log: DefinitionsLog, clock: Clock) -> None:
        self._log = log
        self._editor = Editor(kind="templates", log=log, clock=clock)

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        return definitions.endpoints("templates", Template, self)

    async def list(self, request: Request) -> Response:
        """One page, by id."""
        return listing.page(request, self._log.current.templates, shape)

    async def get(self, request: Request) -> Response:
        """The newest version."""
        entry = self._existing(requests.path_id(request))
        return answers.json(shape(entry), revision=entry.revision)

    async def put(self, request: Request) -> Response:
        """Create or replace."""
        template_id, seen = requests.path_id(request), requests.if_match(request)
        body = definitions.own_body(await requests.json_body(request), template_id)
        try:
            template = changes.decode_template(body)
        except InvalidDefinitionError as error:
            raise definitions.refused(error) from error
        # Compiling a large template takes longer than the event loop may stand still.
        flaws = await asyncio.to_thread(render.check, template)
        if flaws:
            raise definitions.refused(InvalidDefinitionError(flaws))
        after = await self._editor.save(template_id, body, seen=seen)
        entry = after.templates[template_id]
        return answers.json(shape(entry), revision=entry.revision)

    async def delete(self, request: Request) -> Response:
        """Delete; what was decided with a version is still sent."""
        template_id, seen = requests.path_id(request), requests.if_match(request)
        self._existing(template_id)
        self._editor.check_seen(template_id, seen)
        users = running_users(self._log.current, template_id)
        if users:
            raise ConflictError(
                "template_in_use",
                f"running campaigns send it: {', '.join(users)}; stop them first",
                flaws=[Flaw(path=f"campaigns.{user}", message="sends it") for user in users],
            )
        await self._editor.act(template_id, "delete", seen=seen)
        return Response(status_code=204)

    async def versions(self, request: Request) -> Response:
        """Every version that was ever saved."""
        template_id = requests.path_id(request)
        if template_id not in self._log.current.templates:
            raise definitions.missing("templates", template_id)
        return listing.versions(self._log, "templates", template_id, read=changes.decode_template)

    def _existing(self, template_id: str) -> TemplateEntry:
        entry = self._log.current.templates.get(template_id)
        if entry is None or entry.deleted:
            raise definitions.missing("templates", template_id)
        return entry


def shape(entry: TemplateEntry) -> object:
    """The template, and where it stands."""
    return {
        **answers.fields(entry.latest),
        "version": max(entry.versions),
        "status": "saved",
        "revision": entry.revision,
    }


def running_users(known: Definitions, template_id: str) -> list[str]:
    """The campaigns that run, or may be resumed, and send this template."""
    return sorted(
        campaign_id
        for campaign_id, entry in known.campaigns.items()
        if entry.status in RUNNING
        and entry.published is not None
        and any(step.template == template_id for _, step in entry.published.sends())
    )
