"""`/health/live` and `/health/ready`: what a supervisor and a load balancer ask."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api import problems, security
from api.services import Services
from clickhouse.errors import ClickHouseError
from engine.errors import Flaw
from streams.errors import StreamError
from tables.errors import TablesError

PARTS: Final = ("worker", "delivery", "sink", "mirror", "doors")
"""What has to run besides the API, by the names in their heartbeats."""

ANSWER_S: Final = 4.0
"""For one check: longer than the clients' own time-outs, so that their words are heard."""

READY: Final = "ready"

State = Literal["ready", "starting", "away"]


class PartHealth(msgspec.Struct, frozen=True, kw_only=True):
    """One server or process, as it answered just now."""

    name: str
    state: State
    message: str = ""
    """Why not; for people."""

    @property
    def is_ready(self) -> bool:
        """Whether it does its work."""
        return self.state == READY


class Health:
    """Asks every part, each time it is asked itself."""

    def __init__(self, *, services: Services, parts: Sequence[str] = PARTS) -> None:
        self._services = services
        self._parts = tuple(parts)

    def routes(self) -> list[Route]:
        """The probes; open everywhere, since they say nothing about anybody."""
        return [
            Route("/health/live", self.live, methods=["GET"]),
            Route("/health/ready", self.ready, methods=["GET"]),
        ]

    async def live(self, _: Request) -> Response:
        """Whether this process answers at all."""
        return _json({"status": "live"})

    async def ready(self, request: Request) -> Response:
        """Whether every part that is needed answers; 503 says which does not.

        Why not, with addresses, is for those who may see the page.
        """
        settings = self._services.settings
        is_told = security.may_look(
            request.headers, listens_on=settings.host, token=settings.admin_token
        )
        found = await self.parts()
        missing = [part for part in found if not part.is_ready]
        if not missing:
            return _json({"status": READY, "parts": {part.name: part.state for part in found}})
        names = ", ".join(part.name for part in missing)
        return problems.response(
            503,
            "not_ready",
            f"not ready: {names}",
            flaws=[
                Flaw(path=part.name, message=(is_told and part.message) or part.state)
                for part in missing
            ],
            headers={"retry-after": "2"},
        )

    async def parts(self) -> list[PartHealth]:
        """Ask all of them at once."""
        services = self._services
        servers = await asyncio.gather(
            _checked("kafka", services.admin.probe),
            _checked("clickhouse", services.reader.ping),
        )
        return [*servers, *await self._beating()]

    async def _beating(self) -> list[PartHealth]:
        """Redis, and who lets it know of itself."""
        states: Mapping[str, set[str]] = {}
        try:
            async with asyncio.timeout(ANSWER_S):
                found = await self._services.heartbeats.parts()
        except (TablesError, TimeoutError) as error:
            redis = PartHealth(name="redis", state="away", message=str(error) or "no answer")
        else:
            redis = PartHealth(name="redis", state=READY)
            states = {name: {p.state for p in found if p.name == name} for name in self._parts}
        return [redis, *(_of_states(name, states.get(name, set())) for name in self._parts)]


async def _checked(name: str, ask: Callable[[], Awaitable[None]]) -> PartHealth:
    try:
        async with asyncio.timeout(ANSWER_S):
            await ask()
    except (StreamError, ClickHouseError, TimeoutError) as error:
        return PartHealth(name=name, state="away", message=str(error) or "no answer in time")
    return PartHealth(name=name, state=READY)


def _of_states(name: str, states: set[str]) -> PartHealth:
    """Several processes may share a name: one that is ready is enough."""
    if not states:
        return PartHealth(name=name, state="away", message="no heartbeat in the last 10 s")
    if READY in states:
        return PartHealth(name=name, state=READY)
    return PartHealth(name=name, state="starting", message=", ".join(sorted(states)))


def _json(value: object) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")
