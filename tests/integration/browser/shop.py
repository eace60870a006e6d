"""The shop whose pages the tests visit, under a strict Content-Security-Policy."""

from pathlib import Path
from typing import Final

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from engine.events import Identified, SourceEvent
from tests.integration.collector.serving import Log
from tests.support.moods import Moody
from tests.support.waiting import eventually

PAGES: Final = Path(__file__).with_name("pages")


class Shop:
    """The addresses, the collector's bad days, and what came of a visit."""

    def __init__(self, *, url: str, collector: str, moody: Moody, log: Log) -> None:
        self.url = url
        self.collector = collector
        self.moody = moody
        self.repeated: list[str] = []
        """Ids that came again: the same event, since the worker knows them by it."""
        self._log = log
        self._found: dict[str, SourceEvent] = {}

    async def told(self, count: int) -> list[SourceEvent]:
        """Wait until the log has so many events since the visit began; then all of them."""
        try:
            await eventually(lambda: self._has(count))
        except AssertionError as error:
            error.add_note(f"only {[shown(event) for event in self._found.values()]}")
            raise
        return list(self._found.values())

    async def _has(self, count: int) -> bool:
        for event in await self._log.events():
            assert isinstance(event, SourceEvent)
            if event.id in self._found:
                self.repeated.append(event.id)
            self._found.setdefault(event.id, event)
        return len(self._found) >= count


def shown(event: SourceEvent) -> str:
    """An event as tests compare it: its name, or the title of the page."""
    if isinstance(event, Identified):
        return "identify"
    if not event.name:
        return f"page {msgspec.json.decode(event.properties)['title']}"
    return event.name


def application(*, collector: str) -> Starlette:
    """The pages: `?attributes=` adds attributes to the tracker's tag."""
    policy = (
        f"default-src 'none'; script-src 'self' {collector}; connect-src {collector}; img-src data:"
    )
    headers = {"content-security-policy": policy, "cache-control": "no-store"}

    async def page(request: Request) -> Response:
        text = (PAGES / "shop.html").read_text().replace("@COLLECTOR@", collector)
        attributes = request.cookies.get("attributes", "")
        return HTMLResponse(text.replace("@ATTRIBUTES@", f" {attributes}"), headers=headers)

    async def script(_: Request) -> Response:
        text = (PAGES / "shop.js").read_text()
        return Response(text, media_type="text/javascript", headers=headers)

    return Starlette(routes=[Route("/shop.js", script), Route("/{path:path}", page)])
