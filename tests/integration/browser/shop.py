"""The shop whose pages the tests visit, under a strict Content-Security-Policy."""

from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tests.support.collecting import Collecting

PAGES: Final = Path(__file__).with_name("pages")


class Shop:
    """The address of the pages, and what comes of a visit."""

    def __init__(self, *, url: str, collecting: Collecting) -> None:
        self.url = url
        self.collector = collecting.url
        self.moody = collecting.moody
        self.repeated = collecting.repeated
        self.told = collecting.told


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
