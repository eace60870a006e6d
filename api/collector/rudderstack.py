"""What RudderStack's browser bundle asks for (`configUrl`) before it sends anything."""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api.collector import credentials
from api.collector.credentials import Keys
from api.errors import ProblemError

PATHS: Final = ("/sourceConfig", "/sourceConfig/")


class SourceConfig:
    """A source that is on and forwards to nobody: the collector keeps what comes."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    async def answer(self, request: Request) -> Response:
        """Say so to who has a write key.

        Raises:
            ProblemError: 401 `missing_key`, `invalid_key`; 404, it is no write key.
        """
        given = credentials.from_headers(request.headers) or request.query_params.get("writeKey")
        key = self._keys.check(given)
        if key.is_secret:
            raise ProblemError(404, "not_found", "there is no source with this write key")
        source = {
            "id": key.name,
            "name": key.name,
            "writeKey": key.value,
            "enabled": True,
            "workspaceId": "oncue",
            "config": {"statsCollection": {}},
            "destinations": [],
        }
        return Response(msgspec.json.encode({"source": source}), media_type="application/json")
