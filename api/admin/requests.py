"""Reading a request of the administration: ids, limits, bodies, revisions."""

import re
from datetime import datetime
from typing import Final, TypeVar
from urllib.parse import unquote

import msgspec
from starlette.requests import Request

from api.admin.errors import BadRequestError, MediaTypeError
from api.admin.paging import LATEST_MS
from api.collector import bodies
from engine.errors import Flaw

T = TypeVar("T")

BODY_MAX_BYTES: Final = 512 * 1024
"""A template may hold three texts of 64 KiB; as JSON escapes that can be several times more."""

LIMIT_DEFAULT: Final = 50
LIMIT_MAX: Final = 500

ID_MAX_CHARS: Final = 512

_ETAG: Final = re.compile(r'(?:W/)?"([0-9]{1,15})"')


def path_id(request: Request) -> str:
    """The id in the path, decoded: it may hold any character, a slash too (`api.paths`).

    Raises:
        BadRequestError: empty, too long or with control characters.
    """
    text = unquote(request.path_params["id"], errors="strict")
    if not text or len(text) > ID_MAX_CHARS or not text.isprintable():
        raise BadRequestError("invalid_id", f"an id has 1 to {ID_MAX_CHARS} printable characters")
    return text


def limit(request: Request) -> int:
    """How many items the page may have.

    Raises:
        BadRequestError: no number, or out of bounds.
    """
    text = request.query_params.get("limit")
    if text is None:
        return LIMIT_DEFAULT
    if not re.fullmatch(r"[0-9]{1,6}", text) or not 1 <= int(text) <= LIMIT_MAX:
        flaw = Flaw(path="limit", message=f"a number from 1 to {LIMIT_MAX}")
        raise BadRequestError("invalid_query", f"limit: {flaw.message}", flaws=[flaw])
    return int(text)


async def json_body(request: Request) -> bytes:
    """Read the body, which must say that it is JSON.

    Raises:
        MediaTypeError: it says something else.
        ProblemError: too large, too slow, wrongly packed.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise MediaTypeError
    return await bodies.read(request, max_bytes=BODY_MAX_BYTES)


def decoded(body: bytes, expected: type[T]) -> T:
    """Decode JSON into a type.

    Raises:
        BadRequestError: `invalid_json` where it is none, `invalid_body` where it has another form.
    """
    try:
        return msgspec.json.decode(body, type=expected)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `$")
        flaw = Flaw(path=place.rstrip("`").lstrip("."), message=message)
        raise BadRequestError("invalid_body", message, flaws=[flaw]) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        flaw = Flaw(path="", message=str(error))
        raise BadRequestError("invalid_json", f"no JSON: {error}", flaws=[flaw]) from error


def if_match(request: Request) -> int | None:
    """The revision the editor saw; None where the request does not say.

    Raises:
        BadRequestError: it is no ETag of ours.
    """
    text = request.headers.get("if-match")
    if text is None:
        return None
    match = _ETAG.fullmatch(text.strip())
    if match is None:
        raise BadRequestError("invalid_etag", f'If-Match is an ETag like "3", not {text!r}')
    return int(match[1])


def instant(request: Request, name: str, *, otherwise: int) -> int:
    """A time in the query, with any offset, as epoch ms UTC.

    Raises:
        BadRequestError: it is none, or says no offset.
    """
    text = request.query_params.get(name)
    if not text:
        return otherwise
    try:
        # A plus sign in a query means a space; nobody means a space in a time.
        time = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        flaw = Flaw(path=name, message="a time like 2026-11-22T09:00:00Z")
        raise BadRequestError("invalid_query", f"{name}: {flaw.message}", flaws=[flaw])
    at = int(time.timestamp() * 1000)
    return min(max(at, 0), LATEST_MS)


def wrong(name: str, expected: str) -> BadRequestError:
    """A parameter or field that is not what it has to be."""
    flaw = Flaw(path=name, message=expected)
    return BadRequestError("invalid_query", f"{name}: {expected}", flaws=[flaw])
