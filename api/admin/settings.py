"""`/api/settings`: what goes for the whole installation, versioned like every definition."""

from collections.abc import Sequence
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, definitions, listing, requests
from api.admin.definitions import Clock, Editor
from api.admin.endpoints import Endpoint
from engine.definitions import changes, settings
from engine.definitions.folded import Definitions
from engine.definitions.settings import Settings
from engine.errors import InvalidDefinitionError
from streams.definitions import DefinitionsLog

PATH: Final = "/api/settings"


class SettingsPage:
    """There always are settings: the defaults have revision 0, the first PUT makes it 1."""

    def __init__(self, *, log: DefinitionsLog, clock: Clock) -> None:
        self._log = log
        self._editor = Editor(kind="settings", log=log, clock=clock)

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        return (
            Endpoint(
                method="GET",
                path=PATH,
                handler=self.get,
                summary="The settings as they stand, defaults included; their revision is the "
                "ETag.",
                answer=Settings,
            ),
            Endpoint(
                method="PUT",
                path=PATH,
                handler=self.put,
                summary="Replace the settings; what the body leaves out goes back to its default.",
                body=Settings,
                answer=Settings,
                statuses=(400, 409, 413, 415, 503),
            ),
            Endpoint(
                method="GET",
                path=f"{PATH}/versions",
                handler=self.versions,
                summary="Every version of the settings that was saved, newest first.",
            ),
        )

    async def get(self, _: Request) -> Response:
        """The newest version."""
        return _answer(self._log.current)

    async def put(self, request: Request) -> Response:
        """Save; whoever saw an older revision hears of it."""
        seen = requests.if_match(request)
        body = own_body(await requests.json_body(request))
        try:
            check(body)
        except InvalidDefinitionError as error:
            raise definitions.refused(error) from error
        return _answer(await self._editor.save(settings.ID, body, seen=seen))

    async def versions(self, _: Request) -> Response:
        """Every version that was ever saved."""
        return listing.versions(self._log, "settings", settings.ID, read=changes.decode_settings)


def own_body(body: bytes) -> bytes:
    """The settings alone, so that what was read can be sent again.

    Raises:
        BadRequestError: no JSON object.
    """
    fields = requests.decoded(body, dict[str, msgspec.Raw])
    for name in definitions.OURS:
        fields.pop(name, None)
    return msgspec.json.encode(fields)


def check(body: bytes) -> None:
    """Refuse what would be void, and a zone that this machine does not know.

    Raises:
        InvalidDefinitionError: with every flaw and its place.
    """
    flaws = settings.zone_flaws(changes.decode_settings(body))
    if flaws:
        raise InvalidDefinitionError(flaws)


def _answer(known: Definitions) -> Response:
    revision = known.settings_revision
    shape = {**answers.fields(known.settings), "revision": revision}
    return answers.json(shape, revision=revision)
