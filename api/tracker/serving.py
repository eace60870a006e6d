"""`GET /oncue.js`: small, cached by browsers, checked by its tag, usable from any origin."""

import gzip
import hashlib
from pathlib import Path
from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

BUILT: Final = Path(__file__).with_name("oncue.min.js")

HEADERS: Final = {
    # An hour, since a repaired tracker must reach every page soon; then the old one serves once
    # more while the browser looks for a new one, so that no page ever waits.
    "cache-control": "public, max-age=3600, stale-while-revalidate=86400",
    "access-control-allow-origin": "*",
    # Pages that isolate themselves (COEP) load nothing from elsewhere without it.
    "cross-origin-resource-policy": "cross-origin",
    "vary": "accept-encoding",
    "x-content-type-options": "nosniff",
}


class Form(NamedTuple):
    """The script as it goes over the wire."""

    body: bytes
    etag: str
    encoding: str | None


class Script:
    """Packed once, at the start: it is the same for everybody."""

    def __init__(self, source: bytes) -> None:
        # Without a time in its head, so that every process gives the same bytes and tag.
        packed = gzip.compress(source, 9, mtime=0)
        tag = hashlib.sha256(source).hexdigest()[:20]
        self.plain = Form(source, f'"{tag}"', None)
        self.packed = Form(packed, f'"{tag}-gzip"', "gzip")

    async def answer(self, request: Request) -> Response:
        """The script, or 304 when the browser has it."""
        form = self.packed if _takes_gzip(request) else self.plain
        headers = HEADERS | {"etag": form.etag}
        if _is_known(request.headers.get("if-none-match", ""), form.etag):
            return Response(status_code=304, headers=headers)
        if form.encoding:
            headers["content-encoding"] = form.encoding
        return Response(form.body, headers=headers, media_type="text/javascript")


def routes() -> list[Route]:
    """The one route; HEAD comes with GET."""
    return [Route("/oncue.js", Script(BUILT.read_bytes()).answer, methods=["GET"])]


def _takes_gzip(request: Request) -> bool:
    for offer in request.headers.get("accept-encoding", "").split(","):
        name, _, weight = offer.strip().partition(";")
        if name.strip().lower() in {"gzip", "*"}:
            return weight.strip().removeprefix("q=").strip("0.") != "" or not weight
    return False


def _is_known(tags: str, etag: str) -> bool:
    """Weak tags count as well: proxies that pack anew make them of ours (RFC 9110, 13.1.2)."""
    known = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
    return etag in known or "*" in known
