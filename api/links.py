"""What the links of a message lead to: the open pixel and the click redirect.

The person comes first. A response is handed to the producer and waited for only briefly: when Kafka
is slow the answer goes out all the same, and the response is appended as soon as Kafka takes it.
It is lost only if this process dies before that, or if the producer has no room: a click that is
not counted is a smaller loss than a shop that does not open.
"""

import asyncio
import base64
from collections.abc import Callable
from typing import Final

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.errors import ProblemError
from channels.errors import InvalidTokenError
from channels.links import Links, Origin
from engine import ids, sends
from engine.events import KINDS, Responded
from streams import topics
from streams.errors import StreamError
from streams.producer import Producer
from streams.records import KIND_HEADER, Record

WAIT_S: Final = 0.25
"""For Kafka's acknowledgement; nobody notices a redirect that takes so long."""

USER_AGENT_MAX_CHARS: Final = 256

PIXEL: Final = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""A transparent GIF, 1 x 1."""

HEADERS: Final = {"cache-control": "no-store, private", "x-robots-tag": "noindex"}
"""Asked every time, or only the first opening would ever be seen."""

PREFETCH_HEADERS: Final = ("sec-purpose", "purpose", "x-purpose", "x-moz")

_encode: Final = msgspec.json.Encoder().encode

log = structlog.get_logger(__name__)


class Redirects:
    """Answers pixels and clicks, and tells the customer's row of them."""

    def __init__(self, *, links: Links, producer: Producer, now: Callable[[], int]) -> None:
        self._links = links
        self._producer = producer
        self._now = now

    async def pixel(self, request: Request) -> Response:
        """Show nothing; note that the message was opened.

        Raises:
            ProblemError: 404, no link of ours.
        """
        try:
            origin = self._links.opened(request.path_params["token"])
        except InvalidTokenError as error:
            raise _not_found(error) from error
        event_id = ids.derived(origin.message_id, "opened")
        await self._note(request, origin, self._event(request, origin, "opened", event_id=event_id))
        return Response(PIXEL, headers=HEADERS, media_type="image/gif")

    async def click(self, request: Request) -> Response:
        """Lead on to where the message pointed, and nowhere else.

        Raises:
            ProblemError: 404, no link of ours.
        """
        try:
            click = self._links.clicked(request.path_params["token"])
        except InvalidTokenError as error:
            raise _not_found(error) from error
        origin = click.origin
        event_id = ids.derived(origin.message_id, "clicked", click.index)
        event = self._event(request, origin, "clicked", event_id=event_id, url=click.url)
        await self._note(request, origin, event)
        return RedirectResponse(click.url, status_code=302, headers=HEADERS)

    def _event(
        self,
        request: Request,
        origin: Origin,
        response: sends.Response,
        *,
        event_id: str,
        url: str | None = None,
    ) -> Responded:
        """The same opening or click has the same id: the row counts it once."""
        return Responded(
            id=event_id,
            occurred_at=self._now(),
            source="links",
            message_id=origin.message_id,
            channel=origin.channel,
            campaign=origin.campaign,
            response=response,
            url=url,
            user_agent=request.headers.get("user-agent", "")[:USER_AGENT_MAX_CHARS] or None,
        )

    async def _note(self, request: Request, origin: Origin, event: Responded) -> None:
        if _is_looking_ahead(request):
            return
        record = Record(
            topic=topics.EVENTS.name,
            key=origin.customer_key.encode(),
            value=_encode(event),
            headers=((KIND_HEADER, KINDS[Responded].encode()),),
        )
        try:
            delivery = self._producer.hand_over([record])
            async with asyncio.timeout(WAIT_S):
                await delivery.acknowledged()
        except TimeoutError:
            log.info("response_waits", response=event.response)
        except StreamError as error:
            log.warning("response_lost", response=event.response, code=error.code)


def routes(redirects: Redirects) -> list[Route]:
    """List the routes; the application that takes them needs `api.problems.HANDLERS`."""
    return [
        Route("/o/{token}", redirects.pixel, methods=["GET"]),
        Route("/c/{token}", redirects.click, methods=["GET"]),
    ]


def _is_looking_ahead(request: Request) -> bool:
    """Whether a program asks without a person: HEAD, or a browser that fetches in advance."""
    if request.method == "HEAD":
        return True
    said = " ".join(request.headers.get(name, "") for name in PREFETCH_HEADERS).lower()
    return "prefetch" in said or "preview" in said


def _not_found(error: InvalidTokenError) -> ProblemError:
    return ProblemError(404, error.code, str(error))
