"""Pages: `{"items": [...], "cursor": "..." | null}`; a cursor is the place of the last item."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Final, TypeVar

import msgspec
from starlette.requests import Request

from api.admin.errors import BadRequestError
from engine.errors import Flaw

T = TypeVar("T")

LATEST_MS: Final = 10_413_791_999_999
"""The end of 2299: where ClickHouse's times end."""

Instant = Annotated[int, msgspec.Meta(ge=0, le=LATEST_MS)]
Rank = Annotated[int, msgspec.Meta(ge=0, le=1_000)]

BY_ID: Final[msgspec.json.Decoder[str]] = msgspec.json.Decoder(str)
BY_FIT: Final[msgspec.json.Decoder[tuple[int, str]]] = msgspec.json.Decoder(tuple[Rank, str])
BY_TIME: Final[msgspec.json.Decoder[tuple[int, str]]] = msgspec.json.Decoder(tuple[Instant, str])
BY_DECISION: Final[msgspec.json.Decoder[tuple[int, int, str]]] = msgspec.json.Decoder(
    tuple[Instant, Rank, str]
)


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a list; the next one begins after the cursor, null at the end."""

    items: list[object]
    cursor: str | None


def page(
    found: Sequence[T], *, limit: int, key: Callable[[T], object], shape: Callable[[T], object]
) -> Page:
    """Cut `found`, which was asked for with one item more than the limit, to the page."""
    items = found[:limit]
    cursor = _encoded(key(items[-1])) if len(found) > limit else None
    return Page(items=[shape(item) for item in items], cursor=cursor)


def after(request: Request, order: msgspec.json.Decoder[T]) -> T | None:
    """Read the place that the page shall begin after; None: the beginning.

    Raises:
        BadRequestError: the cursor is none of ours.
    """
    return read(request.query_params.get("cursor"), order)


def read(text: str | None, order: msgspec.json.Decoder[T]) -> T | None:
    """The same of a cursor that stood in a body."""
    if not text:
        return None
    try:
        return order.decode(base64.urlsafe_b64decode(_padded(text)))
    except (binascii.Error, msgspec.DecodeError, ValueError) as error:
        raise refused() from error


def refused() -> BadRequestError:
    """A cursor that is none of ours, or another list's."""
    flaw = Flaw(path="cursor", message="no cursor of this list")
    return BadRequestError("invalid_query", "cursor: none of this list", flaws=[flaw])


def _encoded(key: object) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def _padded(text: str) -> bytes:
    return text.encode() + b"=" * (-len(text) % 4)
