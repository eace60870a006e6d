"""`GET /`, the part of it that refreshes, and its files; `/metrics` lies behind the same door."""

import asyncio
from pathlib import Path
from typing import Final

import jinja2
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from api import security, telemetry
from api.admin import answers
from api.errors import ProblemError
from api.pages.overview import Overviews
from api.services import Services

HERE: Final = Path(__file__).parent

CHALLENGE: Final = {"www-authenticate": 'Basic realm="Oncue", charset="UTF-8"'}
"""A browser then asks for the token as a password; the page only reads, so that is harmless."""


class Page:
    """Works without JavaScript: then the whole page is loaded anew, every ten seconds."""

    def __init__(self, *, services: Services, overviews: Overviews) -> None:
        self._services = services
        self._overviews = overviews
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["time"] = answers.time

    def routes(self) -> list[BaseRoute]:
        """The page, and what it is made of."""
        return [
            Route("/", self.whole, methods=["GET"]),
            Route("/overview", self.part, methods=["GET"]),
            Route("/metrics", self.metrics, methods=["GET"]),
            Mount("/static", StaticFiles(directory=HERE / "static"), name="static"),
        ]

    async def whole(self, request: Request) -> Response:
        """The page for people: parts and health, last customers, last messages with reasons."""
        return await self._rendered(request, "page.html")

    async def part(self, request: Request) -> Response:
        """What of the page changes, for its script."""
        return await self._rendered(request, "overview.html")

    async def metrics(self, request: Request) -> Response:
        """Every process's metrics, as Prometheus reads them."""
        self._check(request)
        definitions = self._services.definitions
        telemetry.DEFINITIONS_OFFSET.set(definitions.current.offset)
        telemetry.DEFINITIONS_UNREADABLE.set(definitions.undecodable_count)
        text = await asyncio.to_thread(telemetry.exposition)
        return Response(text, media_type=telemetry.CONTENT_TYPE)

    async def _rendered(self, request: Request, name: str) -> Response:
        self._check(request)
        overview = await self._overviews.current()
        text = self._templates.get_template(name).render(overview=overview)
        return Response(text, media_type="text/html", headers={"cache-control": "no-store"})

    def _check(self, request: Request) -> None:
        settings = self._services.settings
        if not security.may_look(
            request.headers, listens_on=settings.host, token=settings.admin_token
        ):
            raise ProblemError(
                401, "unauthorized", "send the admin token as a password", headers=CHALLENGE
            )
